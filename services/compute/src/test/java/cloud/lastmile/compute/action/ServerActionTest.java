package cloud.lastmile.compute.action;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.GuestStatus.Power;
import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.testing.Await;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Actions on servers, and what hosts report by themselves. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerActionTest {
  private static final String SERVERS = "/compute/v2.1/servers/";

  @AutoClose private final TestingCompute compute = new TestingCompute("host1");

  @Test
  void aServerIsStoppedStartedAndRebooted() {
    String id = compute.active("cycle");
    compute.act(id, "{\"os-start\": null}").expect(409);
    compute.act(id, "{\"os-stop\": null}").expect(202);
    compute.await(id, "SHUTOFF");
    assertThat(compute.power(id)).isEqualTo(Power.STOPPED);
    compute.act(id, "{\"reboot\": {\"type\": \"SOFT\"}}").expect(409);
    compute.act(id, "{\"os-start\": null}").expect(202);
    compute.await(id, "ACTIVE");
    assertThat(compute.power(id)).isEqualTo(Power.RUNNING);
    compute.act(id, "{\"reboot\": {\"type\": \"HARD\"}}").expect(202);
    compute.await(id, "ACTIVE");
    compute.act(id, "{\"reboot\": {\"type\": \"warm\"}}").expect(400);
    compute.act(id, "{\"resize\": {\"flavorRef\": \"2\"}}").expect(501);
    compute.act(id, "{\"unheard\": null}").expect(400);
    JsonNode log = compute.member().get(SERVERS + id + "/os-instance-actions").expect(200).json();
    assertThat(log.path("instanceActions").valueStream().map(a -> a.path("action").asString()))
        .containsExactly("reboot", "start", "stop", "create");
    String request = log.at("/instanceActions/3/request_id").asString();
    JsonNode create =
        compute.member().get(SERVERS + id + "/os-instance-actions/" + request).expect(200).json();
    assertThat(create.at("/instanceAction/events/0/result").asString()).isEqualTo("Success");
    String console =
        compute
            .act(id, "{\"os-getConsoleOutput\": {\"length\": 1}}")
            .expect(200)
            .json()
            .path("output")
            .asString();
    assertThat(console).contains("booted from image");
  }

  @Test
  void rebuildingReplacesTheDisk() {
    String id = compute.active("old");
    UUID other = compute.images.addRaw(2048, 0, Map.of());
    JsonNode answer =
        compute
            .act(id, "{\"rebuild\": {\"imageRef\": \"" + other + "\", \"name\": \"new\"}}")
            .expect(202)
            .json()
            .path("server");
    assertThat(answer.path("status").asString()).isEqualTo("REBUILD");
    assertThat(answer.path("adminPass").asString()).isNotEmpty();
    JsonNode server = compute.await(id, "ACTIVE");
    assertThat(server.path("name").asString()).isEqualTo("new");
    assertThat(server.at("/image/id").asString()).isEqualTo(other.toString());
    assertThat(
            compute
                .act(id, "{\"os-getConsoleOutput\": {}}")
                .expect(200)
                .json()
                .path("output")
                .asString())
        .contains("booted from image " + other);
    compute.act(id, "{\"rebuild\": {\"imageRef\": \"" + UUID.randomUUID() + "\"}}").expect(400);
  }

  private UUID snapshot(String server) {
    String image =
        compute
            .act(server, "{\"createImage\": {\"name\": \"copy\"}}")
            .expect(202)
            .json()
            .path("image_id")
            .asString();
    compute.await(server, "ACTIVE");
    return UUID.fromString(image);
  }

  @Test
  void aSnapshotBecomesAnImage() {
    String id = compute.active("snapped");
    UUID image = snapshot(id);
    assertThat(compute.images.status(image)).isEqualTo("active");
  }

  @Test
  void aSnapshotHasNotTheSignatureOfWhatItWasMadeFrom() {
    String id = compute.active("signed");
    UUID signed =
        compute.images.addRaw(
            2048,
            0,
            Map.of("img_signature", "x", "img_signature_key_type", "y", "os_type", "linux"));
    compute.act(id, "{\"rebuild\": {\"imageRef\": \"" + signed + "\"}}").expect(202);
    compute.await(id, "ACTIVE");
    UUID image = snapshot(id);
    assertThat(compute.images.properties(image))
        .containsKey("os_type")
        .doesNotContainKeys("img_signature", "img_signature_key_type");
  }

  @Test
  void oldClientsSeeAndDeleteImagesThroughCompute() {
    String image = compute.images.addRaw(512, 64, Map.of("instance_uuid", "s")).toString();
    String path = "/compute/v2.1/images/" + image;
    JsonNode shown = compute.member("2.35").get(path).expect(200).json().path("image");
    assertThat(shown.path("status").asString()).isEqualTo("ACTIVE");
    assertThat(shown.path("progress").asInt()).isEqualTo(100);
    assertThat(shown.path("minRam").asInt()).isEqualTo(64);
    assertThat(shown.at("/server/id").asString()).isEqualTo("s");
    compute.member("2.36").get(path).expect(404);
    compute.member("2.35").delete(path).expect(403);
    compute.admin("2.35").delete(path).expect(204);
    compute.admin("2.35").get(path).expect(404);
    compute.admin("2.35").get("/compute/v2.1/images/none").expect(404);
  }

  @Test
  void aLockedServerRefusesItsOwner() {
    String id = compute.active("locked");
    compute.act(id, "{\"lock\": {\"locked_reason\": \"because\"}}").expect(202);
    compute.act(id, "{\"os-stop\": null}").expect(409);
    compute.member().delete(SERVERS + id).expect(409);
    assertThat(compute.show(id).path("locked_reason").asString()).isEqualTo("because");
    compute.act(id, "{\"unlock\": null}").expect(202);
    compute.act(id, "{\"os-stop\": null}").expect(202);
    compute.await(id, "SHUTOFF");
  }

  @Test
  void metadataAndTagsAreKept() {
    String id = compute.active("described");
    String path = SERVERS + id + "/metadata";
    compute.member().post(path, "{\"metadata\": {\"a\": \"1\", \"b\": \"2\"}}").expect(200);
    compute.member().put(path + "/a", "{\"meta\": {\"a\": \"3\"}}").expect(200);
    compute.member().put(path + "/a", "{\"meta\": {\"x\": \"3\"}}").expect(400);
    compute.member().delete(path + "/b").expect(204);
    compute.member().get(path + "/b").expect(404);
    assertThat(compute.member().get(path).json().path("metadata").toString())
        .isEqualTo("{\"a\":\"3\"}");
    compute.member().put(SERVERS + id + "/tags/red", "").expect(201);
    compute.member().put(SERVERS + id + "/tags/red", "").expect(204);
    assertThat(
            compute
                .member()
                .get("/compute/v2.1/servers?tags=red")
                .expect(200)
                .json()
                .path("servers"))
        .hasSize(1);
    compute.member().delete(SERVERS + id + "/tags/red").expect(204);
    compute.member().get(SERVERS + id + "/tags/red").expect(404);
  }

  @Test
  void aGuestThatEndsByItselfIsSeen() throws Exception {
    String off = compute.active("poweroff");
    compute.host("host1").powerOff(UUID.fromString(off));
    assertThat(compute.await(off, "SHUTOFF").path("OS-EXT-STS:power_state").asInt()).isEqualTo(4);
    String crashed = compute.active("crashed");
    compute.host("host1").crash(UUID.fromString(crashed));
    assertThat(compute.await(crashed, "SHUTOFF").path("OS-EXT-STS:power_state").asInt())
        .isEqualTo(6);
    String lost = compute.active("lost");
    compute.host("host1").remove(UUID.fromString(lost));
    compute.service.reconcile();
    assertThat(compute.await(lost, "ERROR").at("/fault/message").asString()).contains("missing");
  }

  @Test
  void deletingCutsABuildShort() {
    compute.networks.keepDown();
    String id =
        compute
            .member()
            .post("/compute/v2.1/servers", compute.body("impatient"))
            .expect(202)
            .json()
            .at("/server/id")
            .asString();
    Await.until(
        "it spawns",
        () -> compute.show(id).path("OS-EXT-STS:task_state").asString().equals("spawning"));
    compute.member().delete(SERVERS + id).expect(204);
    compute.awaitGone(id);
    compute.networks.bringUp();
    assertThat(compute.host("host1").status(UUID.fromString(id))).isEmpty();
  }
}
