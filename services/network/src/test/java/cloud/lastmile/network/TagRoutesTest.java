package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Tags of resources. */
final class TagRoutesTest {
  @AutoClose private static final TestingNetwork net = new TestingNetwork();

  @Test
  void everyKindBearsTags() {
    TestingHttp member = net.member("kinds");
    String network = net.network(member);
    Map<String, String> paths = new LinkedHashMap<>();
    paths.put("/networks/" + network, "network");
    paths.put("/subnets/" + net.subnet(member, network, "10.0.0.0/24"), "subnet");
    paths.put("/ports/" + net.port(member, network), "port");
    paths.put("/routers/" + made(member, "router", "routers", ""), "router");
    paths.put(
        "/floatingips/"
            + made(
                member,
                "floatingip",
                "floatingips",
                "\"floating_network_id\": \"" + net.external() + "\""),
        "floatingip");
    paths.put(
        "/subnetpools/"
            + made(
                member,
                "subnetpool",
                "subnetpools",
                "\"name\": \"tagged\", \"prefixes\": [\"10.7.0.0/16\"]"),
        "subnetpool");
    paths.put(
        "/security-groups/"
            + made(member, "security_group", "security-groups", "\"name\": \"tagged\""),
        "security_group");
    paths.forEach((path, kind) -> bearsTags(member, path, kind));
  }

  private static String made(TestingHttp member, String kind, String collection, String fields) {
    String body = "{\"" + kind + "\": {" + fields + "}}";
    JsonNode answer = member.post("/" + collection, body).expect(201).json();
    return answer.at("/" + kind + "/id").asString();
  }

  private static void bearsTags(TestingHttp member, String path, String kind) {
    int before = revision(member, path, kind);
    member.put(path + "/tags/red", "").expect(201);
    member.put(path + "/tags/red", "").expect(201);
    assertThat(revision(member, path, kind)).isEqualTo(before + 1);
    member.get(path + "/tags/red").expect(204);
    member.get(path + "/tags/blue").expect(404);
    assertThat(tags(member, path)).containsExactly("red");
    JsonNode replaced =
        member.put(path + "/tags", "{\"tags\": [\"a\", \"b c\"]}").expect(200).json();
    assertThat(replaced.path("tags").values())
        .extracting(JsonNode::asString)
        .containsExactly("a", "b c");
    assertThat(member.get(path).json().at("/" + kind + "/tags").values())
        .extracting(JsonNode::asString)
        .containsExactly("a", "b c");
    member.delete(path + "/tags/b%20c").expect(204);
    member.delete(path + "/tags/b%20c").expect(404);
    assertThat(tags(member, path)).containsExactly("a");
    member.delete(path + "/tags").expect(204);
    assertThat(tags(member, path)).isEmpty();
  }

  private static int revision(TestingHttp member, String path, String kind) {
    return member.get(path).expect(200).json().at("/" + kind + "/revision_number").asInt();
  }

  private static List<String> tags(TestingHttp member, String path) {
    return member.get(path + "/tags").expect(200).json().path("tags").values().stream()
        .map(JsonNode::asString)
        .toList();
  }

  @Test
  void listsAreFilteredByTags() {
    TestingHttp member = net.member("filters");
    String red = tagged(member, "red");
    String both = tagged(member, "red", "blue");
    String none = tagged(member);
    assertThat(listed(member, "tags=red")).containsExactlyInAnyOrder(red, both);
    assertThat(listed(member, "tags=red,blue")).containsExactly(both);
    assertThat(listed(member, "tags-any=blue,green")).containsExactly(both);
    assertThat(listed(member, "not-tags=red,blue")).contains(red, none).doesNotContain(both);
    assertThat(listed(member, "not-tags-any=red,blue")).contains(none).doesNotContain(red, both);
  }

  private static String tagged(TestingHttp member, String... tags) {
    String network = net.network(member);
    for (String tag : tags) {
      member.put("/networks/" + network + "/tags/" + tag, "").expect(201);
    }
    return network;
  }

  private static List<String> listed(TestingHttp member, String query) {
    return member.get("/networks?" + query).expect(200).json().path("networks").values().stream()
        .map(network -> network.path("id").asString())
        .toList();
  }

  @Test
  void whatIsWrongIsRefusedAndChangesNothing() {
    TestingHttp member = net.member("wrong");
    String path = "/networks/" + tagged(member, "kept");
    for (String body :
        List.of(
            "{}",
            "{\"tags\": \"red\"}",
            "{\"tags\": [1]}",
            "{\"tags\": [\"red\", \"red\"]}",
            "{\"tags\": [\"" + "x".repeat(256) + "\"]}",
            "{\"tags\": [\"a\\u0000\"]}",
            "{\"tags\": [\"\\ud800\"]}",
            "{\"tags\": [" + String.join(",", numbers(51)) + "]}")) {
      member.put(path + "/tags", body).expect(400);
    }
    member.put(path + "/tags/" + "x".repeat(256), "").expect(400);
    assertThat(tags(member, path)).containsExactly("kept");
    member.put(path + "/tags", "{\"tags\": [" + String.join(",", numbers(50)) + "]}").expect(200);
    member.put(path + "/tags/more", "").expect(400);
    JsonNode missing = member.get("/networks/" + UUID.randomUUID() + "/tags").expect(404).json();
    assertThat(missing.at("/NeutronError/type").asString()).isEqualTo("TagResourceNotFound");
    String named = "{\"network\": {\"tags\": [\"a\"]}}";
    assertThat(member.post("/networks", named).expect(400).text()).contains("not allowed in POST");
  }

  private static List<String> numbers(int count) {
    return IntStream.range(0, count).mapToObj(number -> "\"" + number + "\"").toList();
  }

  @Test
  void othersSeeTagsOfWhatIsSharedAndChangeNone() {
    TestingHttp member = net.member("owner");
    TestingHttp stranger = net.member("stranger");
    String path = "/networks/" + tagged(member, "mine");
    stranger.get(path + "/tags").expect(404);
    stranger.put(path + "/tags/theirs", "").expect(404);
    net.admin().put(path, "{\"network\": {\"shared\": true}}").expect(200);
    assertThat(tags(stranger, path)).containsExactly("mine");
    stranger.put(path + "/tags/theirs", "").expect(403);
    stranger.delete(path + "/tags").expect(403);
    assertThat(tags(member, path)).containsExactly("mine");
  }
}
