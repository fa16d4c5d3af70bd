package cloud.lastmile.compute.request;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.testing.TestingHttp;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Servers from create to delete. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerTest {
  private static final String SERVERS = "/compute/v2.1/servers";

  @AutoClose private final TestingCompute compute = new TestingCompute("host1");

  @Test
  void aServerBecomesActiveAndIsShownInFull() {
    TestingHttp.Answer accepted =
        compute.member().post(SERVERS, compute.body("web", "\"metadata\": {\"a\": \"b\"}"));
    assertThat(accepted.status()).as(accepted.text()).isEqualTo(202);
    JsonNode server = accepted.json().path("server");
    String id = server.path("id").asString();
    assertThat(accepted.header("Location")).endsWith("/compute/v2.1/servers/" + id);
    assertThat(server.path("adminPass").asString()).hasSize(12);
    assertThat(server.at("/security_groups/0/name").asString()).isEqualTo("default");

    JsonNode shown = compute.await(id, "ACTIVE");
    assertThat(shown.path("OS-EXT-STS:power_state").asInt()).isEqualTo(1);
    assertThat(shown.path("OS-EXT-SRV-ATTR:host").asString()).isEqualTo("host1");
    assertThat(shown.path("host_status").asString()).isEqualTo("UP");
    assertThat(shown.path("flavor").path("original_name").asString()).isEqualTo("m1.tiny");
    assertThat(shown.at("/addresses/private/0/version").asInt()).isEqualTo(4);
    assertThat(shown.at("/addresses/private/0/OS-EXT-IPS:type").asString()).isEqualTo("fixed");
    assertThat(shown.at("/metadata/a").asString()).isEqualTo("b");

    JsonNode seenByMember =
        compute.member().get(SERVERS + "/" + id).expect(200).json().path("server");
    assertThat(seenByMember.has("OS-EXT-SRV-ATTR:host")).isFalse();
    assertThat(seenByMember.path("OS-EXT-SRV-ATTR:hostname").asString()).isEqualTo("web");
    assertThat(seenByMember.has("host_status")).isFalse();
  }

  @Test
  void deletingTakesEverythingAway() {
    String id = compute.active("short-lived");
    compute.member().delete(SERVERS + "/" + id).expect(204);
    compute.awaitGone(id);
    assertThat(compute.host("host1").status(UUID.fromString(id))).isEmpty();
    assertThat(compute.networks.ports()).noneMatch(port -> port.deviceId().equals(id));
    JsonNode deleted =
        compute.admin().get(SERVERS + "?deleted=true&all_tenants=1").expect(200).json();
    assertThat(deleted.path("servers").valueStream().map(s -> s.path("id").asString()))
        .contains(id);
  }

  @Test
  void anotherProjectsServersDoNotExist() {
    String id = compute.active("hidden");
    compute.stranger().get(SERVERS + "/" + id).expect(404);
    compute.stranger().delete(SERVERS + "/" + id).expect(404);
    assertThat(compute.stranger().get(SERVERS).expect(200).json().path("servers")).isEmpty();
  }

  @Test
  void whatCannotBeIsRefusedAndChangesNothing() {
    int before = compute.member().get(SERVERS).json().path("servers").size();
    refused(
        compute.body("x", "\"flavorRef\": \"none\"").replaceFirst("\"flavorRef\": \"1\", ", ""));
    refused(compute.body("").replace("\"name\": \"\"", "\"name\": 5"));
    refused(compute.body(""));
    refused(compute.body("x".repeat(256)));
    refused(compute.body("x", "\"networks\": [{\"uuid\": \"" + UUID.randomUUID() + "\"}]"));
    refused(compute.body("x", "\"networks\": [{\"uuid\": \"abc\"}]"));
    refused(compute.body("x", "\"key_name\": \"missing\""));
    refused(compute.body("x", "\"accessIPv6\": \"bb.bb.bb.bb\""));
    refused(compute.body("x", "\"surprise\": 1"));
    refused(compute.body("x", "\"user_data\": \"%%%\""));
    refused(compute.body("x", "\"metadata\": {\"" + "k".repeat(256) + "\": \"v\"}"));
    refused(compute.body("x", "\"security_groups\": [{\"name\": \"missing\"}]"));
    refused(compute.body("x").replace(compute.image.toString(), UUID.randomUUID().toString()));
    assertThat(compute.member().get(SERVERS).json().path("servers")).hasSize(before);
  }

  private void refused(String body) {
    TestingHttp.Answer answer = compute.member().post(SERVERS, body);
    assertThat(answer.status()).as(body + " -> " + answer.text()).isEqualTo(400);
    assertThat(answer.json().at("/badRequest/message").asString()).isNotEmpty();
  }

  @Test
  void aHostThatFailsLeavesAServerInErrorAndNothingElse() {
    compute
        .host("host1")
        .faults()
        .failNextEnsure(
            new HostException("the disk '/var/lib/x/guests/7/disk' is of no use", false));
    String id =
        compute
            .member()
            .post(SERVERS, compute.body("unlucky"))
            .expect(202)
            .json()
            .at("/server/id")
            .asString();
    JsonNode server = compute.await(id, "ERROR");
    assertThat(server.at("/fault/message").asString())
        .contains("the disk '(a file of the host)' is of no use");
    assertThat(server.path("OS-EXT-SRV-ATTR:host").isNull()).isTrue();
    assertThat(compute.host("host1").status(UUID.fromString(id))).isEmpty();
    assertThat(compute.networks.ports()).noneMatch(port -> port.deviceId().equals(id));
    compute.member().delete(SERVERS + "/" + id).expect(204);
    compute.awaitGone(id);
  }

  @Test
  void severalServersAreMadeByOneRequest() {
    String reservation =
        compute
            .member()
            .post(
                SERVERS,
                compute.body("many", "\"min_count\": 2", "\"return_reservation_id\": true"))
            .expect(202)
            .json()
            .path("reservation_id")
            .asString();
    JsonNode found =
        compute.member().get(SERVERS + "?reservation_id=" + reservation).expect(200).json();
    assertThat(found.path("servers").valueStream().map(s -> s.path("name").asString()))
        .containsExactlyInAnyOrder("many-1", "many-2");
    found
        .path("servers")
        .forEach(server -> {
          compute.await(server.path("id").asString(), "ACTIVE");
          compute.member().delete(SERVERS + "/" + server.path("id").asString()).expect(204);
        });
  }

  @Test
  void updatesShowTheWholeServer() {
    String id = compute.active("before");
    JsonNode updated =
        compute
            .member()
            .put(
                SERVERS + "/" + id,
                """
                {"server": {"name": "after", "accessIPv4": "10.9.8.7", "description": null}}\
                """)
            .expect(200)
            .json()
            .path("server");
    assertThat(updated.path("name").asString()).isEqualTo("after");
    assertThat(updated.path("accessIPv4").asString()).isEqualTo("10.9.8.7");
    assertThat(updated.path("description").isNull()).isTrue();
    compute.member().put(SERVERS + "/" + id, "{\"server\": {\"name\": \"\"}}").expect(400);
  }
}
