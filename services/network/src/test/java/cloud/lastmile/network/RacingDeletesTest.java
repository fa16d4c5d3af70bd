package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Race;
import cloud.lastmile.testing.TestingHttp;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Of twelve clients who delete the same thing at once one succeeds, and it is counted once. */
final class RacingDeletesTest {
  @AutoClose private static final TestingNetwork net = new TestingNetwork();

  @ParameterizedTest
  @CsvSource({
    "networks, network",
    "subnets, subnet",
    "ports, port",
    "routers, router",
    "floatingips, floatingip",
    "security-groups, security_group",
    "security-group-rules, security_group_rule",
    "subnetpools, subnetpool"
  })
  void oneSucceedsAndIsCountedOnce(String path, String noun) {
    String project = "racing-" + noun;
    TestingHttp member = net.member(project);
    member.get("/security-groups").expect(200);
    List<String> ids = new ArrayList<>();
    for (int count = 0; count < 4; count++) {
      ids.add(make(member, noun, count));
    }
    long used = used(project, noun);
    long deletions = deletions(noun);
    for (int deleted = 1; deleted <= 3; deleted++) {
      String one = "/" + path + "/" + ids.get(deleted);
      assertThat(Race.statuses(() -> member.delete(one)))
          .containsOnly(204, 404)
          .containsOnlyOnce(204);
      assertThat(used(project, noun)).isEqualTo(used - deleted);
      assertThat(deletions(noun)).isEqualTo(deletions + deleted);
    }
    member.get("/" + path + "/" + ids.getFirst()).expect(200);
  }

  @Test
  void tooManyAtOnceAreRefusedBeforeOneIsWritten() {
    TestingHttp member = net.member("bulk");
    String body = "{\"networks\": [" + "{}, ".repeat(100) + "{}]}";
    member.post("/networks", body).expect(409);
    assertThat(used("bulk", "network")).isZero();
    String more = "{\"networks\": [" + "{}, ".repeat(50_000) + "{}]}";
    member.post("/networks", more).expect(400);
    member.post("/networks", "{\"networks\": [{}, {}]}").expect(201);
    assertThat(used("bulk", "network")).isEqualTo(2);
  }

  private static String make(TestingHttp member, String noun, int count) {
    return switch (noun) {
      case "network" -> net.network(member);
      case "subnet" -> net.subnet(member, net.network(member), "10.0." + count + ".0/24");
      case "port" -> net.port(member, net.network(member));
      case "router" -> TestingNetwork.post(member, "/routers", "{\"router\": {}}", "/router/id");
      case "floatingip" ->
          TestingNetwork.post(
              member,
              "/floatingips",
              "{\"floatingip\": {\"floating_network_id\": \"" + net.external() + "\"}}",
              "/floatingip/id");
      case "security_group" -> group(member, "racing" + count);
      case "security_group_rule" ->
          TestingNetwork.post(
              member,
              "/security-group-rules",
              """
              {"security_group_rule": {"security_group_id": "%s", "direction": "ingress"}}\
              """
                  .formatted(group(member, "rules" + count)),
              "/security_group_rule/id");
      default ->
          TestingNetwork.post(
              member,
              "/subnetpools",
              "{\"subnetpool\": {\"name\": \"racing\", \"prefixes\": [\"10.0.0.0/8\"]}}",
              "/subnetpool/id");
    };
  }

  private static String group(TestingHttp member, String name) {
    return TestingNetwork.post(
        member,
        "/security-groups",
        "{\"security_group\": {\"name\": \"" + name + "\"}}",
        "/security_group/id");
  }

  private static long used(String project, String noun) {
    JsonNode quota =
        net.admin().get("/quotas/" + project + "/details.json").expect(200).json().path("quota");
    return quota.path(noun).path("used").asLong();
  }

  private static long deletions(String noun) {
    return net.database
        .database()
        .read(handle ->
            handle
                .createQuery("SELECT count(*) FROM work.event WHERE type = :type")
                .bind("type", "network." + noun + ".delete")
                .mapTo(Long.class)
                .one());
  }
}
