package cloud.lastmile.compute.port;

import static cloud.lastmile.compute.TwoServices.NETWORK;
import static cloud.lastmile.compute.TwoServices.SERVERS;
import static cloud.lastmile.compute.TwoServices.portOf;
import static cloud.lastmile.compute.TwoServices.showPort;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.compute.TwoServices;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a tenant writes on its ports gives it nothing of another tenant's servers: the server's own
 * list of ports is the authority.
 */
class PortAuthorityTest {
  private static final String SECRET = "c2VjcmV0LW9mLXRoZS12aWN0aW0=";
  private static final String USER_DATA = "/openstack/latest/user_data";

  @AutoClose private static final TwoServices cloud = new TwoServices();

  private final TestingHttp victim = cloud.member("victim");
  private final TestingHttp attacker = cloud.member("attacker");

  private String victims(String cidr) {
    return cloud.server(
        victim, cloud.network(victim, cidr, ""), ", \"user_data\": \"" + SECRET + "\"");
  }

  /** All that the owner sees of the server's network. */
  private Map<String, JsonNode> view(String server) {
    Map<String, JsonNode> view = new LinkedHashMap<>();
    JsonNode shown = victim.get(SERVERS + "/" + server).expect(200).json().path("server");
    for (String name : List.of("addresses", "security_groups", "status", "metadata", "tags")) {
      view.put(name, shown.path(name));
    }
    for (String path : List.of("/os-interface", "/ips", "/os-security-groups", "/metadata")) {
      view.put(path, victim.get(SERVERS + "/" + server + path).expect(200).json());
    }
    return view;
  }

  private String address(TestingHttp http, String port) {
    return showPort(http, port).at("/fixed_ips/0/ip_address").asString();
  }

  private void reboot(String server) {
    victim
        .post(SERVERS + "/" + server + "/action", "{\"reboot\": {\"type\": \"HARD\"}}")
        .expect(202);
    cloud.await(server, "ACTIVE");
  }

  /** Every attribute that ports have, now or later, with every word that could mean the server. */
  @Test
  void nothingWrittenOnAPortReachesAnothersServer() throws Exception {
    String server = victims("10.0.0.0/24");
    String victimsPort = portOf(victim, server);
    String victimsNetwork = showPort(victim, victimsPort).path("network_id").asString();
    Map<String, JsonNode> before = view(server);
    List<String> nics = cloud.nics(server);
    String network = cloud.network(attacker, "10.0.0.0/24", "");
    String port = cloud.port(attacker, network, "");
    String own = cloud.server(attacker, network, "");
    List<String> words =
        List.of(
            server,
            victimsPort,
            victimsNetwork,
            address(victim, victimsPort),
            "compute:nova",
            "network:distributed",
            "network:router_interface",
            "network:floatingip",
            "network:dhcp",
            "host1");
    int written = 0;
    for (String attribute : new TreeSet<>(showPort(attacker, port).propertyNames())) {
      for (String word : words) {
        for (JsonNode value : forms(word)) {
          written += write(port, attribute, value) ? 1 : 0;
        }
      }
      // With the labels that name the server, whatever else was written.
      label(port, server);
      assertThat(view(server)).as(attribute).isEqualTo(before);
    }
    assertThat(written).as("writes that were taken").isGreaterThan(20);
    attacker.put(NETWORK + "/ports/" + port + "/tags/" + server, "").expect(201);
    String plugged = portOf(attacker, own);
    label(plugged, server);
    attacker
        .put(
            NETWORK + "/ports/" + port,
            "{\"port\": {\"fixed_ips\": [{\"ip_address\": \"10.0.0.99\"}]}}")
        .expect(200);
    for (String asking : List.of(port, plugged)) {
      assertThat(cloud.metadata(network, address(attacker, asking), USER_DATA))
          .contains(" 404 ")
          .doesNotContain("secret");
    }
    assertThat(cloud.metadata(victimsNetwork, address(victim, victimsPort), USER_DATA))
        .contains("secret-of-the-victim");
    reboot(server);
    cloud.compute.reconcile();
    assertThat(cloud.nics(server)).isEqualTo(nics);
    assertThat(view(server)).isEqualTo(before);
    assertThat(showPort(victim, victimsPort).path("device_id").asString()).isEqualTo(server);
  }

  private static List<JsonNode> forms(String word) {
    JsonNode text = Json.mapper().valueToTree(word);
    ObjectNode part = Json.object();
    for (String key : List.of("ip_address", "subnet_id", "mac_address", "opt_name", "opt_value")) {
      part.put(key, word);
    }
    return List.of(
        text,
        Json.array().add(text),
        Json.array().addObject().put("ip_address", word),
        Json.array().add(part));
  }

  private boolean write(String port, String attribute, JsonNode value) {
    ObjectNode body = Json.object();
    body.putObject("port").set(attribute, value);
    int status = attacker.put(NETWORK + "/ports/" + port, body).status();
    assertThat(status).as(body.toString()).isLessThan(500);
    return status == 200;
  }

  private void label(String port, String server) {
    for (String owner : List.of("", "compute:nova")) {
      attacker
          .put(
              NETWORK + "/ports/" + port,
              "{\"port\": {\"device_id\": \"%s\", \"device_owner\": \"%s\"}}"
                  .formatted(server, owner))
          .expect(200);
    }
  }

  @Test
  void aPortThatWasMadeWithTheServersNameIsNotItsOwn() throws Exception {
    String server = victims("10.0.1.0/24");
    Map<String, JsonNode> before = view(server);
    String network = cloud.network(attacker, "10.0.1.0/24", "");
    String port =
        cloud.port(
            attacker,
            network,
            ", \"device_owner\": \"compute:nova\", \"device_id\": \"" + server + "\"");
    assertThat(cloud.metadata(network, address(attacker, port), USER_DATA)).contains(" 404 ");
    reboot(server);
    assertThat(view(server)).isEqualTo(before);
    victim.delete(SERVERS + "/" + server + "/os-interface/" + port).expect(202);
    cloud.await(server, "ACTIVE");
    victim.delete(SERVERS + "/" + server).expect(204);
    cloud.awaitGone(server);
    cloud.compute.reconcile();
    assertThat(showPort(attacker, port).path("device_id").asString())
        .as("the label of another's port is left alone")
        .isEqualTo(server);
  }

  @Test
  void nobodyElsesPortIsWaitedFor() {
    String held = cloud.network(victim, "10.0.2.0/24", "");
    String network = cloud.network(attacker, "10.0.2.0/24", "");
    cloud.engine.hold(held);
    cloud.engine.hold(network);
    String server = TwoServices.id(cloud.boot(victim, "{\"uuid\": \"" + held + "\"}", ""));
    String own =
        Await.value("the server's port", () -> portOf(victim, server), port -> !port.isEmpty());
    String port = cloud.port(attacker, network, "");
    label(port, server);
    cloud.engine.release(UUID.fromString(own));
    cloud.await(server, "ACTIVE");
    assertThat(showPort(attacker, port).path("status").asString()).isEqualTo("DOWN");
  }

  /** A network's owner sees the ports of others on it, and an administrator sees all. */
  @Test
  void aServerTakesPortsOfItsOwnProjectOnly() {
    String network =
        cloud.network(
            cloud.admin(), "10.0.3.0/24", "\"shared\": true, \"project_id\": \"attacker\"");
    String port = cloud.port(victim, network, "");
    assertThat(showPort(attacker, port).path("project_id").asString()).isEqualTo("victim");
    String own = cloud.server(attacker, cloud.network(attacker, "10.0.4.0/24", ""), "");
    cloud.boot(attacker, "{\"port\": \"" + port + "\"}", "").expect(400);
    cloud.boot(cloud.admin(), "{\"port\": \"" + port + "\"}", "").expect(400);
    String body = "{\"interfaceAttachment\": {\"port_id\": \"" + port + "\"}}";
    attacker.post(SERVERS + "/" + own + "/os-interface", body).expect(400);
    cloud.admin().post(SERVERS + "/" + own + "/os-interface", body).expect(400);
    String router = TwoServices.made(attacker, "/routers", "{\"router\": {}}", "/router/id");
    attacker
        .put(
            NETWORK + "/routers/" + router + "/add_router_interface",
            "{\"port_id\": \"" + port + "\"}")
        .expect(409);
    assertThat(showPort(victim, port).path("device_id").asString()).isEmpty();
    String fits = cloud.server(victim, cloud.network(victim, "10.0.5.0/24", ""), "");
    victim.post(SERVERS + "/" + fits + "/os-interface", body).expect(200);
  }

  @Test
  void whatItsOwnerGaveAwayAServerHasNoMore() throws Exception {
    String network = cloud.network(victim, "10.0.6.0/24", "");
    String server = cloud.server(victim, network, "");
    String port = portOf(victim, server);
    String path = NETWORK + "/ports/" + port;
    victim.put(path, "{\"port\": {\"device_id\": \"\", \"device_owner\": \"\"}}").expect(200);
    assertThat(cloud.metadata(network, address(victim, port), USER_DATA)).contains(" 404 ");
    String router = TwoServices.made(victim, "/routers", "{\"router\": {}}", "/router/id");
    victim
        .put(
            NETWORK + "/routers/" + router + "/add_router_interface",
            "{\"port_id\": \"" + port + "\"}")
        .expect(200);
    victim.delete(SERVERS + "/" + server).expect(204);
    cloud.awaitGone(server);
    assertThat(showPort(victim, port).path("device_id").asString()).isEqualTo(router);
  }

  @Test
  void onAnothersNetworkNoServerChoosesItsAddress() {
    String network =
        cloud.network(cloud.admin(), "10.0.7.0/24", "\"shared\": true, \"project_id\": \"owner\"");
    List<String> refused = new ArrayList<>();
    for (String address : List.of("10.0.7.1", "10.0.7.77")) {
      String wanted = "{\"uuid\": \"%s\", \"fixed_ip\": \"%s\"}".formatted(network, address);
      cloud.boot(victim, wanted, "").expect(403);
      String server = cloud.server(victim, network, "");
      String attach =
          "{\"interfaceAttachment\": {\"net_id\": \"%s\", \"fixed_ips\": [{\"ip_address\": \"%s\"}]}}"
              .formatted(network, address);
      victim.post(SERVERS + "/" + server + "/os-interface", attach).expect(403);
      refused.add(address);
    }
    assertThat(refused).hasSize(2);
    String wanted = "{\"uuid\": \"%s\", \"fixed_ip\": \"10.0.7.77\"}".formatted(network);
    String server = TwoServices.id(cloud.boot(cloud.member("owner"), wanted, ""));
    cloud.await(server, "ACTIVE");
    String taken = cloud.boot(cloud.member("owner"), wanted, "").expect(400).text();
    assertThat(taken).contains(server);
    String theirs = address(victim, portOf(victim, cloud.server(victim, network, "")));
    assertThat(
            cloud
                .boot(
                    cloud.member("owner"),
                    "{\"uuid\": \"%s\", \"fixed_ip\": \"%s\"}".formatted(network, theirs),
                    "")
                .expect(400)
                .text())
        .as("without the id of another project's server")
        .contains("another device");
  }
}
