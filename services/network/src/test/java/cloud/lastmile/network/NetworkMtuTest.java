package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

final class NetworkMtuTest {
  @AutoClose private static final TestingNetwork net = new TestingNetwork();

  private final TestingHttp member = net.member(UUID.randomUUID().toString());

  private String network(int mtu) {
    return TestingNetwork.post(
        member, "/networks", "{\"network\": {\"mtu\": " + mtu + "}}", "/network/id");
  }

  private Answer update(String network, Object mtu) {
    return member.put("/networks/" + network, "{\"network\": {\"mtu\": " + mtu + "}}");
  }

  private Answer subnet(String network, int version, String cidr) {
    return member.post(
        "/subnets",
        "{\"subnet\": {\"network_id\": \"%s\", \"ip_version\": %d, \"cidr\": \"%s\"}}"
            .formatted(network, version, cidr));
  }

  private static void assertFault(Answer answer, int status, String type) {
    assertThat(answer.expect(status).json().at("/NeutronError/type").asString()).isEqualTo(type);
  }

  @Test
  void noNetworkIsTooNarrowOrTooWide() {
    for (int mtu : new int[] {1, 67, 1443, 65535}) {
      assertFault(
          member.post("/networks", "{\"network\": {\"mtu\": " + mtu + "}}"), 400, "InvalidInput");
      assertFault(update(network(1400), mtu), 400, "InvalidInput");
    }
    member.post("/networks", "{\"network\": {\"mtu\": -1}}").expect(400);
    assertThat(member.get("/networks/" + network(0)).json().at("/network/mtu").asInt())
        .isEqualTo(1442);
    assertThat(member.get("/networks/" + network(68)).json().at("/network/mtu").asInt())
        .isEqualTo(68);
  }

  @Test
  void noneIsNoMtu() {
    String network = network(1400);
    assertFault(update(network, 0), 400, "InvalidInput");
    update(network, "null").expect(400);
    subnet(network, 4, "10.0.0.0/24").expect(201);
    assertFault(update(network, 0), 409, "NetworkMTUSubnetConflict");
    assertThat(member.get("/networks/" + network).json().at("/network/mtu").asInt())
        .isEqualTo(1400);
  }

  @Test
  void version6NeedsMore() {
    String narrow = network(1279);
    assertFault(subnet(narrow, 6, "2001:db8::/64"), 409, "NetworkMTUSubnetConflict");
    subnet(narrow, 4, "10.0.0.0/24").expect(201);
    update(narrow, 1280).expect(200);
    subnet(narrow, 6, "2001:db8::/64").expect(201);
    assertFault(update(narrow, 1279), 409, "NetworkMTUSubnetConflict");
    assertFault(update(narrow, 67), 409, "NetworkMTUSubnetConflict");
    update(narrow, 1281).expect(200);
  }

  @Test
  void everythingThatTellsOfItLearnsOfAChange() {
    String network = network(1400);
    String subnet =
        subnet(network, 6, "2001:db8::/64\", \"ipv6_ra_mode\": \"slaac")
            .expect(201)
            .json()
            .at("/subnet/id")
            .asString();
    String router = TestingNetwork.post(member, "/routers", "{\"router\": {}}", "/router/id");
    member
        .put("/routers/" + router + "/add_router_interface", "{\"subnet_id\": \"" + subnet + "\"}")
        .expect(200);
    update(network, 1300).expect(200);
    assertThat(net.backend.subnets.get(UUID.fromString(subnet)).mtu()).isEqualTo(1300);
    Topology.RouterPort leg =
        net.backend.routers.get(UUID.fromString(router)).interfaces().getFirst();
    assertThat(leg.mtu()).isEqualTo(1300);
    assertThat(leg.ipv6Mode()).contains("slaac");
  }
}
