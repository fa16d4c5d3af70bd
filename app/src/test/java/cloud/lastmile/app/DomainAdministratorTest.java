package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever administers one domain is not for that the cloud's administrator. */
class DomainAdministratorTest {
  private static final String PASSWORD = "a domain's own";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/compute/v2.1/servers/detail?all_tenants=1",
        "/compute/v2.1/os-hypervisors",
        "/image/v2/images",
        "/networking/v2.0/networks",
        "/placement/resource_providers"
      })
  void otherServicesDoNotKnowIt(String path) throws IOException {
    domainAdministrator().get(path).expect(403);
  }

  @Test
  void itSeesItsDomain() throws IOException {
    TestingHttp administrator = domainAdministrator();
    assertThat(administrator.get("/identity/v3/users").expect(200).json().path("users")).hasSize(1);
    administrator.get("/identity/v3/services").expect(403);
  }

  /** Of a new domain, with a token for it. */
  private static TestingHttp domainAdministrator() throws IOException {
    TestingHttp admin = TestCloud.shared().admin();
    String name = "domain-" + System.nanoTime();
    String domain =
        created(
            admin, "/identity/v3/domains", "domain", "{\"domain\": {\"name\": \"" + name + "\"}}");
    String user =
        created(
            admin,
            "/identity/v3/users",
            "user",
            """
            {"user": {"name": "%s", "domain_id": "%s", "password": "%s"}}\
            """
                .formatted(name, domain, PASSWORD));
    String role = admin.get("/identity/v3/roles?name=admin").json().at("/roles/0/id").asString();
    admin
        .put("/identity/v3/domains/" + domain + "/users/" + user + "/roles/" + role, "")
        .expect(204);
    String login =
        """
        {"auth": {"identity": {"methods": ["password"], "password": {"user":
          {"id": "%s", "password": "%s"}}}, "scope": {"domain": {"id": "%s"}}}}\
        """
            .formatted(user, PASSWORD, domain);
    TestingHttp anonymous = TestCloud.shared().anonymous();
    return anonymous.with(
        "X-Auth-Token",
        anonymous.post("/identity/v3/auth/tokens", login).expect(201).header("X-Subject-Token"));
  }

  private static String created(TestingHttp admin, String path, String noun, String body) {
    return admin.post(path, body).expect(201).json().path(noun).path("id").asString();
  }
}
