package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Kills Lastmile again and again while it starts: the next start finds everything as it was. */
class KillStartTest {
  private static final int KILLS = Integer.getInteger("lastmile.kills", 5);
  private static final int SERVERS = 3;
  private static final long SEED = 26;

  @Test
  void startsAfterAnyNumberOfInterruptedStarts() throws Exception {
    Random random = new Random(SEED);
    try (TestedCloud cloud = TestedCloud.start("--simulated")) {
      Tenant tenant = Tenant.prepare(cloud);
      for (int number = 0; number < SERVERS; number++) {
        tenant.create("start-" + number, "").expect(202);
      }
      // Jobs may be under way when it is killed: the starts have something to finish.
      cloud.kill();
      for (int kill = 1; kill <= KILLS; kill++) {
        cloud.upAndKill(random);
      }
      cloud.up();
      Map<UUID, JsonNode> servers =
          Await.value(
              "all servers settled",
              Guest.BOOT,
              tenant::servers,
              seen -> seen.values().stream().allMatch(Ownership::settled));
      assertThat(servers).hasSize(SERVERS);
      assertThat(servers.values())
          .allSatisfy(server -> assertThat(server.at("/status").asString()).isEqualTo("ACTIVE"));
      new Ownership(cloud, tenant).check();
    }
  }
}
