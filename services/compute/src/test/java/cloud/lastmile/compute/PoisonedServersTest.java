package cloud.lastmile.compute;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.GuestStatus.Power;
import cloud.lastmile.testing.Await;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A server whose row makes no sense harms no other on its host or in a list. */
final class PoisonedServersTest {
  @AutoClose private static final TestingCompute COMPUTE = new TestingCompute("h1");
  private UUID poisoned = new UUID(0, 0);

  private static void set(UUID id, String assignment) {
    COMPUTE
        .database
        .database()
        .change(handle ->
            handle.execute(
                "UPDATE compute.server SET revision = nextval('compute.server_revision'), "
                    + assignment
                    + " WHERE id = ?",
                id));
  }

  @AfterEach
  void gone() {
    set(poisoned, "networks = '[]', ports = '[]', fault = NULL, metadata = '{}', tags = '{}'");
    set(poisoned, "launched_at = now()");
    COMPUTE.deleteAll();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "networks = '17'",
        "ports = '\"x\"'",
        "fault = '17'",
        "metadata = '{\"a\": {\"b\": []}}'",
        "tags = array[NULL]::text[]",
        "launched_at = 'infinity'",
        "launched_at = '-infinity'",
      })
  void neighboursGoOn(String assignment) throws Exception {
    poisoned = UUID.fromString(COMPUTE.active("poisoned"));
    String neighbour = COMPUTE.active("neighbour");
    set(poisoned, assignment);
    JsonNode all =
        COMPUTE
            .admin()
            .get("/compute/v2.1/servers/detail?all_tenants=1")
            .expect(200)
            .json()
            .path("servers");
    assertThat(all.findValuesAsString("id")).contains(neighbour);

    // The pass over the host still brings the neighbour in line, and does not take the poisoned
    // server's guest for nobody's.
    set(UUID.fromString(neighbour), "power_state = 0");
    COMPUTE.service.reconcile();
    Await.until(
        "the neighbour to be in line",
        () -> COMPUTE.show(neighbour).path("OS-EXT-STS:power_state").asInt() == 1);
    assertThat(COMPUTE.host("h1").status(poisoned).orElseThrow().power()).isEqualTo(Power.RUNNING);
    assertThat(List.of(COMPUTE.active("new"))).isNotEmpty();
  }
}
