package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a member may do on a network that another project shares with it, and what it may not. */
final class SharedNetworkTest {
  @AutoClose private static final TestingNetwork net = new TestingNetwork();

  private final TestingHttp owner = net.member("owner");
  private final TestingHttp guest = net.member("guest");

  /** A shared network of the owner with pools from .100 to .199; its subnet. */
  private String shared(String prefix) {
    String network =
        TestingNetwork.post(
            net.admin(),
            "/networks",
            "{\"network\": {\"shared\": true, \"project_id\": \"owner\"}}",
            "/network/id");
    TestingNetwork.post(
        owner,
        "/subnets",
        """
        {"subnet": {"network_id": "%s", "ip_version": 4, "cidr": "%s.0/24",
          "allocation_pools": [{"start": "%s.100", "end": "%s.199"}]}}\
        """
            .formatted(network, prefix, prefix, prefix),
        "/subnet/id");
    return network;
  }

  private static Answer create(TestingHttp http, String network, String more) {
    return http.post("/ports", "{\"port\": {\"network_id\": \"" + network + "\"" + more + "}}");
  }

  private static String subnet(TestingHttp http, String network) {
    return http.get("/subnets?network_id=" + network).json().at("/subnets/0/id").asString();
  }

  private static String id(JsonNode port) {
    return port.at("/port/id").asString();
  }

  private static void assertRefused(Answer answer, String rule) {
    assertThat(answer.expect(403).json().at("/NeutronError/message").asString()).contains(rule);
  }

  @Test
  void aGuestTakesWhatThePoolsGive() {
    String network = shared("10.20.0");
    String subnet = subnet(guest, network);
    for (String more : List.of("", ", \"fixed_ips\": [{\"subnet_id\": \"" + subnet + "\"}]")) {
      JsonNode port = create(guest, network, more).expect(201).json();
      assertThat(port.at("/port/fixed_ips/0/ip_address").asString()).startsWith("10.20.0.1");
      assertThat(port.at("/port/fixed_ips/0/ip_address").asString()).hasSize(11);
    }
    create(guest, network, ", \"fixed_ips\": []").expect(201);
  }

  @Test
  void aGuestChoosesNoAddress() {
    String network = shared("10.20.1");
    String subnet = subnet(guest, network);
    for (String address : List.of("10.20.1.1", "10.20.1.50", "10.20.1.150")) {
      for (String ip :
          List.of(
              "{\"ip_address\": \"%s\"}".formatted(address),
              "{\"ip_address\": \"%s\", \"subnet_id\": \"%s\"}".formatted(address, subnet),
              "{\"subnet_id\": \"%s\"}, {\"ip_address\": \"%s\"}".formatted(subnet, address))) {
        assertRefused(create(guest, network, ", \"fixed_ips\": [" + ip + "]"), "create_port");
      }
    }
    create(owner, network, ", \"fixed_ips\": [{\"ip_address\": \"10.20.1.50\"}]").expect(201);
    create(net.admin(), network, ", \"fixed_ips\": [{\"ip_address\": \"10.20.1.51\"}]").expect(201);
  }

  @Test
  void norLater() {
    String network = shared("10.20.2");
    String path = "/ports/" + id(create(guest, network, "").expect(201).json());
    for (String fixed :
        List.of(
            "[{\"ip_address\": \"10.20.2.1\"}]",
            "[{\"ip_address\": \"10.20.2.120\"}]",
            "[{\"subnet_id\": \"" + subnet(guest, network) + "\"}]",
            "[]")) {
      assertRefused(
          guest.put(path, "{\"port\": {\"fixed_ips\": " + fixed + "}}"), "update_port:fixed_ips");
    }
    for (String other :
        List.of(
            "\"mac_address\": \"fa:16:3e:00:00:01\"",
            "\"allowed_address_pairs\": [{\"ip_address\": \"10.20.2.1\"}]",
            "\"port_security_enabled\": false",
            "\"device_owner\": \"network:router_interface\"",
            "\"device_owner\": \"network:distributed\"",
            "\"binding:host_id\": \"host\"",
            "\"binding:profile\": {\"a\": \"b\"}")) {
      guest.put(path, "{\"port\": {" + other + "}}").expect(403);
      create(guest, network, ", " + other).expect(403);
    }
    guest.put(path, "{\"port\": {\"name\": \"n\", \"device_id\": \"d\"}}").expect(200);
  }

  @Test
  void norAsARouterInterface() {
    String network = shared("10.20.3");
    String subnet = subnet(guest, network);
    String add = "/routers/" + router(guest) + "/add_router_interface";
    Answer refused = guest.put(add, "{\"subnet_id\": \"" + subnet + "\"}").expect(400);
    assertThat(refused.text()).contains("is not owned by project making the request");
    String outside =
        id(
            create(
                    net.admin(),
                    network,
                    ", \"project_id\": \"guest\", \"fixed_ips\": [{\"ip_address\": \"10.20.3.9\"}]")
                .expect(201)
                .json());
    assertThat(guest.put(add, "{\"port_id\": \"" + outside + "\"}").expect(400).text())
        .contains("out of the allocation pool");
    String inside = id(create(guest, network, "").expect(201).json());
    guest.put(add, "{\"port_id\": \"" + inside + "\"}").expect(200);
    owner
        .put(
            "/routers/" + router(owner) + "/add_router_interface",
            "{\"subnet_id\": \"" + subnet + "\"}")
        .expect(200);
  }

  private static String router(TestingHttp http) {
    return TestingNetwork.post(http, "/routers", "{\"router\": {}}", "/router/id");
  }

  /** A guest's router has a leg there and is older; floating IPs of others do not lead by it. */
  @Test
  void anothersRouterCarriesNobodysFloatingIps() {
    String guests = outside(guest);
    String network = shared("10.20.9");
    String leg = id(create(guest, network, "").expect(201).json());
    guest
        .put("/routers/" + guests + "/add_router_interface", "{\"port_id\": \"" + leg + "\"}")
        .expect(200);
    String owners = outside(owner);
    TestingHttp third = net.member("third");
    assertThat(router(third, network)).as("no other way").isEqualTo(guests);
    owner
        .put(
            "/routers/" + owners + "/add_router_interface",
            "{\"subnet_id\": \"" + subnet(owner, network) + "\"}")
        .expect(200);
    for (TestingHttp any : List.of(owner, third, guest)) {
      assertThat(router(any, network)).isEqualTo(owners);
    }
  }

  /** Router advertisements make a router everybody's who hears them. */
  @Test
  void anothersRouterAdvertisesItselfToNobody() {
    for (String mode : List.of("slaac", "dhcpv6-stateless", "dhcpv6-stateful")) {
      String network =
          TestingNetwork.post(
              net.admin(),
              "/networks",
              "{\"network\": {\"shared\": true, \"project_id\": \"owner\"}}",
              "/network/id");
      String subnet =
          TestingNetwork.post(
              owner,
              "/subnets",
              """
              {"subnet": {"network_id": "%s", "ip_version": 6, "cidr": "2001:db8:7::/64",
                "gateway_ip": "2001:db8:7::1", "ipv6_ra_mode": "%s", "ipv6_address_mode": "%s"}}\
              """
                  .formatted(network, mode, mode),
              "/subnet/id");
      assertThat(mode(guest, portOn(guest, network))).as(mode).isEmpty();
      assertThat(mode(owner, portOn(owner, network)))
          .as("a second one of the owner")
          .contains(mode);
      assertThat(mode(owner, "\"subnet_id\": \"" + subnet + "\"")).contains(mode);
    }
  }

  private static String portOn(TestingHttp http, String network) {
    return "\"port_id\": \"" + id(create(http, network, "").expect(201).json()) + "\"";
  }

  /** What a router with such an interface advertises there. */
  private static Optional<String> mode(TestingHttp http, String of) {
    String router = router(http);
    http.put("/routers/" + router + "/add_router_interface", "{" + of + "}").expect(200);
    return net.backend.routers.get(UUID.fromString(router)).interfaces().getFirst().ipv6Mode();
  }

  private static String outside(TestingHttp http) {
    return TestingNetwork.post(
        http,
        "/routers",
        "{\"router\": {\"external_gateway_info\": {\"network_id\": \"%s\"}}}"
            .formatted(net.external()),
        "/router/id");
  }

  /** By which router a new floating IP leads to a new port. */
  private static String router(TestingHttp http, String network) {
    String port = id(create(http, network, "").expect(201).json());
    return TestingNetwork.post(
        http,
        "/floatingips",
        "{\"floatingip\": {\"floating_network_id\": \"%s\", \"port_id\": \"%s\"}}"
            .formatted(net.external(), port),
        "/floatingip/router_id");
  }

  @Test
  void floatingAddressesComeFromPools() {
    TestingHttp manager = net.manager("guest");
    String external = net.external();
    String body =
        "{\"floatingip\": {\"floating_network_id\": \"%s\", \"floating_ip_address\": \"%s\"}}";
    guest.post("/floatingips", body.formatted(external, "172.24.4.20")).expect(403);
    manager.post("/floatingips", body.formatted(external, "172.24.4.1")).expect(400);
    manager.post("/floatingips", body.formatted(external, "172.24.4.20")).expect(201);
    String gateway =
        "{\"router\": {\"external_gateway_info\": {\"network_id\": \"%s\", \"external_fixed_ips\": [{\"ip_address\": \"172.24.4.21\"}]}}}";
    guest.post("/routers", gateway.formatted(external)).expect(403);
    manager.post("/routers", gateway.formatted(external)).expect(403);
    guest.put("/routers/" + router(guest), gateway.formatted(external)).expect(403);
  }

  /** A network's owner may label its ports as it likes; the engine heeds what the network made. */
  @Test
  void labelsMakeNoPortTheNetworksOwn() {
    String network = net.network(owner);
    String subnet = net.subnet(owner, network, "10.20.4.0/24");
    for (String label :
        List.of(
            "network:router_interface",
            "network:router_gateway",
            "network:distributed",
            "network:floatingip",
            "network:dhcp")) {
      String port =
          id(create(owner, network, ", \"device_owner\": \"" + label + "\"").expect(201).json());
      assertThat(net.backend.ports.get(UUID.fromString(port)).kind())
          .as(label)
          .isEqualTo(Topology.PortKind.VIF);
      assertThat(net.backend.subnets.get(UUID.fromString(subnet)).metadataAddress())
          .contains("10.20.4.2");
      owner.put("/ports/" + port, "{\"port\": {\"device_id\": \"x\"}}").expect(200);
      owner.delete("/ports/" + port).expect(204);
    }
    String metadata =
        owner
            .get("/ports?device_owner=network:distributed&network_id=" + network)
            .json()
            .at("/ports/0/id")
            .asString();
    owner.put("/ports/" + metadata, "{\"port\": {\"device_owner\": \"\"}}").expect(409);
    owner.put("/ports/" + metadata, "{\"port\": {\"device_id\": \"x\"}}").expect(409);
    owner.delete("/ports/" + metadata).expect(409);
  }

  @Test
  void nobodyNamesAnothersRouter() {
    String foreign = router(guest);
    String network = net.network(owner);
    String label =
        ", \"device_owner\": \"network:router_interface\", \"device_id\": \"" + foreign + "\"";
    Answer refused = create(owner, network, label).expect(409);
    assertThat(refused.json().at("/NeutronError/type").asString())
        .isEqualTo("DeviceIDNotOwnedByTenant");
    String port = "/ports/" + id(create(owner, network, "").expect(201).json());
    owner.put(port, "{\"port\": {" + label.substring(2) + "}}").expect(409);
    owner.put(port, "{\"port\": {\"device_id\": \"" + foreign + "\"}}").expect(200);
    owner.put(port, "{\"port\": {\"device_owner\": \"network:router_interface\"}}").expect(409);
    owner.put(port, "{\"port\": {\"device_owner\": \"other\"}}").expect(200);
  }
}
