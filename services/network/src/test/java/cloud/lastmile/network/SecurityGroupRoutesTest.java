package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class SecurityGroupRoutesTest {
  @AutoClose private static final TestingNetwork net = new TestingNetwork();

  @Test
  void everyProjectHasADefaultGroup() {
    TestingHttp member = net.member("fresh");
    JsonNode groups = member.get("/security-groups").expect(200).json().at("/security_groups");
    assertThat(groups).hasSize(1);
    assertThat(groups.get(0).path("name").asString()).isEqualTo("default");
    assertThat(groups.get(0).path("security_group_rules")).hasSize(4);
    String id = groups.get(0).path("id").asString();
    assertThat(net.backend.groups.get(UUID.fromString(id)).rules()).hasSize(4);
    member.delete("/security-groups/" + id).expect(409);
    member.post("/security-groups", "{\"security_group\": {\"name\": \"default\"}}").expect(409);
  }

  @Test
  void ruleIsMadeOnce() {
    TestingHttp member = net.member("once");
    String group = group(member);
    String rule =
        "\"direction\": \"ingress\", \"protocol\": \"tcp\", \"port_range_min\": 22, \"port_range_max\": 22";
    JsonNode made = rule(member, group, rule).expect(201).json().at("/security_group_rule");
    assertThat(made.path("ethertype").asString()).isEqualTo("IPv4");
    assertThat(made.path("remote_ip_prefix").isNull()).isTrue();
    assertFault(rule(member, group, rule), 409, "SecurityGroupRuleExists");
    assertFault(rule(member, group, rule.replace("\"tcp\"", "6")), 409, "SecurityGroupRuleExists");
    assertThat(net.backend.groups.get(UUID.fromString(group)).rules()).hasSize(3);
    member.delete("/security-group-rules/" + made.path("id").asString()).expect(204);
    assertThat(net.backend.groups.get(UUID.fromString(group)).rules()).hasSize(2);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    TestingHttp member = net.member("wrong");
    String group = group(member);
    String in = "\"direction\": \"ingress\", ";
    assertFault(
        rule(member, group, in + "\"protocol\": \"bad\""), 400, "SecurityGroupRuleInvalidProtocol");
    assertFault(
        rule(member, group, in + "\"port_range_min\": 1, \"port_range_max\": 2"),
        400,
        "SecurityGroupProtocolRequiredWithPorts");
    assertFault(
        rule(
            member,
            group,
            in + "\"protocol\": \"udp\", \"port_range_min\": 9, \"port_range_max\": 2"),
        400,
        "SecurityGroupInvalidPortRange");
    assertFault(
        rule(member, group, in + "\"protocol\": \"icmp\", \"port_range_min\": 300"),
        400,
        "SecurityGroupInvalidIcmpValue");
    assertFault(
        rule(member, group, in + "\"remote_ip_prefix\": \"2001:db8::/64\""),
        400,
        "SecurityGroupRuleParameterConflict");
    assertFault(rule(member, group, in + "\"remote_ip_prefix\": \"x\""), 400, "InvalidCIDR");
    assertFault(
        rule(member, group, in + "\"remote_group_id\": \"%s\"".formatted(UUID.randomUUID())),
        404,
        "SecurityGroupNotFound");
    assertFault(
        rule(member, UUID.randomUUID().toString(), in + "\"protocol\": \"tcp\""),
        404,
        "SecurityGroupNotFound");
  }

  /** The engine would let the protocol pass whole. */
  @Test
  void portsThatTheEngineCannotMatchAreRefused() {
    TestingHttp member = net.member("unmatched");
    String group = group(member);
    for (String protocol : List.of("dccp", "UDPLITE", "33", "136")) {
      String rule = "\"direction\": \"ingress\", \"protocol\": \"" + protocol + "\"";
      assertFault(
          rule(member, group, rule + ", \"port_range_min\": 5001, \"port_range_max\": 5001"),
          400,
          "SecurityGroupInvalidProtocolForPort");
      assertFault(
          rule(member, group, rule + ", \"port_range_min\": 5001"),
          400,
          "SecurityGroupInvalidProtocolForPort");
    }
    String all = ", \"port_range_min\": 1, \"port_range_max\": 65535";
    String rule = "\"direction\": \"ingress\", \"protocol\": \"dccp\"" + all;
    JsonNode made = rule(member, group, rule).expect(201).json().at("/security_group_rule");
    assertThat(made.path("port_range_min").isNull()).isTrue();
    rule(member, group, rule.replace("dccp", "sctp").replace("65535", "1024")).expect(201);
  }

  @Test
  void groupInUseStays() {
    TestingHttp member = net.member("inuse");
    String group = group(member);
    String network = net.network(member);
    String port =
        TestingNetwork.post(
            member,
            "/ports",
            "{\"port\": {\"network_id\": \"%s\", \"security_groups\": [\"%s\"]}}"
                .formatted(network, group),
            "/port/id");
    assertFault(member.delete("/security-groups/" + group), 409, "SecurityGroupInUse");
    member.delete("/ports/" + port).expect(204);
    member.delete("/security-groups/" + group).expect(204);
  }

  private static String group(TestingHttp http) {
    return TestingNetwork.post(
        http, "/security-groups", "{\"security_group\": {\"name\": \"g\"}}", "/security_group/id");
  }

  private static Answer rule(TestingHttp http, String group, String more) {
    return http.post(
        "/security-group-rules",
        "{\"security_group_rule\": {\"security_group_id\": \"" + group + "\", " + more + "}}");
  }

  private static void assertFault(Answer answer, int status, String type) {
    assertThat(answer.expect(status).json().at("/NeutronError/type").asString()).isEqualTo(type);
  }
}
