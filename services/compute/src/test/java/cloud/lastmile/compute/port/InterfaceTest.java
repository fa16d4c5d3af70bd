package cloud.lastmile.compute.port;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Interfaces of servers that are there already. */
class InterfaceTest {
  private static final String SERVERS = "/compute/v2.1/servers/";

  @AutoClose private final TestingCompute compute = new TestingCompute("host1");

  private TestingHttp.Answer attach(String id, String fields) {
    return compute
        .member()
        .post(SERVERS + id + "/os-interface", "{\"interfaceAttachment\": {" + fields + "}}");
  }

  private List<String> shown(String id) {
    return compute
        .member()
        .get(SERVERS + id + "/os-interface")
        .expect(200)
        .json()
        .path("interfaceAttachments")
        .valueStream()
        .map(one -> one.path("port_id").asString())
        .toList();
  }

  private List<String> plugged(String id) {
    return compute.host("host1").vifs(UUID.fromString(id)).stream()
        .map(vif -> vif.portId().toString())
        .toList();
  }

  private Optional<PortInfo> port(String id) {
    return compute.networks.ports().stream()
        .filter(port -> port.id().toString().equals(id))
        .findFirst();
  }

  private void awaitPlugged(String id, String... ports) {
    Await.until(
        "the guest has the ports " + List.of(ports),
        () -> plugged(id).equals(List.of(ports)) && shown(id).equals(List.of(ports)));
  }

  private void awaitAction(String id, String action, String result) {
    Await.until(
        action + " ends with " + result,
        () -> {
          JsonNode newest =
              compute
                  .member()
                  .get(SERVERS + id + "/os-instance-actions")
                  .json()
                  .at("/instanceActions/0");
          String path = "/os-instance-actions/" + newest.path("request_id").asString();
          return newest.path("action").asString().equals(action)
              && compute
                  .member()
                  .get(SERVERS + id + path)
                  .json()
                  .at("/instanceAction/events/0/result")
                  .asString()
                  .equals(result);
        });
  }

  @Test
  void aRunningServerGetsAnInterfaceAndLosesIt() {
    String id = compute.active("growing");
    String first = shown(id).getFirst();
    JsonNode made =
        attach(id, "\"net_id\": \"" + compute.network + "\", \"tag\": \"nic2\"")
            .expect(200)
            .json()
            .path("interfaceAttachment");
    assertThat(made.path("net_id").asString()).isEqualTo(compute.network.toString());
    assertThat(made.path("tag").asString()).isEqualTo("nic2");
    assertThat(made.path("fixed_ips")).hasSize(1);
    String second = made.path("port_id").asString();
    awaitPlugged(id, first, second);
    awaitAction(id, "attach_interface", "Success");
    assertThat(compute.show(id).path("status").asString()).isEqualTo("ACTIVE");
    compute.member().delete(SERVERS + id + "/os-interface/" + first).expect(202);
    awaitPlugged(id, second);
    awaitAction(id, "detach_interface", "Success");
    assertThat(port(first)).isEmpty();
    compute.member().delete(SERVERS + id).expect(204);
    compute.awaitGone(id);
    assertThat(port(second)).isEmpty();
  }

  @Test
  void aPortThatTheServerLacksIsAcceptedAndTheActionFails() {
    String id = compute.active("lacking");
    String port = shown(id).getFirst();
    String other = shown(compute.active("other")).getFirst();
    for (String lacking : List.of(UUID.randomUUID().toString(), "nothing", other)) {
      compute.member().delete(SERVERS + id + "/os-interface/" + lacking).expect(202);
      awaitAction(id, "detach_interface", "Error");
    }
    assertThat(shown(id)).containsExactly(port);
    assertThat(port(other)).isPresent();
    assertThat(compute.show(id).path("status").asString()).isEqualTo("ACTIVE");
  }

  @Test
  void anyNetworkWillDoIfNoneIsNamed() {
    String id = compute.active("any");
    attach(id, "").expect(200);
    compute.member().post(SERVERS + id + "/os-interface", "{}").expect(200);
    assertThat(shown(id)).hasSize(3);
    compute.networks.addNetwork("another", "p1");
    attach(id, "").expect(400);
  }

  @Test
  void aPortOfTheUserOutlivesItsInterface() {
    String id = compute.active("borrowing");
    String first = shown(id).getFirst();
    UUID port = compute.networks.addPort(compute.network, "p1");
    attach(id, "\"port_id\": \"" + port + "\"").expect(200);
    awaitPlugged(id, first, port.toString());
    attach(id, "\"port_id\": \"" + port + "\"").expect(409);
    compute.member().delete(SERVERS + id + "/os-interface/" + port).expect(202);
    awaitPlugged(id, first);
    assertThat(port(port.toString()).orElseThrow().deviceId()).isEmpty();
  }

  @Test
  void aStoppedServerIsNotStarted() {
    String id = compute.active("stopped");
    String first = shown(id).getFirst();
    compute.member().post(SERVERS + id + "/action", "{\"os-stop\": null}").expect(202);
    compute.await(id, "SHUTOFF");
    String second = attach(id, "").expect(200).json().at("/interfaceAttachment/port_id").asString();
    awaitPlugged(id, first, second);
    awaitAction(id, "attach_interface", "Success");
    assertThat(compute.show(id).path("status").asString()).isEqualTo("SHUTOFF");
  }

  @Test
  void badRequestsAreRefusedAndLeaveNoPort() {
    String id = compute.active("careful");
    String network = "\"net_id\": \"" + compute.network + "\"";
    UUID other = UUID.randomUUID();
    attach(id, network + ", \"port_id\": \"" + other + "\"").expect(400);
    attach(id, "\"fixed_ips\": [{\"ip_address\": \"10.0.0.9\"}]").expect(400);
    attach(id, network + ", \"fixed_ips\": []").expect(400);
    attach(id, network + ", \"fixed_ips\": [{\"ip_address\": \"ten\"}]").expect(400);
    attach(id, "\"net_id\": \"net\"").expect(400);
    attach(id, "\"net_id\": \"" + other + "\"").expect(404);
    attach(id, "\"port_id\": \"" + other + "\"").expect(404);
    attach(id, "\"unheard\": 1").expect(400);
    compute
        .member("2.48")
        .post(SERVERS + id + "/os-interface", "{\"interfaceAttachment\": {\"tag\": \"t\"}}")
        .expect(400);
    compute.member().post(SERVERS + id + "/action", "{\"lock\": null}").expect(202);
    attach(id, network).expect(409);
    String port = shown(id).getFirst();
    compute.member().delete(SERVERS + id + "/os-interface/" + port).expect(409);
    compute.stranger().post(SERVERS + id + "/os-interface", "{}").expect(404);
    compute.stranger().delete(SERVERS + id + "/os-interface/" + port).expect(404);
    assertThat(shown(id)).containsExactly(port);
    assertThat(compute.networks.naming(id)).hasSize(1);
  }

  @Test
  void whatTheHostRefusesIsUndone() {
    String id = compute.active("unlucky");
    String first = shown(id).getFirst();
    compute.host("host1").faults().failNextEnsure(new HostException("no slot is free", false));
    attach(id, "").expect(200);
    awaitAction(id, "attach_interface", "Error");
    awaitPlugged(id, first);
    assertThat(compute.networks.naming(id)).hasSize(1);
    assertThat(compute.show(id).path("status").asString()).isEqualTo("ACTIVE");
  }
}
