package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A list of several pieces is whole and in order, whatever it is sorted by. */
final class LongListsTest {
  private static final int NETWORKS = 3_456;

  @AutoClose private static final TestingNetwork net = new TestingNetwork();

  static {
    String model = net.network(net.member("long"));
    net.database
        .database()
        .change(handle ->
            handle.execute(
                """
                INSERT INTO network.network
                SELECT (n).* FROM (
                  SELECT jsonb_populate_record(r, jsonb_build_object(
                    'id', gen_random_uuid(), 'name', 'n' || (i %% 7),
                    'description', 'd' || (i %% 3), 'segmentation_id', 100000 + i)) AS n
                  FROM network.network r, generate_series(1, %d) AS i
                  WHERE r.id = CAST('%s' AS uuid)) AS many\
                """
                    .formatted(NETWORKS - 1, model)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?sort_key=name&sort_dir=desc",
        "?sort_key=description&sort_dir=asc&sort_key=name&sort_dir=desc",
        "?sort_key=created_at&sort_dir=asc",
        "?sort_key=admin_state_up&sort_dir=desc",
        "?sort_key=provider:segmentation_id&sort_dir=asc",
        "?limit=3000",
        "?limit=0",
        "?fields=name&fields=id"
      })
  void allComeOnceAndInOrder(String query) {
    TestingHttp member = net.admin();
    JsonNode answer =
        member
            .get("/networks" + (query.isEmpty() ? "?" : query + "&") + "project_id=long")
            .expect(200)
            .json();
    Set<String> ids = new HashSet<>();
    List<String> names = new ArrayList<>();
    for (JsonNode network : answer.path("networks")) {
      ids.add(network.path("id").asString());
      names.add(network.path("name").asString());
    }
    int wanted = query.contains("3000") ? 3000 : NETWORKS;
    assertThat(names).hasSize(wanted);
    assertThat(ids).hasSize(wanted);
    if (query.startsWith("?sort_key=name")) {
      assertThat(names).isSortedAccordingTo((one, other) -> other.compareTo(one));
    }
    if (wanted == 3000) {
      String next = answer.at("/networks_links/0/href").asString();
      JsonNode rest = member.get(next.substring(next.indexOf("/networks?"))).expect(200).json();
      assertThat(rest.path("networks")).hasSize(NETWORKS - wanted);
      rest.path("networks").forEach(one -> ids.add(one.path("id").asString()));
      assertThat(ids).hasSize(NETWORKS);
    }
  }
}
