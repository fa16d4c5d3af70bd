package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RevocationEventsTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();
  private static final String EVENTS = "/v3/OS-REVOKE/events";

  private static List<String> values(TestingHttp http, String query, String name) {
    JsonNode body = http.get(EVENTS + query).expect(200).json();
    assertThat(body.at("/links/self").asString()).contains(EVENTS);
    return body.path("events")
        .valueStream()
        .filter(event -> event.path("issued_before").isString())
        .map(event -> event.path(name).asString(""))
        .filter(value -> !value.isEmpty())
        .toList();
  }

  @Test
  void whatEndsTokensIsListedUntilTheyWouldHaveExpired() {
    TestingHttp admin = IDENTITY.admin();
    String name = unique("user");
    String userId = IDENTITY.user(name);
    String token = IDENTITY.token(name, PASSWORD, "default", "\"unscoped\"");
    JsonNode shown = admin.with("X-Subject-Token", token).get("/v3/auth/tokens").json();
    admin.with("X-Subject-Token", token).delete("/v3/auth/tokens").expect(204);
    admin.patch("/v3/users/" + userId, "{\"user\": {\"enabled\": false}}").expect(200);
    String projectId = IDENTITY.project(unique("project"));
    admin.patch("/v3/projects/" + projectId, "{\"project\": {\"enabled\": false}}").expect(200);

    assertThat(values(admin, "", "audit_id")).contains(shown.at("/token/audit_ids/0").asString());
    assertThat(values(admin, "", "user_id")).containsExactly(userId);
    assertThat(values(admin, "", "project_id")).containsExactly(projectId);
    assertThat(values(admin, "?since=2999-01-01T00:00:00Z", "user_id")).isEmpty();
    admin.get(EVENTS + "?since=yesterday").expect(400);

    IDENTITY.pass(Duration.ofDays(3));
    assertThat(values(IDENTITY.admin(), "", "user_id")).isEmpty();
    assertThat(values(IDENTITY.admin(), "", "audit_id")).isEmpty();
  }

  @Test
  void onlyServicesAndAdministratorsSeeThem() {
    String project = unique("project");
    String projectId = IDENTITY.project(project);
    IDENTITY.with(IDENTITY.tokenOf("service", project, projectId)).get(EVENTS).expect(200);
    IDENTITY.with(IDENTITY.tokenOf("manager", project, projectId)).get(EVENTS).expect(403);
  }

  @Test
  void whatTheReferenceDroppedIsGone() {
    for (String path :
        List.of(
            "/v3/OS-SIMPLE-CERT/ca",
            "/v3/OS-SIMPLE-CERT/certificates",
            "/v3/auth/tokens/OS-PKI/revoked")) {
      IDENTITY.anonymous().get(path).expect(410);
    }
  }
}
