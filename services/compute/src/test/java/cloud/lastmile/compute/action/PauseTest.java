package cloud.lastmile.compute.action;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.GuestStatus.Power;
import cloud.lastmile.compute.TestingCompute;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Servers held still, and administrators' actions that change nothing of the guest. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PauseTest {
  private static final String SERVERS = "/compute/v2.1/servers/";

  @AutoClose private final TestingCompute compute = new TestingCompute("host1");

  @Test
  void aServerIsPausedAndGoesOn() {
    String id = compute.active("still");
    compute.act(id, "{\"unpause\": null}").expect(409);
    compute.act(id, "{\"pause\": null}").expect(202);
    JsonNode paused = compute.await(id, "PAUSED");
    assertThat(paused.path("OS-EXT-STS:power_state").asInt()).isEqualTo(3);
    assertThat(paused.path("OS-EXT-STS:vm_state").asString()).isEqualTo("paused");
    assertThat(compute.power(id)).isEqualTo(Power.PAUSED);
    compute.service.reconcile();
    assertThat(compute.show(id).path("status").asString()).isEqualTo("PAUSED");
    compute.act(id, "{\"pause\": null}").expect(409);
    compute.act(id, "{\"os-stop\": null}").expect(409);
    compute.act(id, "{\"unpause\": null}").expect(202);
    compute.await(id, "ACTIVE");
    assertThat(compute.power(id)).isEqualTo(Power.RUNNING);
    assertThat(
            compute
                .act(id, "{\"os-getConsoleOutput\": {}}")
                .expect(200)
                .json()
                .path("output")
                .asString())
        .containsOnlyOnce("booted");
  }

  @Test
  void aPausedServerIsRebootedHardOrDeleted() {
    String id = compute.active("held");
    compute.act(id, "{\"pause\": null}").expect(202);
    compute.await(id, "PAUSED");
    compute.act(id, "{\"reboot\": {\"type\": \"SOFT\"}}").expect(409);
    compute.act(id, "{\"reboot\": {\"type\": \"HARD\"}}").expect(202);
    compute.await(id, "ACTIVE");
    compute.act(id, "{\"pause\": null}").expect(202);
    compute.await(id, "PAUSED");
    compute.act(id, "{\"createImage\": {\"name\": \"copy\"}}").expect(202);
    compute.await(id, "PAUSED");
    compute.member().delete(SERVERS + id).expect(204);
    compute.awaitGone(id);
  }

  @Test
  void aPausedGuestThatEndsIsShutOff() throws Exception {
    String id = compute.active("ending");
    compute.act(id, "{\"pause\": null}").expect(202);
    compute.await(id, "PAUSED");
    compute.host("host1").crash(UUID.fromString(id));
    assertThat(compute.await(id, "SHUTOFF").path("OS-EXT-STS:power_state").asInt()).isEqualTo(6);
  }

  @Test
  void aResetOfTheStateIsLogged() {
    String id = compute.active("reset");
    String path = SERVERS + id + "/action";
    compute.member().post(path, "{\"os-resetState\": {\"state\": \"error\"}}").expect(403);
    compute.admin().post(path, "{\"os-resetState\": {\"state\": \"stopped\"}}").expect(400);
    compute.admin().post(path, "{\"os-resetState\": {\"state\": \"error\"}}").expect(202);
    compute.await(id, "ERROR");
    JsonNode log = compute.member().get(SERVERS + id + "/os-instance-actions").expect(200).json();
    assertThat(log.at("/instanceActions/0/action").asString()).isEqualTo("resetState");
    compute.admin().post(path, "{\"os-resetState\": {\"state\": \"active\"}}").expect(202);
    compute.await(id, "ACTIVE");
  }

  @Test
  void whatTheReferenceHasTakenAwayIsGone() {
    String id = compute.active("gone");
    compute.admin().post(SERVERS + id + "/action", "{\"resetNetwork\": null}").expect(410);
  }

  @Test
  void aCrashDumpIsAskedOfTheGuest() {
    String id = compute.active("dumping");
    String body = "{\"trigger_crash_dump\": null}";
    compute.member("2.16").post(SERVERS + id + "/action", body).expect(400);
    compute.act(id, body).expect(202);
    JsonNode log = compute.member().get(SERVERS + id + "/os-instance-actions").expect(200).json();
    assertThat(log.at("/instanceActions/0/action").asString()).isEqualTo("trigger_crash_dump");
    compute.act(id, "{\"os-stop\": null}").expect(202);
    compute.await(id, "SHUTOFF");
    compute.act(id, body).expect(409);
  }
}
