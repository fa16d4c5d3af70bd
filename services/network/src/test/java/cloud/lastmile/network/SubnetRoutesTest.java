package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class SubnetRoutesTest {
  @AutoClose private static final TestingNetwork net = new TestingNetwork();

  @Test
  void poolsAndGatewayAreWorkedOut() {
    TestingHttp member = net.member("plain");
    JsonNode subnet = create(member, "\"cidr\": \"10.0.0.0/24\"").expect(201).json().at("/subnet");
    assertThat(subnet.path("gateway_ip").asString()).isEqualTo("10.0.0.1");
    assertThat(subnet.at("/allocation_pools/0/start").asString()).isEqualTo("10.0.0.2");
    assertThat(subnet.at("/allocation_pools/0/end").asString()).isEqualTo("10.0.0.254");
    Topology.Subnet told = net.backend.subnets.get(UUID.fromString(subnet.path("id").asString()));
    assertThat(told.metadataAddress()).contains("10.0.0.2");
    assertThat(told.mtu()).isEqualTo(1442);
  }

  @Test
  void subnetMayHaveNoGateway() {
    TestingHttp member = net.member("nogateway");
    JsonNode subnet =
        create(member, "\"cidr\": \"10.0.0.0/24\", \"gateway_ip\": null")
            .expect(201)
            .json()
            .at("/subnet");
    assertThat(subnet.path("gateway_ip").isNull()).isTrue();
    assertThat(subnet.at("/allocation_pools/0/start").asString()).isEqualTo("10.0.0.1");
  }

  @Test
  void overlapWithinANetworkIsRefused() {
    TestingHttp member = net.member("overlap");
    String network = net.network(member);
    net.subnet(member, network, "10.0.0.0/24");
    Answer refused =
        member
            .post(
                "/subnets",
                "{\"subnet\": {\"network_id\": \"%s\", \"ip_version\": 4, \"cidr\": \"10.0.0.128/25\"}}"
                    .formatted(network))
            .expect(400);
    assertThat(refused.json().at("/NeutronError/message").asString())
        .contains("overlaps with another subnet");
  }

  @Test
  void whatDoesNotFitIsRefused() {
    TestingHttp member = net.member("wrong");
    assertFault(member, "\"cidr\": \"10.0.0.1/24\"", 400, "HTTPBadRequest");
    assertFault(member, "\"cidr\": \"2001:db8::/64\"", 400, "InvalidInput");
    assertFault(member, "\"name\": \"none\"", 400, "BadRequest");
    assertFault(
        member,
        "\"cidr\": \"10.0.0.0/24\", \"gateway_ip\": \"10.0.0.9\","
            + " \"allocation_pools\": [{\"start\": \"10.0.0.2\", \"end\": \"10.0.0.20\"}]",
        409,
        "GatewayConflictWithAllocationPools");
    assertFault(
        member,
        "\"cidr\": \"10.0.0.0/24\","
            + " \"allocation_pools\": [{\"start\": \"10.0.0.2\", \"end\": \"10.0.1.20\"}]",
        400,
        "OutOfBoundsAllocationPool");
    assertFault(
        member,
        "\"cidr\": \"10.0.0.0/24\", \"allocation_pools\": ["
            + "{\"start\": \"10.0.0.2\", \"end\": \"10.0.0.20\"},"
            + "{\"start\": \"10.0.0.9\", \"end\": \"10.0.0.30\"}]",
        409,
        "OverlappingAllocationPools");
    assertFault(
        member, "\"cidr\": \"10.0.0.0/24\", \"ipv6_ra_mode\": \"slaac\"", 400, "InvalidInput");
  }

  @Test
  void dhcpIsTurnedOffAndOn() {
    TestingHttp member = net.member("dhcp");
    String id =
        create(member, "\"cidr\": \"10.0.0.0/24\"").expect(201).json().at("/subnet/id").asString();
    UUID uuid = UUID.fromString(id);
    member.put("/subnets/" + id, "{\"subnet\": {\"enable_dhcp\": false}}").expect(200);
    assertThat(net.backend.subnets.get(uuid).metadataAddress()).isEmpty();
    member.put("/subnets/" + id, "{\"subnet\": {\"enable_dhcp\": true}}").expect(200);
    assertThat(net.backend.subnets.get(uuid).metadataAddress()).isPresent();
  }

  @Test
  void prefixesComeFromAPool() {
    TestingHttp member = net.member("pool");
    String pool =
        TestingNetwork.post(
            member,
            "/subnetpools",
            """
            {"subnetpool": {"name": "p", "prefixes": ["10.8.0.0/16"], "default_prefixlen": 26}}\
            """,
            "/subnetpool/id");
    String network = net.network(member);
    String from =
        "{\"subnet\": {\"network_id\": \"%s\", \"ip_version\": 4, \"subnetpool_id\": \"%s\"%s}}";
    JsonNode first = member.post("/subnets", from.formatted(network, pool, "")).expect(201).json();
    assertThat(first.at("/subnet/cidr").asString()).isEqualTo("10.8.0.0/26");
    JsonNode second =
        member
            .post("/subnets", from.formatted(network, pool, ", \"prefixlen\": 24"))
            .expect(201)
            .json();
    assertThat(second.at("/subnet/cidr").asString()).isEqualTo("10.8.1.0/24");
    JsonNode third = member.post("/subnets", from.formatted(network, pool, "")).expect(201).json();
    assertThat(third.at("/subnet/cidr").asString()).isEqualTo("10.8.0.64/26");
    member.post("/subnets", from.formatted(network, pool, ", \"prefixlen\": 7")).expect(400);
    member.delete("/subnetpools/" + pool).expect(400);
  }

  private static Answer create(TestingHttp http, String more) {
    return http.post(
        "/subnets",
        "{\"subnet\": {\"network_id\": \"%s\", \"ip_version\": 4, %s}}"
            .formatted(net.network(http), more));
  }

  private static void assertFault(TestingHttp http, String more, int status, String type) {
    Answer answer = create(http, more).expect(status);
    assertThat(answer.json().at("/NeutronError/type").asString()).isEqualTo(type);
  }
}
