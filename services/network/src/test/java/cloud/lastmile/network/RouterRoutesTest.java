package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class RouterRoutesTest {
  @AutoClose private static final TestingNetwork net = new TestingNetwork();

  @Test
  void routerWithGatewayTranslatesItsSubnets() {
    TestingHttp member = net.member("gateway");
    String network = net.network(member);
    String subnet = net.subnet(member, network, "10.1.0.0/24");
    JsonNode router =
        member
            .post(
                "/routers",
                "{\"router\": {\"external_gateway_info\": {\"network_id\": \"%s\"}}}"
                    .formatted(net.external()))
            .expect(201)
            .json()
            .at("/router");
    assertThat(router.at("/external_gateway_info/enable_snat").asBoolean()).isTrue();
    assertThat(router.at("/external_gateway_info/external_fixed_ips/0/ip_address").asString())
        .startsWith("172.24.4.");
    String id = router.path("id").asString();
    JsonNode leg = addSubnet(member, id, subnet).expect(200).json();
    assertThat(leg.path("subnet_ids").get(0).asString()).isEqualTo(subnet);
    Topology.Router told = net.backend.routers.get(UUID.fromString(id));
    assertThat(told.interfaces().getFirst().addresses()).containsExactly("10.1.0.1/24");
    assertThat(told.gateway().orElseThrow().snat()).containsExactly("10.1.0.0/24");
    assertThat(told.gateway().orElseThrow().nexthops()).containsExactly("172.24.4.1");
    Answer guarded = member.delete("/ports/" + leg.path("port_id").asString()).expect(409);
    assertThat(guarded.json().at("/NeutronError/type").asString()).isEqualTo("ServicePortInUse");
    member.delete("/routers/" + id).expect(409);
    member
        .put("/routers/" + id + "/remove_router_interface", "{\"subnet_id\": \"" + subnet + "\"}")
        .expect(200);
    member.delete("/routers/" + id).expect(204);
    assertThat(net.backend.routers).doesNotContainKey(UUID.fromString(id));
  }

  @Test
  void onlyAdministratorsTurnTranslationOff() {
    String body =
        "{\"router\": {\"external_gateway_info\": {\"network_id\": \"%s\", \"enable_snat\": false}}}"
            .formatted(net.external());
    net.member("snat").post("/routers", body).expect(403);
    String id = TestingNetwork.post(net.admin(), "/routers", body, "/router/id");
    assertThat(net.backend.routers.get(UUID.fromString(id)).gateway().orElseThrow().snat())
        .isEmpty();
  }

  @Test
  void gatewayMustBeExternal() {
    TestingHttp member = net.member("inner");
    String network = net.network(member);
    String id = router(member);
    String put = "{\"router\": {\"external_gateway_info\": {\"network_id\": \"%s\"}}}";
    member.put("/routers/" + id, put.formatted(network)).expect(400);
    member.put("/routers/" + id, put.formatted(UUID.randomUUID())).expect(404);
  }

  @Test
  void overlappingSubnetsAreRefused() {
    TestingHttp member = net.member("overlap");
    String first = net.subnet(member, net.network(member), "10.2.0.0/24");
    String second = net.subnet(member, net.network(member), "10.2.0.0/25");
    String id = router(member);
    addSubnet(member, id, first).expect(200);
    addSubnet(member, id, first).expect(400);
    addSubnet(member, id, second).expect(400);
  }

  /** A subnet may name any gateway; a router has only addresses of the subnet itself. */
  @Test
  void aGatewayElsewhereIsNoAddressOfARouter() {
    TestingHttp member = net.member("elsewhere");
    String id = router(member);
    for (String gateway : List.of("172.24.4.20", "10.2.2.1")) {
      String subnet =
          TestingNetwork.post(
              member,
              "/subnets",
              """
              {"subnet": {"network_id": "%s", "ip_version": 4, "cidr": "10.2.1.0/24",
                "gateway_ip": "%s"}}\
              """
                  .formatted(net.network(member), gateway),
              "/subnet/id");
      Answer refused = addSubnet(member, id, subnet).expect(400);
      assertThat(refused.json().at("/NeutronError/type").asString())
          .isEqualTo("InvalidIpForSubnet");
    }
  }

  @Test
  void portBecomesAnInterface() {
    TestingHttp member = net.member("byport");
    String network = net.network(member);
    net.subnet(member, network, "10.3.0.0/24");
    String port = net.port(member, network);
    String id = router(member);
    String body = "{\"port_id\": \"" + port + "\"}";
    member.put("/routers/" + id + "/add_router_interface", body).expect(200);
    JsonNode shown = member.get("/ports/" + port).expect(200).json().at("/port");
    assertThat(shown.path("device_id").asString()).isEqualTo(id);
    assertThat(shown.path("device_owner").asString()).isEqualTo("network:router_interface");
    assertThat(shown.path("security_groups")).isEmpty();
    assertThat(member.get("/ports?device_id=" + id).json().at("/ports")).hasSize(1);
    member.put("/routers/" + id + "/remove_router_interface", body).expect(200);
    member.get("/ports/" + port).expect(404);
  }

  @Test
  void staticRoutesMustBeReachable() {
    TestingHttp member = net.member("routes");
    String subnet = net.subnet(member, net.network(member), "10.4.0.0/24");
    String id = router(member);
    addSubnet(member, id, subnet).expect(200);
    String put =
        "{\"router\": {\"routes\": [{\"destination\": \"10.99.0.0/24\", \"nexthop\": \"%s\"}]}}";
    member.put("/routers/" + id, put.formatted("10.4.0.9")).expect(200);
    assertThat(net.backend.routers.get(UUID.fromString(id)).routes())
        .containsExactly(new Topology.Route("10.99.0.0/24", "10.4.0.9"));
    Answer unreachable = member.put("/routers/" + id, put.formatted("10.5.0.9")).expect(400);
    assertThat(unreachable.json().at("/NeutronError/type").asString()).isEqualTo("InvalidRoutes");
    member.put("/routers/" + id, put.formatted("10.4.0.1")).expect(400);
  }

  @Test
  void floatingIpLeadsToAPortBehindARouter() {
    TestingHttp member = net.member("floating");
    String network = net.network(member);
    String subnet = net.subnet(member, network, "10.6.0.0/24");
    String port = net.port(member, network);
    String body = "{\"floatingip\": {\"floating_network_id\": \"%s\"}}".formatted(net.external());
    JsonNode made = member.post("/floatingips", body).expect(201).json().at("/floatingip");
    assertThat(made.path("status").asString()).isEqualTo("DOWN");
    assertThat(made.path("port_id").isNull()).isTrue();
    String id = made.path("id").asString();
    String lead = "{\"floatingip\": {\"port_id\": \"" + port + "\"}}";
    member.put("/floatingips/" + id, lead).expect(404);
    String router = router(member);
    addSubnet(member, router, subnet).expect(200);
    member
        .put(
            "/routers/" + router,
            "{\"router\": {\"external_gateway_info\": {\"network_id\": \"%s\"}}}"
                .formatted(net.external()))
        .expect(200);
    JsonNode leads = member.put("/floatingips/" + id, lead).expect(200).json().at("/floatingip");
    assertThat(leads.path("router_id").asString()).isEqualTo(router);
    assertThat(leads.path("status").asString()).isEqualTo("ACTIVE");
    Topology.FloatingIp told = net.backend.floatingIps.get(UUID.fromString(id));
    assertThat(told.fixedAddress()).isEqualTo(leads.path("fixed_ip_address").asString());
    assertThat(told.floatingAddress()).isEqualTo(made.path("floating_ip_address").asString());
    assertThat(net.service.networks().ports(List.of(UUID.fromString(port))).getFirst().fixedIps())
        .anyMatch(ip -> ip.floatingIps().contains(told.floatingAddress()));
    Answer second = member.post("/floatingips", body).expect(201);
    String other = second.json().at("/floatingip/id").asString();
    member.put("/floatingips/" + other, lead).expect(409);
    member
        .put(
            "/routers/" + router + "/remove_router_interface",
            "{\"subnet_id\": \"" + subnet + "\"}")
        .expect(409);
    member.put("/routers/" + router, "{\"router\": {\"external_gateway_info\": null}}").expect(409);
    member.put("/floatingips/" + id, "{\"floatingip\": {\"port_id\": null}}").expect(200);
    assertThat(net.backend.floatingIps).doesNotContainKey(UUID.fromString(id));
    member.delete("/floatingips/" + id).expect(204);
    member.get("/floatingips/" + id).expect(404);
  }

  private static Answer addSubnet(TestingHttp http, String router, String subnet) {
    return http.put(
        "/routers/" + router + "/add_router_interface", "{\"subnet_id\": \"" + subnet + "\"}");
  }

  private static String router(TestingHttp http) {
    return TestingNetwork.post(http, "/routers", "{\"router\": {}}", "/router/id");
  }
}
