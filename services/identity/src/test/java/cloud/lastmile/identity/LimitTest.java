package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.identity.api.LimitModel;
import cloud.lastmile.platform.policy.QuotaExceeded;
import cloud.lastmile.platform.policy.QuotaExceeded.Excess;
import cloud.lastmile.platform.policy.QuotaSet;
import cloud.lastmile.platform.policy.Quotas;
import cloud.lastmile.testing.TestingHttp;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class LimitTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();
  private static final Quotas QUOTAS =
      new Quotas(QuotaSet.of("compute").with("cores", 20, "class:VCPU").with("instances", 10));

  private final TestingHttp admin = IDENTITY.admin();
  private final String compute = service(admin, "compute");

  private static String service(TestingHttp admin, String type) {
    return admin.get("/v3/services?type=" + type).json().at("/services/0/id").asString();
  }

  private JsonNode register(String resource, long limit) {
    return register(admin, compute, resource, limit);
  }

  private static JsonNode register(TestingHttp admin, String service, String resource, long limit) {
    return admin
        .post(
            "/v3/registered_limits",
            """
            {"registered_limits": [{"service_id": "%s", "resource_name": "%s",
              "default_limit": %d}]}\
            """
                .formatted(service, resource, limit))
        .expect(201)
        .json()
        .at("/registered_limits/0");
  }

  private static String body(String service, String owner, String id, String resource, long limit) {
    return """
    {"limits": [{"service_id": "%s", "%s": "%s", "resource_name": "%s", "resource_limit": %d}]}\
    """
        .formatted(service, owner, id, resource, limit);
  }

  @Test
  void aLimitIsRegisteredListedChangedAndTakenBack() {
    String name = unique("resource");
    JsonNode made = register(name, 10);
    assertThat(made.path("region_id").isNull()).isTrue();
    assertThat(made.path("description").isNull()).isTrue();
    String path = "/v3/registered_limits/" + made.path("id").asString();
    assertThat(made.at("/links/self").asString()).isEqualTo(IDENTITY.url() + path);
    assertThat(admin.get(path).expect(200).json().path("registered_limit")).isEqualTo(made);
    JsonNode listed = admin.get("/v3/registered_limits?resource_name=" + name).json();
    assertThat(listed.path("registered_limits")).hasSize(1);
    JsonNode changed =
        admin
            .patch(
                path,
                """
                {"registered_limit": {"default_limit": 5, "region_id": "RegionOne",
                  "description": "d"}}\
                """)
            .expect(200)
            .json()
            .path("registered_limit");
    assertThat(changed.path("default_limit").asInt()).isEqualTo(5);
    assertThat(changed.path("region_id").asString()).isEqualTo("RegionOne");
    admin.delete(path).expect(204);
    admin.get(path).expect(404);
    admin.delete(path).expect(404);
  }

  @Test
  void aProjectsLimitRefersToARegisteredOne() {
    String name = unique("resource");
    String project = IDENTITY.project(unique("project"));
    admin.post("/v3/limits", body(compute, "project_id", project, name, 3)).expect(403);
    String registered = register(name, 10).path("id").asString();
    JsonNode made =
        admin
            .post("/v3/limits", body(compute, "project_id", project, name, 3))
            .expect(201)
            .json()
            .at("/limits/0");
    assertThat(made.path("project_id").asString()).isEqualTo(project);
    assertThat(made.path("domain_id").isNull()).isTrue();
    admin.post("/v3/limits", body(compute, "project_id", project, name, 4)).expect(409);
    admin.delete("/v3/registered_limits/" + registered).expect(403);
    admin.patch("/v3/registered_limits/" + registered, "{\"registered_limit\": {}}").expect(403);
    String path = "/v3/limits/" + made.path("id").asString();
    assertThat(
            admin
                .patch(path, "{\"limit\": {\"resource_limit\": 0}}")
                .expect(200)
                .json()
                .at("/limit/resource_limit")
                .asInt())
        .isZero();
    admin.delete("/v3/projects/" + project).expect(204);
    admin.get(path).expect(404);
    admin.delete("/v3/registered_limits/" + registered).expect(204);
  }

  @Test
  void everyoneSeesItsOwnLimitsOnly() {
    String name = unique("resource");
    register(name, 10);
    String ownName = unique("own");
    String own = IDENTITY.project(ownName);
    String foreign = IDENTITY.project(unique("foreign"));
    for (String project : List.of(own, foreign)) {
      admin.post("/v3/limits", body(compute, "project_id", project, name, 3)).expect(201);
    }
    TestingHttp reader = IDENTITY.with(IDENTITY.tokenOf("reader", ownName, own));
    JsonNode seen = reader.get("/v3/limits?resource_name=" + name).expect(200).json();
    assertThat(seen.path("limits").findValuesAsString("project_id")).containsExactly(own);
    reader.get("/v3/limits/" + seen.at("/limits/0/id").asString()).expect(200);
    JsonNode all = admin.get("/v3/limits?resource_name=" + name).json();
    assertThat(all.path("limits")).hasSize(2);
    all.path("limits")
        .forEach(limit -> {
          if (limit.path("project_id").asString().equals(foreign)) {
            reader.get("/v3/limits/" + limit.path("id").asString()).expect(403);
          }
        });
    reader.post("/v3/limits", body(compute, "project_id", own, name, 99)).expect(403);
    assertThat(reader.get("/v3/limits/model").expect(200).json().at("/model/name").asString())
        .isEqualTo("flat");
  }

  @Test
  void badInputChangesNothing() {
    String name = unique("resource");
    for (String bad :
        List.of(
            "{}",
            "{\"registered_limits\": []}",
            "{\"registered_limits\": [{\"service_id\": \"x\"}]}",
            """
            {"registered_limits": [{"service_id": "%s", "resource_name": "%s",
              "default_limit": "ten"}]}\
            """
                .formatted(compute, name),
            """
            {"registered_limits": [{"service_id": "%s", "resource_name": "%s",
              "default_limit": -2}]}\
            """
                .formatted(compute, name),
            """
            {"registered_limits": [{"service_id": "unknown", "resource_name": "%s",
              "default_limit": 2}]}\
            """
                .formatted(name),
            """
            {"registered_limits": [
              {"service_id": "%s", "resource_name": "%s", "default_limit": 2},
              {"service_id": "%s", "resource_name": "", "default_limit": 2}]}\
            """
                .formatted(compute, name, compute))) {
      admin.post("/v3/registered_limits", bad).expect(400);
    }
    assertThat(
            admin
                .get("/v3/registered_limits?resource_name=" + name)
                .json()
                .at("/registered_limits"))
        .isEmpty();
    register(name, 1);
    admin.post("/v3/limits", body(compute, "project_id", "nowhere", name, 3)).expect(400);
    admin.post("/v3/limits", body(compute, "domain_id", "nowhere", name, 3)).expect(400);
  }

  @Test
  void quotasOfServicesFollow() {
    String project = IDENTITY.project(unique("project"));
    assertThat(limits(project)).containsEntry("cores", 20L).containsEntry("instances", 10L);
    String registered = register("class:VCPU", 8).path("id").asString();
    register("instances", 4);
    assertThat(limits(project)).containsEntry("cores", 8L).containsEntry("instances", 4L);
    admin.post("/v3/limits", body(compute, "project_id", project, "class:VCPU", 2)).expect(201);
    assertThat(limits(project)).containsEntry("cores", 2L);
    IDENTITY
        .database()
        .database()
        .change(handle -> QUOTAS.reserve(handle, project, Map.of("cores", 2L)));
    assertThat(fits(project)).isFalse();
    // What the service's own quota API sets is the last word.
    IDENTITY.database().database().change(handle -> QUOTAS.setLimit(handle, project, "cores", 3));
    assertThat(fits(project)).isTrue();
    assertThat(fits(project)).isFalse();
    admin
        .patch(
            "/v3/registered_limits/" + registered,
            "{\"registered_limit\": {\"region_id\": \"RegionOne\"}}")
        .expect(403);
  }

  private static Map<String, Long> limits(String project) {
    return IDENTITY.database().database().read(handle -> QUOTAS.limits(handle, project));
  }

  private static boolean fits(String project) {
    try {
      IDENTITY.database().database().change(handle -> QUOTAS.reserve(handle, project, "cores", 1));
      return true;
    } catch (QuotaExceeded full) {
      return false;
    }
  }

  @Test
  void aListTakesOneStatement() {
    String all = "/v3/registered_limits";
    register(unique("resource"), 1);
    admin.get(all).expect(200);
    assertThat(IDENTITY.statements("GET", all, () -> admin.get(all).expect(200))).isEqualTo(1);
    register(unique("resource"), 1);
    assertThat(IDENTITY.statements("GET", all, () -> admin.get(all).expect(200))).isEqualTo(1);
  }

  @Test
  void inTheStrictModelNoProjectHasMoreThanItsDomain() {
    try (TestingIdentity strict = TestingIdentity.start(LimitModel.STRICT_TWO_LEVEL)) {
      TestingHttp root = strict.admin();
      String service = service(root, "compute");
      register(root, service, "cores", 10);
      String project = strict.project("p");
      root.post("/v3/limits", body(service, "project_id", project, "cores", 11)).expect(403);
      root.post("/v3/limits", body(service, "domain_id", "default", "cores", 20)).expect(201);
      root.post("/v3/limits", body(service, "project_id", project, "cores", 15)).expect(201);
      String domainLimit =
          root.get("/v3/limits?domain_id=default").json().at("/limits/0/id").asString();
      root.patch("/v3/limits/" + domainLimit, "{\"limit\": {\"resource_limit\": 14}}").expect(403);
      root.patch("/v3/limits/" + domainLimit, "{\"limit\": {\"resource_limit\": 15}}").expect(200);
      assertThat(root.get("/v3/limits/model").json().at("/model/name").asString())
          .isEqualTo("strict_two_level");
      String child = child(root, project, 201);
      child(root, child, 403);
    }
  }

  /** The sum of what a domain's projects use is bounded by the domain's limit. */
  @Test
  void inTheStrictModelADomainsProjectsShareItsLimit() {
    try (TestingIdentity strict = TestingIdentity.start(LimitModel.STRICT_TWO_LEVEL)) {
      TestingHttp root = strict.admin();
      String service = service(root, "compute");
      register(root, service, "class:VCPU", 10);
      root.post("/v3/limits", body(service, "domain_id", "default", "class:VCPU", 15)).expect(201);
      String first = strict.project("first");
      String second = strict.project("second");
      reserve(strict, first, 9);
      reserve(strict, second, 6);
      assertThatThrownBy(() -> reserve(strict, second, 1))
          .isInstanceOfSatisfying(
              QuotaExceeded.class,
              full -> assertThat(full.first()).isEqualTo(new Excess("cores", 15, 15, 1)));
      reserve(strict, first, -1);
      reserve(strict, second, 1);
      // A project's own limit holds as before.
      root.delete("/v3/limits/" + domainLimit(root)).expect(204);
      assertThatThrownBy(() -> reserve(strict, first, 1)).isInstanceOf(QuotaExceeded.class);
      reserve(strict, first, -8);
      reserve(strict, second, 3);
      assertThatThrownBy(() -> reserve(strict, second, 1)).isInstanceOf(QuotaExceeded.class);
    }
  }

  private static String domainLimit(TestingHttp root) {
    return root.get("/v3/limits?domain_id=default").json().at("/limits/0/id").asString();
  }

  private static void reserve(TestingIdentity identity, String project, long cores) {
    identity
        .database()
        .database()
        .change(handle -> QUOTAS.reserve(handle, project, "cores", cores));
  }

  private static String child(TestingHttp admin, String parent, int status) {
    return admin
        .post(
            "/v3/projects",
            "{\"project\": {\"name\": \"%s\", \"parent_id\": \"%s\"}}"
                .formatted(unique("child"), parent))
        .expect(status)
        .json()
        .at("/project/id")
        .asString();
  }
}
