package cloud.lastmile.compute.boot;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.testing.Race;
import cloud.lastmile.testing.TestingHttp;
import java.util.Base64;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** More servers at once than the quota allows cost no more than a look at the quota. */
final class ManyServersTest {
  private static final String SERVERS = "/compute/v2.1/servers";

  @AutoClose private static final TestingCompute compute = new TestingCompute("one");

  private static long rows(String table) {
    return compute
        .database
        .database()
        .read(
            handle -> handle.createQuery("SELECT count(*) FROM " + table).mapTo(Long.class).one());
  }

  @Test
  void quotaIsAskedBeforeRowsAreWritten() {
    String data = "\"user_data\": \"" + Base64.getEncoder().encodeToString(new byte[40_960]) + "\"";
    TestingHttp member = compute.member();
    for (long count : new long[] {11, 10_000, 2_000_000_000}) {
      String body = compute.body("many", "\"min_count\": " + count, data);
      assertThat(member.post(SERVERS, body).expect(403).text())
          .contains("Quota exceeded for", "but already used");
    }
    assertThat(rows("compute.server")).isZero();
    assertThat(rows("work.job")).isZero();
    // As many as there is room for, no fewer than asked for.
    member
        .post(SERVERS, compute.body("some", "\"min_count\": 2", "\"max_count\": 9000", data))
        .expect(202);
    assertThat(rows("compute.server")).isEqualTo(10);
    compute.admin().put("/compute/v2.1/os-quota-sets/p1", unlimited()).expect(200);
    assertThat(
            Race.statuses(
                () -> member.post(SERVERS, compute.body("endless", "\"min_count\": 10000", data))))
        .containsOnly(400);
    assertThat(rows("compute.server")).isEqualTo(10);
  }

  private static String unlimited() {
    return "{\"quota_set\": {\"instances\": -1, \"cores\": -1, \"ram\": -1}}";
  }

  @Test
  void serverHasFewNetworks() {
    String one = "{\"uuid\": \"" + compute.network + "\"}";
    String many = "\"networks\": [" + (one + ", ").repeat(64) + one + "]";
    compute.member().post(SERVERS, compute.body("wide", many)).expect(400);
  }

  @Test
  void keyIsNotMadeForAFullQuota() {
    TestingHttp stranger = compute.stranger().with("OpenStack-API-Version", "compute 2.91");
    compute
        .admin()
        .put("/compute/v2.1/os-quota-sets/p2", "{\"quota_set\": {\"key_pairs\": 2}}")
        .expect(200);
    int[] next = {0};
    assertThat(
            Race.statuses(() -> {
              String name;
              synchronized (next) {
                name = "k" + next[0]++;
              }
              return stranger.post(
                  "/compute/v2.1/os-keypairs", "{\"keypair\": {\"name\": \"" + name + "\"}}");
            }))
        .containsOnly(201, 403)
        .filteredOn(status -> status == 201)
        .hasSize(2);
    JsonNode keys = stranger.get("/compute/v2.1/os-keypairs").expect(200).json();
    assertThat(keys.path("keypairs")).hasSize(2);
  }
}
