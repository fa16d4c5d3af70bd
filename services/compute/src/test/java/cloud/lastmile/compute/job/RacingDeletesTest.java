package cloud.lastmile.compute.job;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.testing.Race;
import cloud.lastmile.testing.TestingHttp;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Of twelve clients who delete the same thing at once one succeeds, and it is counted once. */
final class RacingDeletesTest {
  private static final String PREFIX = "/compute/v2.1";

  @AutoClose private static final TestingCompute compute = new TestingCompute("one");

  private static void oneSucceeds(TestingHttp http, String path, int success, String event) {
    long before = events(event);
    assertThat(Race.statuses(() -> http.delete(PREFIX + path)))
        .containsOnly(success, 404)
        .containsOnlyOnce(success);
    assertThat(events(event)).isEqualTo(before + 1);
  }

  private static long events(String type) {
    return compute
        .database
        .database()
        .read(handle ->
            handle
                .createQuery("SELECT count(*) FROM work.event WHERE type = :type")
                .bind("type", type)
                .mapTo(Long.class)
                .one());
  }

  @Test
  void groupIsDeletedOnce() {
    TestingHttp member = compute.member();
    String group = "";
    for (int count = 0; count < 3; count++) {
      String body = "{\"server_group\": {\"name\": \"g\", \"policy\": \"affinity\"}}";
      JsonNode made = member.post(PREFIX + "/os-server-groups", body).expect(200).json();
      group = made.at("/server_group/id").asString();
    }
    oneSucceeds(member, "/os-server-groups/" + group, 204, "compute.server_group.delete");
    JsonNode limits = member.get(PREFIX + "/limits").expect(200).json().at("/limits/absolute");
    assertThat(limits.path("totalServerGroupsUsed").asInt()).isEqualTo(2);
  }

  @Test
  void keypairIsDeletedOnce() {
    TestingHttp member = compute.member("2.91");
    member.post(PREFIX + "/os-keypairs", "{\"keypair\": {\"name\": \"k\"}}").expect(201);
    oneSucceeds(member, "/os-keypairs/k", 204, "compute.keypair.delete");
  }

  @Test
  void flavorAndItsSpecAreDeletedOnce() {
    TestingHttp admin = compute.admin();
    String flavor =
        "{\"name\": \"raced\", \"id\": \"raced\", \"ram\": 64, \"vcpus\": 1, \"disk\": 1}";
    admin.post(PREFIX + "/flavors", "{\"flavor\": " + flavor + "}").expect(200);
    String specs = PREFIX + "/flavors/raced/os-extra_specs";
    admin.post(specs, "{\"extra_specs\": {\"hw:numa_nodes\": \"1\"}}").expect(200);
    assertThat(Race.statuses(() -> admin.delete(specs + "/hw:numa_nodes")))
        .containsOnly(200, 404)
        .containsOnlyOnce(200);
    oneSucceeds(admin, "/flavors/raced", 202, "compute.flavor.delete");
  }

  @Test
  void aggregateIsDeletedOnce() {
    TestingHttp admin = compute.admin();
    String body = "{\"aggregate\": {\"name\": \"raced\"}}";
    JsonNode made = admin.post(PREFIX + "/os-aggregates", body).expect(200).json();
    String path = "/os-aggregates/" + made.at("/aggregate/id").asInt();
    oneSucceeds(admin, path, 200, "compute.aggregate.delete");
  }

  @Test
  void itemAndTagOfServerAreDeletedOnce() {
    String server = compute.active("raced", "\"metadata\": {\"a\": \"b\"}", "\"tags\": [\"t\"]");
    TestingHttp member = compute.member();
    for (String part : List.of("/metadata/a", "/tags/t")) {
      assertThat(Race.statuses(() -> member.delete(PREFIX + "/servers/" + server + part)))
          .containsOnly(204, 404)
          .containsOnlyOnce(204);
    }
  }

  @Test
  void serverGivesItsQuotaBackOnce() {
    String kept = compute.active("kept");
    String server = compute.active("gone");
    TestingHttp member = compute.member();
    // As in the reference, who comes while it is being deleted is told the same.
    assertThat(Race.statuses(() -> member.delete(PREFIX + "/servers/" + server)))
        .isSubsetOf(204, 404)
        .contains(204);
    compute.awaitGone(server);
    JsonNode limits = member.get(PREFIX + "/limits").expect(200).json().at("/limits/absolute");
    assertThat(limits.path("totalInstancesUsed").asLong())
        .isEqualTo(member.get(PREFIX + "/servers").expect(200).json().path("servers").size());
    assertThat(events("compute.instance.delete")).isEqualTo(1);
    member.get(PREFIX + "/servers/" + kept).expect(200);
  }
}
