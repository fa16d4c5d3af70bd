package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class EndpointFilterTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();
  private static final String GROUPS = "/v3/OS-EP-FILTER/endpoint_groups";

  private final TestingHttp admin = IDENTITY.admin();

  private String compute() {
    return admin.get("/v3/services?type=compute").json().at("/services/0/id").asString();
  }

  private String endpoint(String service, String face) {
    return admin
        .get("/v3/endpoints?service_id=" + service + "&interface=" + face)
        .json()
        .at("/endpoints/0/id")
        .asString();
  }

  private String group(String filters) {
    return admin
        .post(
            GROUPS,
            "{\"endpoint_group\": {\"name\": \"%s\", \"filters\": %s}}"
                .formatted(unique("group"), filters))
        .expect(201)
        .json()
        .at("/endpoint_group/id")
        .asString();
  }

  @Test
  void aGroupIsMadeShownChangedAndDeleted() {
    String id = group("{\"interface\": \"admin\"}");
    String path = GROUPS + "/" + id;
    JsonNode shown = admin.get(path).expect(200).json().path("endpoint_group");
    assertThat(shown.at("/filters/interface").asString()).isEqualTo("admin");
    assertThat(shown.path("description").isNull()).isTrue();
    assertThat(shown.at("/links/self").asString()).isEqualTo(IDENTITY.url() + path);
    String named = GROUPS + "?name=" + shown.path("name").asString();
    assertThat(admin.get(named).json().path("endpoint_groups")).hasSize(1);
    String like = GROUPS + "?name__icontains=GROUP-";
    assertThat(admin.get(like).json().path("endpoint_groups")).isNotEmpty();
    assertThat(admin.get(path + "/endpoints").expect(200).json().path("endpoints"))
        .hasSize(3)
        .allSatisfy(one -> assertThat(one.path("interface").asString()).isEqualTo("admin"));
    JsonNode changed =
        admin
            .patch(path, "{\"endpoint_group\": {\"filters\": {\"region_id\": \"RegionOne\"}}}")
            .expect(200)
            .json();
    assertThat(changed.at("/endpoint_group/filters").size()).isEqualTo(1);
    assertThat(admin.get(path + "/endpoints").json().path("endpoints")).hasSize(9);
    admin.delete(path).expect(204);
    admin.get(path).expect(404);
    for (String bad : List.of("{}", "{\"url\": \"x\"}", "{\"interface\": \"x\"}")) {
      admin
          .post(GROUPS, "{\"endpoint_group\": {\"name\": \"x\", \"filters\": " + bad + "}}")
          .expect(400);
    }
  }

  @Test
  void aProjectsCatalogIsNarrowedToItsEndpoints() {
    String name = unique("project");
    String project = IDENTITY.project(name);
    String compute = compute();
    String endpoint = endpoint(compute, "public");
    TestingHttp member = IDENTITY.with(IDENTITY.tokenOf("member", name, project));
    assertThat(catalog(member)).hasSize(3);

    String association = "/v3/OS-EP-FILTER/projects/" + project + "/endpoints/" + endpoint;
    admin.get(association).expect(404);
    admin.put(association, "").expect(204);
    admin.put(association, "").expect(409);
    admin.get(association).expect(204);
    JsonNode narrowed = catalog(member);
    assertThat(narrowed).hasSize(1);
    assertThat(narrowed.at("/0/endpoints")).hasSize(1);
    assertThat(narrowed.at("/0/endpoints/0/id").asString()).isEqualTo(endpoint);
    assertThat(
            admin
                .get("/v3/OS-EP-FILTER/endpoints/" + endpoint + "/projects")
                .json()
                .path("projects")
                .findValuesAsString("id"))
        .containsExactly(project);

    String group = group("{\"service_id\": \"" + compute + "\", \"interface\": \"admin\"}");
    String member2 = GROUPS + "/" + group + "/projects/" + project;
    admin.get(member2).expect(404);
    admin.put(member2, "").expect(204);
    assertThat(admin.get(member2).json().at("/project_endpoint_group/project_id").asString())
        .isEqualTo(project);
    assertThat(catalog(member).at("/0/endpoints")).hasSize(2);
    assertThat(
            admin
                .get("/v3/OS-EP-FILTER/projects/" + project + "/endpoints")
                .json()
                .path("endpoints"))
        .hasSize(2);
    assertThat(
            admin
                .get("/v3/OS-EP-FILTER/projects/" + project + "/endpoint_groups")
                .json()
                .path("endpoint_groups"))
        .hasSize(1);
    assertThat(admin.get(GROUPS + "/" + group + "/projects").json().path("projects")).hasSize(1);
    admin.delete(association).expect(204);
    admin.delete(association).expect(404);
    admin.delete(member2).expect(204);
    assertThat(catalog(member)).hasSize(3);
    member.get(GROUPS).expect(403);
  }

  private static JsonNode catalog(TestingHttp http) {
    return http.get("/v3/auth/catalog").expect(200).json().path("catalog");
  }

  @Test
  void theNearestPolicyIsAnEndpoints() {
    String compute = compute();
    String endpoint = endpoint(compute, "public");
    String ofEndpoint = "/v3/endpoints/" + endpoint + "/OS-ENDPOINT-POLICY/policy";
    admin.get(ofEndpoint).expect(404);
    String service = policy();
    String region = policy();
    String own = policy();
    associate(service, "/services/" + compute);
    assertThat(nearest(ofEndpoint)).isEqualTo(service);
    associate(region, "/services/" + compute + "/regions/RegionOne");
    assertThat(nearest(ofEndpoint)).isEqualTo(region);
    associate(own, "/endpoints/" + endpoint);
    assertThat(nearest(ofEndpoint)).isEqualTo(own);
    assertThat(endpoints(service)).hasSize(3);
    assertThat(endpoints(region)).hasSize(3);
    assertThat(endpoints(own)).hasSize(1);
    associate(service, "/endpoints/" + endpoint);
    assertThat(nearest(ofEndpoint)).isEqualTo(service);
    assertThat(endpoints(own)).isEmpty();
    admin.delete("/v3/policies/" + service).expect(204);
    assertThat(nearest(ofEndpoint)).isEqualTo(region);
  }

  private JsonNode endpoints(String policy) {
    return admin
        .get("/v3/policies/" + policy + "/OS-ENDPOINT-POLICY/endpoints")
        .expect(200)
        .json()
        .path("endpoints");
  }

  private String nearest(String path) {
    return admin.get(path).expect(200).json().at("/policy/id").asString();
  }

  private void associate(String policy, String target) {
    String path = "/v3/policies/" + policy + "/OS-ENDPOINT-POLICY" + target;
    admin.get(path).expect(404);
    admin.put(path, "").expect(204);
    admin.get(path).expect(204);
    admin.head(path).expect(204);
  }

  private String policy() {
    return admin
        .post(
            "/v3/policies",
            "{\"policy\": {\"type\": \"application/json\", \"blob\": \"{}\", \"color\": \"red\"}}")
        .expect(201)
        .json()
        .at("/policy/id")
        .asString();
  }

  @Test
  void aPolicyIsMadeShownChangedAndDeleted() {
    String path = "/v3/policies/" + policy();
    JsonNode changed =
        admin.patch(path, "{\"policy\": {\"type\": \"text/plain\"}}").expect(200).json();
    assertThat(changed.at("/policy/type").asString()).isEqualTo("text/plain");
    assertThat(changed.at("/policy/blob").asString()).isEqualTo("{}");
    assertThat(changed.at("/policy/color").asString()).isEqualTo("red");
    assertThat(admin.get("/v3/policies?type=text/plain").json().path("policies")).hasSize(1);
    admin.patch(path, "{\"policy\": {}}").expect(400);
    admin.post("/v3/policies", "{\"policy\": {\"type\": \"x\"}}").expect(400);
    admin.delete(path).expect(204);
    admin.delete(path).expect(404);
  }
}
