package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Calls every route without a token, with a worthless one, and with garbage. */
class SweepTest {
  private static final String ID = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";

  /** The same for every project, so the reference answers them to whoever has a token. */
  private static final Set<String> OF_ALL =
      Set.of("/compute/v2.1/os-quota-sets/{project_id}/defaults");

  private static final TestCloud CLOUD = TestCloud.shared();

  private record Call(ServiceApi service, Route route) {
    String path() {
      return path(ID);
    }

    String path(String id) {
      return service.prefix() + route.path().replaceAll("\\{[^}]*}", id);
    }

    /** The collection that the route's first id is of. */
    String collection() {
      return service.prefix() + route.path().replaceAll("/\\{.*", "");
    }

    String name() {
      return route.method() + " " + service.prefix() + route.path();
    }

    Answer by(TestingHttp http, String body) {
      return by(http, body, path());
    }

    Answer by(TestingHttp http, String body, String path) {
      boolean bodiless = route.method().equals("GET") || route.method().equals("DELETE");
      TestingHttp client = http;
      if (service.microversions().isPresent()) {
        String version =
            route.max() == null
                ? service.microversions().get().max().toString()
                : route.max().toString();
        client =
            http.with(
                "OpenStack-API-Version",
                service.microversions().get().serviceType() + " " + version);
      }
      return client.send(route.method(), path, bodiless ? null : body);
    }
  }

  private static List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (ServiceApi service : CLOUD.apis()) {
      service.routes().forEach(route -> calls.add(new Call(service, route)));
    }
    return calls;
  }

  @TestFactory
  List<DynamicTest> nothingIsAnsweredWithoutAToken() {
    return calls().stream()
        .filter(call -> !call.route().rule().equals(PolicyRule.PUBLIC))
        .map(call ->
            DynamicTest.dynamicTest(
                call.name(),
                () -> {
                  assertThat(call.by(CLOUD.anonymous(), "{}").status()).isEqualTo(401);
                  TestingHttp forged = CLOUD.anonymous().with("X-Auth-Token", "gAAAAforged");
                  assertThat(call.by(forged, "{}").status()).isEqualTo(401);
                }))
        .toList();
  }

  /** Unknown ids and bodies of the wrong shape are the client's fault, never ours. */
  @TestFactory
  List<DynamicTest> nothingBreaksOnGarbage() throws Exception {
    TestingHttp admin = CLOUD.admin();
    return calls().stream()
        .map(call ->
            DynamicTest.dynamicTest(
                call.name(),
                () -> {
                  for (String body : List.of("{}", "[]", "{\"x\": {\"y\": [1]}}", "nonsense")) {
                    Answer answer = call.by(admin, body);
                    assertThat(answer.status()).as(body + " " + answer.text()).isNotEqualTo(500);
                  }
                }))
        .toList();
  }

  /** A member of another project sees and changes nothing of the administrator's. */
  @TestFactory
  List<DynamicTest> anotherProjectGetsNothing() throws Exception {
    TestingHttp stranger = stranger();
    Map<String, String> things = things();
    return calls().stream()
        .filter(call -> call.route().path().contains("{"))
        .filter(call -> !OF_ALL.contains(call.service().prefix() + call.route().path()))
        .filter(call -> !call.route().rule().equals(PolicyRule.PUBLIC))
        .map(call ->
            DynamicTest.dynamicTest(
                call.name(),
                () -> {
                  String id = things.getOrDefault(call.collection(), ID);
                  Answer answer = call.by(stranger, "{}", call.path(id));
                  assertThat(answer.status()).as(answer.text()).isBetween(400, 499);
                }))
        .toList();
  }

  /** One thing of the administrator's project in each collection where that is cheap. */
  private static Map<String, String> things() throws Exception {
    String network = make("/networking/v2.0/networks", "network", "");
    String onNetwork = "\"network_id\": \"" + network + "\"";
    String group = make("/networking/v2.0/security-groups", "security_group", "\"name\": \"g\"");
    return Map.of(
        "/networking/v2.0/networks",
        network,
        "/networking/v2.0/subnets",
        make(
            "/networking/v2.0/subnets",
            "subnet",
            onNetwork + ", \"ip_version\": 4, \"cidr\": \"10.77.0.0/24\""),
        "/networking/v2.0/ports",
        make("/networking/v2.0/ports", "port", onNetwork),
        "/networking/v2.0/routers",
        make("/networking/v2.0/routers", "router", ""),
        "/networking/v2.0/security-groups",
        group,
        "/networking/v2.0/security-group-rules",
        make(
            "/networking/v2.0/security-group-rules",
            "security_group_rule",
            "\"security_group_id\": \"" + group + "\", \"direction\": \"ingress\""),
        "/image/v2/images",
        CLOUD
            .admin()
            .post("/image/v2/images", "{\"name\": \"private\"}")
            .expect(201)
            .json()
            .path("id")
            .asString(),
        "/compute/v2.1/os-server-groups",
        CLOUD
            .admin()
            .post(
                "/compute/v2.1/os-server-groups",
                "{\"server_group\": {\"name\": \"g\", \"policies\": [\"affinity\"]}}")
            .expect(200)
            .json()
            .at("/server_group/id")
            .asString());
  }

  private static String make(String collection, String kind, String fields) throws Exception {
    return CLOUD
        .admin()
        .post(collection, "{\"" + kind + "\": {" + fields + "}}")
        .expect(201)
        .json()
        .at("/" + kind + "/id")
        .asString();
  }

  private static TestingHttp stranger() throws Exception {
    TestingHttp admin = CLOUD.admin();
    String project = create(admin, "project", "{\"project\": {\"name\": \"stranger\"}}");
    String user =
        create(
            admin,
            "user",
            "{\"user\": {\"name\": \"stranger\", \"password\": \"strange-secret\"}}");
    JsonNode roles = admin.get("/identity/v3/roles?name=member").expect(200).json().path("roles");
    String role = roles.get(0).path("id").asString();
    admin
        .send("PUT", "/identity/v3/projects/" + project + "/users/" + user + "/roles/" + role, null)
        .expect(204);
    return CLOUD
        .anonymous()
        .with("X-Auth-Token", CLOUD.token("stranger", "strange-secret", "stranger"));
  }

  private static String create(TestingHttp admin, String kind, String body) {
    return admin
        .post("/identity/v3/" + kind + "s", body)
        .expect(201)
        .json()
        .path(kind)
        .path("id")
        .asString();
  }

  @Test
  void bodiesThatAttackTheParserAreRefused() throws Exception {
    TestingHttp admin = CLOUD.admin();
    String deep = "[".repeat(100_000);
    assertThat(admin.post("/compute/v2.1/servers", deep).status()).isIn(400, 413);
    assertThat(admin.post("/networking/v2.0/networks", deep).status()).isIn(400, 413);
    assertThat(admin.post("/identity/v3/projects", deep).status()).isIn(400, 413);
    assertThat(admin.post("/image/v2/images", deep).status()).isIn(400, 413);
  }
}
