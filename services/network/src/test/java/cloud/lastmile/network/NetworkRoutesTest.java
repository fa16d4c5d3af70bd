package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class NetworkRoutesTest {
  @AutoClose private static final TestingNetwork net = new TestingNetwork();

  @Test
  void createdNetworkHasTheDefaults() {
    TestingHttp member = net.member("defaults");
    JsonNode network =
        member
            .post("/networks", "{\"network\": {\"name\": \"n\"}}")
            .expect(201)
            .json()
            .at("/network");
    assertThat(network.path("status").asString()).isEqualTo("ACTIVE");
    assertThat(network.path("mtu").asInt()).isEqualTo(1442);
    assertThat(network.path("admin_state_up").asBoolean()).isTrue();
    assertThat(network.path("port_security_enabled").asBoolean()).isTrue();
    assertThat(network.path("tenant_id").asString()).isEqualTo("defaults");
    assertThat(network.path("project_id").asString()).isEqualTo("defaults");
    assertThat(network.has("provider:network_type")).isFalse();
    UUID id = UUID.fromString(network.path("id").asString());
    assertThat(net.backend.networks).containsKey(id);
    JsonNode seenByAdmin = net.admin().get("/networks/" + id).expect(200).json().at("/network");
    assertThat(seenByAdmin.path("provider:network_type").asString()).isEqualTo("geneve");
  }

  @Test
  void onlyTheFieldsAskedForAreShown() {
    TestingHttp member = net.member("fields");
    String id = network(member);
    assertThat(
            member
                .get("/networks/" + id + "?fields=id&fields=name")
                .json()
                .at("/network")
                .propertyNames())
        .containsExactlyInAnyOrder("id", "name");
    for (JsonNode row : member.get("/networks?fields=id").json().at("/networks")) {
      assertThat(row.propertyNames()).containsExactly("id");
    }
  }

  @Test
  void otherProjectsNetworksAreHidden() {
    String id = network(net.member("mine"));
    TestingHttp other = net.member("theirs");
    Answer answer = other.get("/networks/" + id).expect(404);
    assertThat(answer.json().at("/NeutronError/type").asString()).isEqualTo("NetworkNotFound");
    other.put("/networks/" + id, "{\"network\": {\"name\": \"x\"}}").expect(404);
    other.delete("/networks/" + id).expect(404);
    assertThat(other.get("/networks?id=" + id).json().at("/networks")).isEmpty();
  }

  @Test
  void externalNetworkIsSeenByAllAndChangedByNone() {
    TestingHttp member = net.member("visitor");
    JsonNode found = member.get("/networks?router:external=true").json().at("/networks");
    assertThat(found).hasSize(1);
    String id = found.get(0).path("id").asString();
    assertThat(found.get(0).path("name").asString()).isEqualTo("public");
    Answer refused = member.put("/networks/" + id, "{\"network\": {\"name\": \"x\"}}").expect(403);
    assertThat(refused.json().at("/NeutronError/message").asString())
        .isEqualTo("rule:update_network is disallowed by policy");
    member.delete("/networks/" + id).expect(403);
    assertThat(member.get("/subnets?network_id=" + id).json().at("/subnets")).isEmpty();
  }

  @Test
  void onlyAdministratorsShare() {
    net.member("sharer").post("/networks", "{\"network\": {\"shared\": true}}").expect(403);
    String id =
        net.admin()
            .post("/networks", "{\"network\": {\"shared\": true, \"name\": \"all\"}}")
            .expect(201)
            .json()
            .at("/network/id")
            .asString();
    net.member("anyone").get("/networks/" + id).expect(200);
    net.admin().delete("/networks/" + id).expect(204);
  }

  @Test
  void wrongAttributesAreNamed() {
    TestingHttp member = net.member("wrong");
    assertBad(member, "{\"network\": {\"name\": 3}}", "name");
    assertBad(member, "{\"network\": {\"admin_state_up\": \"maybe\"}}", "maybe");
    assertBad(member, "{\"network\": {\"colour\": \"red\"}}", "Unrecognized attribute(s) 'colour'");
    assertBad(member, "{\"network\": {\"id\": \"x\"}}", "Attribute 'id' not allowed in POST");
    assertBad(member, "{\"net\": {}}", "Unable to find 'network' in request body");
    assertBad(member, "{\"network\": []}", "invalid data");
    assertBad(member, "{\"networks\": []}", "Resources required");
    assertBad(member, "{\"network\": {\"mtu\": 9000}}", "maximum is 1442");
  }

  private static void assertBad(TestingHttp http, String body, String part) {
    Answer answer = http.post("/networks", body).expect(400);
    assertThat(answer.json().at("/NeutronError/message").asString()).contains(part);
  }

  @Test
  void manyAreMadeAtOnceOrNone() {
    TestingHttp member = net.member("bulk");
    JsonNode made =
        member
            .post("/networks", "{\"networks\": [{\"name\": \"one\"}, {\"name\": \"two\"}]}")
            .expect(201)
            .json()
            .at("/networks");
    assertThat(made).hasSize(2);
    member.post("/networks", "{\"networks\": [{\"name\": \"three\"}, {\"name\": 4}]}").expect(400);
    assertThat(member.get("/networks?name=three").json().at("/networks")).isEmpty();
  }

  @Test
  void pagesLinkToEachOther() {
    TestingHttp member = net.member("pages");
    for (String name : new String[] {"a", "b", "c"}) {
      member.post("/networks", "{\"network\": {\"name\": \"" + name + "\"}}").expect(201);
    }
    String sorted = "/networks?tenant_id=pages&sort_key=name&sort_dir=desc";
    JsonNode first = member.get(sorted + "&limit=2").expect(200).json();
    assertThat(first.at("/networks/0/name").asString()).isEqualTo("c");
    assertThat(first.at("/networks_links/0/rel").asString()).isEqualTo("next");
    String next = first.at("/networks_links/0/href").asString();
    JsonNode second = member.at(next).get("").expect(200).json();
    assertThat(second.at("/networks")).hasSize(1);
    assertThat(second.at("/networks/0/name").asString()).isEqualTo("a");
    assertThat(second.at("/networks_links/0/rel").asString()).isEqualTo("previous");
  }

  @Test
  void networkWithPortsStaysAndOneWithSubnetsGoes() {
    TestingHttp member = net.member("delete");
    String id = network(member);
    String subnet = net.subnet(member, id, "10.1.0.0/24");
    String port =
        TestingNetwork.post(
            member, "/ports", "{\"port\": {\"network_id\": \"" + id + "\"}}", "/port/id");
    Answer inUse = member.delete("/networks/" + id).expect(409);
    assertThat(inUse.json().at("/NeutronError/type").asString()).isEqualTo("NetworkInUse");
    member.delete("/ports/" + port).expect(204);
    member.delete("/networks/" + id).expect(204);
    member.get("/subnets/" + subnet).expect(404);
    assertThat(net.backend.networks).doesNotContainKey(UUID.fromString(id));
    assertThat(net.backend.subnets).doesNotContainKey(UUID.fromString(subnet));
  }

  private static String network(TestingHttp http) {
    return TestingNetwork.post(http, "/networks", "{\"network\": {}}", "/network/id");
  }
}
