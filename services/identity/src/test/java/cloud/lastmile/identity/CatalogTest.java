package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import cloud.lastmile.testing.TestingHttp;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class CatalogTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();

  private final TestingHttp admin = IDENTITY.admin();

  private String service(String type) {
    return admin
        .post("/v3/services", "{\"service\": {\"type\": \"%s\", \"name\": \"n\"}}".formatted(type))
        .expect(201)
        .json()
        .at("/service/id")
        .asString();
  }

  @Test
  void aServiceAndItsEndpointsAppearInTheCatalog() {
    String type = unique("type");
    String service = service(type);
    JsonNode endpoint =
        admin
            .post(
                "/v3/endpoints",
                """
                {"endpoint": {"service_id": "%s", "interface": "public", "region": "elsewhere",
                  "url": "http://example.org/$(tenant_id)s"}}\
                """
                    .formatted(service))
            .expect(201)
            .json()
            .path("endpoint");
    assertThat(endpoint.path("region_id").asString()).isEqualTo("elsewhere");
    admin.get("/v3/regions/elsewhere").expect(200);
    assertThat(admin.get("/v3/auth/catalog").json().toString()).contains("http://example.org/");
    String path = "/v3/endpoints/" + endpoint.path("id").asString();
    admin.patch(path, "{\"endpoint\": {\"enabled\": false}}").expect(200);
    assertThat(admin.get("/v3/auth/catalog").json().toString()).doesNotContain("example.org");
    admin.delete("/v3/regions/elsewhere").expect(403);
    admin.patch("/v3/services/" + service, "{\"service\": {\"enabled\": false}}").expect(200);
    assertThat(admin.get("/v3/auth/catalog").json().toString()).doesNotContain(type);
    assertThat(admin.get("/v3/services?type=" + type).json().path("services")).hasSize(1);
    assertThat(admin.get("/v3/endpoints?service_id=" + service).json().path("endpoints"))
        .hasSize(1);
    admin.delete("/v3/services/" + service).expect(204);
    admin.get(path).expect(404);
    admin.delete("/v3/regions/elsewhere").expect(204);
  }

  @Test
  void badEndpointsAreRefused() {
    String service = service(unique("type"));
    String good =
        "\"service_id\": \"" + service + "\", \"interface\": \"public\", \"url\": \"http://x\"";
    for (String[] change :
        new String[][] {
          {"public", "sideways"},
          {"http://x", "no url"},
          {"http://x", "http://x/$(password)s"},
          {service, "nothing"},
        }) {
      admin
          .post("/v3/endpoints", "{\"endpoint\": {" + good.replace(change[0], change[1]) + "}}")
          .expect(400);
    }
    admin
        .post("/v3/endpoints", "{\"endpoint\": {" + good + ", \"region_id\": \"nowhere\"}}")
        .expect(400);
  }

  @Test
  void regionsFormTreesThatGoAsAWhole() {
    String parent = unique("region");
    String child = unique("region");
    admin.put("/v3/regions/" + parent, "{\"region\": {\"description\": \"d\"}}").expect(201);
    admin
        .post(
            "/v3/regions",
            "{\"region\": {\"id\": \"%s\", \"parent_region_id\": \"%s\"}}".formatted(child, parent))
        .expect(201);
    admin.post("/v3/regions", "{\"region\": {\"id\": \"%s\"}}".formatted(child)).expect(409);
    admin
        .patch(
            "/v3/regions/" + parent,
            "{\"region\": {\"parent_region_id\": \"%s\"}}".formatted(child))
        .expect(400);
    assertThat(
            admin
                .get("/v3/regions?parent_region_id=" + parent)
                .json()
                .path("regions")
                .findValuesAsString("id"))
        .containsExactly(child);
    admin.delete("/v3/regions/" + parent).expect(204);
    admin.get("/v3/regions/" + child).expect(404);
  }

  @Test
  void aCloudBecomesAnotherRegionOnlyIfItIsAskedForTwice() {
    String region = unique("region");
    String base = "http://127.0.0.1:1";
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> IDENTITY.service().bootstrap(PASSWORD, TestingIdentity.catalog(), region, base))
        .withMessageContaining(region)
        .withMessageContaining("RegionOne")
        .withMessageContaining("openstack region create " + region);
    assertThat(admin.get("/v3/endpoints?region_id=" + region).json().path("endpoints")).isEmpty();
    int before = admin.get("/v3/endpoints?region_id=RegionOne").json().path("endpoints").size();
    admin.post("/v3/regions", "{\"region\": {\"id\": \"" + region + "\"}}").expect(201);
    IDENTITY.service().bootstrap(PASSWORD, TestingIdentity.catalog(), region, base);
    assertThat(admin.get("/v3/endpoints?region_id=" + region).json().path("endpoints"))
        .hasSize(before);
    IDENTITY.service().bootstrap(PASSWORD, TestingIdentity.catalog(), "RegionOne", base);
    assertThat(admin.get("/v3/endpoints?region_id=RegionOne").json().path("endpoints"))
        .hasSize(before);
  }

  @Test
  void bootstrapFollowsTheBaseUrlAndDoublesNothing() {
    int before = admin.get("/v3/endpoints").json().path("endpoints").size();
    IDENTITY
        .service()
        .bootstrap("another password", TestingIdentity.catalog(), "RegionOne", "https://cloud:2");
    JsonNode endpoints = admin.get("/v3/endpoints").json().path("endpoints");
    assertThat(endpoints).hasSize(before);
    assertThat(endpoints.findValuesAsString("url"))
        .contains("https://cloud:2/identity", "https://cloud:2/compute/v2.1")
        .doesNotContain("http://127.0.0.1:1/identity");
    IDENTITY.login("admin", PASSWORD, "default", "\"unscoped\"").expect(201);
    IDENTITY
        .service()
        .bootstrap(PASSWORD, TestingIdentity.catalog(), "RegionOne", "http://127.0.0.1:1");
  }
}
