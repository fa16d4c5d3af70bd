package cloud.lastmile.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.testing.TestingApi;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What every service gets from the API layer, shown on a service made for the purpose. */
class ApiLayerTest {
  private static final PolicyRule READ = PolicyRule.reader("toy:get");
  private static final PolicyRule WRITE = PolicyRule.member("toy:create");
  @AutoClose private static final TestingApi API = TestingApi.start(toy());

  private static ServiceApi toy() {
    ServiceApi.FaultFormat faults =
        (failure, _) ->
            ApiResponse.json(
                failure.kind().status(), Json.object().put("toyFault", failure.message()));
    Microversions versions =
        new Microversions(
            "toy", Optional.of("X-Toy-Version"), Microversion.of("1.0"), Microversion.of("1.9"));
    return new ServiceApi(
        "toy",
        "/toy",
        faults,
        Optional.of(versions),
        1000,
        List.of(
            Route.get("/", PolicyRule.PUBLIC, _ -> ApiResponse.ok(Json.object())),
            Route.get("/things/{id}", READ, r -> text(r.path("id"))),
            Route.get("/things/special", READ, _ -> text("literal")),
            Route.post("/things", WRITE, ApiLayerTest::create),
            Route.get("/new", READ, _ -> text("new")).from("1.5"),
            Route.get("/new", READ, _ -> text("old")).upTo("1.4"),
            Route.get("/forgetful", READ, _ -> text("unchecked")).enforcedByHandler(),
            Route.get(
                "/crash",
                READ,
                _ -> {
                  throw new IllegalStateException("secret");
                }),
            Route.get("/owned", READ, ApiLayerTest::owned).enforcedByHandler()),
        List.of());
  }

  private static ApiResponse text(String value) {
    return ApiResponse.ok(Json.object().put("value", value));
  }

  private static ApiResponse create(ApiRequest request) {
    Fields thing = request.body().object("thing");
    String name = thing.string("name", 1, 10);
    long size = thing.integer("size", 0, 5);
    thing.rejectUnknown();
    return text(name + size);
  }

  private static ApiResponse owned(ApiRequest request) {
    request.enforce(Map.of("project_id", "p1"));
    return text("mine");
  }

  private static TestingHttp member() {
    return API.member("alice", "p1");
  }

  private static Answer create(String body) {
    return member().post("/toy/things", body);
  }

  @Test
  void tokensAreNeededExceptOnPublicRoutes() {
    assertThat(API.anonymous().get("/toy/").status()).isEqualTo(200);
    Answer refused = API.anonymous().get("/toy/things/1");
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.headers().firstValue("WWW-Authenticate").orElse("")).contains("/identity");
    assertThat(refused.json().at("/error/code").asInt()).isEqualTo(401);
    assertThat(member().get("/toy/things/1").status()).isEqualTo(200);
  }

  @Test
  void policyIsCheckedBeforeTheHandlerReadsAnything() {
    Answer refused = API.as("bob", "p1", "reader").post("/toy/things", "not json");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.json().at("/toyFault").asString()).contains("toy:create");
  }

  @Test
  void aHandlerThatForgetsToEnforceAnswersNothing() {
    Answer answer = member().get("/toy/forgetful");
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.text()).doesNotContain("unchecked");
    assertThat(member().get("/toy/owned").status()).isEqualTo(200);
    assertThat(API.member("eve", "p2").get("/toy/owned").status()).isEqualTo(403);
  }

  @Test
  void anUnexpectedErrorTellsNothing() {
    Answer answer = member().get("/toy/crash");
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.text()).doesNotContain("secret").contains("unexpected error");
    assertThat(answer.headers().firstValue("X-Openstack-Request-Id").orElse("")).startsWith("req-");
  }

  @Test
  void pathsAreMatchedBySegment() {
    assertThat(member().get("/toy/things/special").json().at("/value").asString())
        .isEqualTo("literal");
    assertThat(member().get("/toy/things/a%2Fb").json().at("/value").asString()).isEqualTo("a/b");
    assertThat(member().get("/toy/things/1/").status()).isEqualTo(200);
    assertThat(member().get("/toy/things/1/2").status()).isEqualTo(404);
    assertThat(member().get("/nowhere").status()).isEqualTo(404);
    Answer wrong = member().delete("/toy/things");
    assertThat(wrong.status()).isEqualTo(405);
    assertThat(wrong.headers().firstValue("Allow")).contains("POST");
  }

  @Test
  void microversionsAreNegotiated() {
    Answer old = member().get("/toy/new");
    assertThat(old.json().at("/value").asString()).isEqualTo("old");
    assertThat(old.headers().firstValue("OpenStack-API-Version")).contains("toy 1.0");
    Answer latest = member().with("OpenStack-API-Version", "other 7, toy latest").get("/toy/new");
    assertThat(latest.json().at("/value").asString()).isEqualTo("new");
    assertThat(latest.headers().firstValue("X-Toy-Version")).contains("1.9");
    assertThat(latest.headers().allValues("Vary")).contains("OpenStack-API-Version");
    assertThat(member().with("X-Toy-Version", "1.10").get("/toy/new").status()).isEqualTo(406);
    assertThat(member().with("X-Toy-Version", "one").get("/toy/new").status()).isEqualTo(400);
  }

  @Test
  void aWrongFieldIsNamed() {
    assertThat(create("{\"thing\": {\"name\": \"a\", \"size\": 5}}").status()).isEqualTo(200);
    assertRefused("{\"thing\": {\"name\": \"\", \"size\": 1}}", "thing.name");
    assertRefused("{\"thing\": {\"name\": 3, \"size\": 1}}", "thing.name");
    assertRefused("{\"thing\": {\"name\": \"a\\u0000\", \"size\": 1}}", "thing.name");
    assertRefused("{\"thing\": {\"name\": \"a\", \"size\": 6}}", "thing.size");
    assertRefused("{\"thing\": {\"name\": \"a\", \"size\": 1.5}}", "thing.size");
    assertRefused("{\"thing\": {\"name\": \"a\"}}", "thing.size");
    assertRefused("{\"thing\": {\"name\": \"a\", \"size\": 1, \"x\": 1}}", "'x' was unexpected");
    assertRefused("{\"thing\": []}", "thing");
    assertRefused("[]", "body");
  }

  private static void assertRefused(String body, String named) {
    Answer answer = create(body);
    assertThat(answer.status()).as(body).isEqualTo(400);
    assertThat(answer.json().at("/toyFault").asString()).as(body).contains(named);
  }

  @Test
  void hostileBodiesAreRefused() {
    assertThat(create("").status()).isEqualTo(400);
    assertThat(create("{").status()).isEqualTo(400);
    assertThat(create("{} {}").status()).isEqualTo(400);
    assertThat(create("[".repeat(500)).status()).isEqualTo(400);
    assertThat(create("x".repeat(1001)).status()).isEqualTo(413);
    byte[] notUtf8 = "{\"thing\": {\"name\": \"\u00e9\"}}".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(
            member()
                .exchange(
                    "POST",
                    "/toy/things",
                    "application/json",
                    java.net.http.HttpRequest.BodyPublishers.ofByteArray(notUtf8))
                .status())
        .isEqualTo(400);
  }

  @Test
  void headIsGetWithoutABody() {
    Answer head = member().head("/toy/things/1");
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
  }

  @Test
  void aFailureIsKnownByKindNotByStatus() {
    assertThat(ApiException.notFound("x").kind().status()).isEqualTo(404);
  }
}
