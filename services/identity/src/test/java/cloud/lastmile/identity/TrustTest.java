package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class TrustTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();
  private static final String TRUSTS = "/v3/OS-TRUST/trusts";

  private static String projectId = "";
  private static String trustorId = "";
  private static String trusteeId = "";
  private static String trusteeName = "";
  private static TestingHttp trustor = IDENTITY.anonymous();
  private static TestingHttp trustee = IDENTITY.anonymous();

  @BeforeAll
  static void people() {
    String project = unique("project");
    projectId = IDENTITY.project(project);
    String trustorName = unique("trustor");
    trustorId = IDENTITY.user(trustorName);
    IDENTITY.grant(trustorId, "member", projectId);
    IDENTITY.grant(trustorId, "manager", projectId);
    trustor =
        IDENTITY.with(IDENTITY.token(trustorName, PASSWORD, "default", projectScope(project)));
    trusteeName = unique("trustee");
    trusteeId = IDENTITY.user(trusteeName);
    trustee = IDENTITY.with(IDENTITY.token(trusteeName, PASSWORD, "default", "\"unscoped\""));
  }

  private static String body(String trustorUser, String trusteeUser, String attributes) {
    return """
    {"trust": {"trustor_user_id": "%s", "trustee_user_id": "%s", "project_id": "%s",
      "roles": [{"name": "member"}] %s}}\
    """
        .formatted(trustorUser, trusteeUser, projectId, attributes);
  }

  private static JsonNode make(String attributes) {
    return trustor
        .post(TRUSTS, body(trustorId, trusteeId, attributes))
        .expect(201)
        .json()
        .path("trust");
  }

  private static Answer use(JsonNode trust, String user) {
    return IDENTITY.login(
        user, PASSWORD, "default", "{\"OS-TRUST:trust\": {\"id\": " + trust.path("id") + "}}");
  }

  private static TestingHttp by(Answer login) {
    return IDENTITY.with(login.expect(201).header("X-Subject-Token"));
  }

  @Test
  void aTrustIsMadeShownListedUsedAndRemoved() {
    JsonNode made = make(", \"impersonation\": true");
    assertThat(made.path("roles").findValuesAsString("name")).containsExactly("member");
    assertThat(made.path("redelegation_count").asInt(-1)).isZero();
    assertThat(made.path("remaining_uses").isNull()).isTrue();
    String path = TRUSTS + "/" + made.path("id").asString();
    assertThat(made.at("/links/self").asString()).endsWith(path);
    assertThat(trustee.get(path).expect(200).json().path("trust")).isEqualTo(made);
    assertThat(trustee.get(path + "/roles").expect(200).json().path("roles")).hasSize(1);
    trustor.get(path + "/roles/" + IDENTITY.roleId("member")).expect(200);
    trustor.head(path + "/roles/" + IDENTITY.roleId("manager")).expect(404);
    assertThat(
            trustor
                .get(TRUSTS + "?trustor_user_id=" + trustorId)
                .expect(200)
                .json()
                .path("trusts")
                .findValuesAsString("id"))
        .contains(made.path("id").asString());
    trustee.get(TRUSTS + "?trustor_user_id=" + trustorId).expect(403);
    trustee.get(TRUSTS).expect(403);
    IDENTITY.admin().get(TRUSTS).expect(200);
    Answer login = use(made, trusteeName);
    JsonNode token = login.expect(201).json().path("token");
    assertThat(token.at("/user/id").asString()).isEqualTo(trustorId);
    assertThat(token.at("/project/id").asString()).isEqualTo(projectId);
    assertThat(token.path("roles").findValuesAsString("name")).containsExactly("member", "reader");
    assertThat(token.at("/OS-TRUST:trust/trustee_user/id").asString()).isEqualTo(trusteeId);
    assertThat(token.at("/OS-TRUST:trust/impersonation").asBoolean(false)).isTrue();
    TestingHttp program = by(login);
    program.get("/v3/users/" + trustorId).expect(200);
    program.get("/v3/users/" + trustorId + "/application_credentials").expect(403);
    trustee.delete(path).expect(403);
    trustor.delete(path).expect(204);
    trustor.get(path).expect(404);
    program.get("/v3/users/" + trustorId).expect(401);
    use(made, trusteeName).expect(401);
  }

  @Test
  void withoutImpersonationTheTrusteeStaysItself() {
    JsonNode made = make(", \"impersonation\": false");
    JsonNode token = use(made, trusteeName).expect(201).json().path("token");
    assertThat(token.at("/user/id").asString()).isEqualTo(trusteeId);
    assertThat(token.path("roles")).hasSize(2);
    use(made, "admin").expect(403);
  }

  @Test
  void itsTokenMakesNoOther() {
    JsonNode made = make(", \"impersonation\": true");
    String token = use(made, trusteeName).expect(201).header("X-Subject-Token");
    IDENTITY
        .anonymous()
        .post(
            "/v3/auth/tokens",
            """
            {"auth": {"identity": {"methods": ["token"], "token": {"id": "%s"}}}}\
            """
                .formatted(token))
        .expect(403);
  }

  @Test
  void usesRunOut() {
    JsonNode made = make(", \"impersonation\": true, \"remaining_uses\": 2");
    TestingHttp first = by(use(made, trusteeName));
    use(made, trusteeName).expect(201);
    use(made, trusteeName).expect(401);
    first.get("/v3/users/" + trustorId).expect(200);
    trustor.get(TRUSTS + "/" + made.path("id").asString()).expect(404);
  }

  @Test
  void itEndsWithTheTrustorsRole() {
    String name = unique("trustor");
    String id = IDENTITY.user(name);
    IDENTITY.grant(id, "member", projectId);
    TestingHttp owner =
        IDENTITY.with(
            IDENTITY.token(
                name, PASSWORD, "default", "{\"project\": {\"id\": \"" + projectId + "\"}}"));
    JsonNode made =
        owner
            .post(TRUSTS, body(id, trusteeId, ", \"impersonation\": true"))
            .expect(201)
            .json()
            .path("trust");
    TestingHttp program = by(use(made, trusteeName));
    program.get("/v3/users/" + id).expect(200);
    IDENTITY
        .admin()
        .delete(
            "/v3/projects/" + projectId + "/users/" + id + "/roles/" + IDENTITY.roleId("member"))
        .expect(204);
    program.get("/v3/users/" + id).expect(401);
    use(made, trusteeName).expect(403);
  }

  @Test
  void disablingEitherSideEndsItsTokens() {
    String name = unique("trustee");
    String id = IDENTITY.user(name);
    JsonNode made =
        trustor
            .post(TRUSTS, body(trustorId, id, ", \"impersonation\": true"))
            .expect(201)
            .json()
            .path("trust");
    TestingHttp program = by(use(made, name));
    program.get("/v3/users/" + trustorId).expect(200);
    IDENTITY.admin().patch("/v3/users/" + id, "{\"user\": {\"enabled\": false}}").expect(200);
    program.get("/v3/users/" + trustorId).expect(401);
  }

  @Test
  void aTrustIsRedelegatedNoDeeperNorWider() {
    JsonNode root =
        make(", \"impersonation\": true, \"allow_redelegation\": true, \"redelegation_count\": 1");
    assertThat(root.path("redelegation_count").asInt(-1)).isEqualTo(1);
    TestingHttp asTrustor = by(use(root, trusteeName));
    String thirdName = unique("third");
    String third = IDENTITY.user(thirdName);
    String manager =
        body(trustorId, third, ", \"impersonation\": true")
            .replace("{\"name\": \"member\"}", "{\"name\": \"manager\"}");
    asTrustor.post(TRUSTS, manager).expect(403);
    JsonNode child =
        asTrustor
            .post(
                TRUSTS,
                body(trustorId, third, ", \"impersonation\": true, \"allow_redelegation\": true"))
            .expect(201)
            .json()
            .path("trust");
    assertThat(child.path("redelegated_trust_id")).isEqualTo(root.path("id"));
    assertThat(child.path("redelegation_count").asInt(-1)).isZero();
    Answer used = use(child, thirdName).expect(201);
    assertThat(used.json().at("/token/user/id").asString()).isEqualTo(trustorId);
    by(used).post(TRUSTS, body(trustorId, trusteeId, ", \"impersonation\": true")).expect(403);
    trustor.delete(TRUSTS + "/" + root.path("id").asString()).expect(204);
    use(child, thirdName).expect(401);
    by(used).get("/v3/users/" + trustorId).expect(401);
  }

  @Test
  void badRequestsChangeNothing() {
    for (String attributes :
        new String[] {
          "",
          ", \"impersonation\": \"maybe\"",
          ", \"impersonation\": true, \"expires_at\": \"bad.123Z\"",
          ", \"impersonation\": true, \"expires_at\": \"2001-01-01T00:00:00Z\"",
          ", \"impersonation\": true, \"remaining_uses\": 0",
          ", \"impersonation\": true, \"remaining_uses\": 1, \"allow_redelegation\": true"
        }) {
      trustor.post(TRUSTS, body(trustorId, trusteeId, attributes)).expect(400);
    }
    String plain = ", \"impersonation\": true";
    trustor.post(TRUSTS, body(trustorId, "nobody", plain)).expect(404);
    trustor.post(TRUSTS, body(trusteeId, trustorId, plain)).expect(403);
    trustor.post(TRUSTS, body(trustorId, trusteeId, plain).replace("member", "admin")).expect(404);
    trustor
        .post(TRUSTS, body(trustorId, trusteeId, plain).replace("[{\"name\": \"member\"}]", "[]"))
        .expect(403);
    trustor
        .post(
            TRUSTS,
            body(trustorId, trusteeId, plain + ", \"allow_redelegation\": true")
                .replace("\"roles\"", "\"redelegation_count\": 9, \"roles\""))
        .expect(403);
  }

  @Test
  void itExpires() {
    try (TestingIdentity identity = TestingIdentity.start()) {
      TestingHttp admin = identity.admin();
      String adminId = admin.get("/v3/users?name=admin").json().at("/users/0/id").asString();
      String project = admin.get("/v3/projects?name=admin").json().at("/projects/0/id").asString();
      String user = identity.user("helper");
      String end = Timestamps.seconds(Instant.now().plusSeconds(600));
      JsonNode made =
          admin
              .post(
                  TRUSTS,
                  """
                  {"trust": {"trustor_user_id": "%s", "trustee_user_id": "%s",
                    "project_id": "%s", "impersonation": true, "expires_at": "%s",
                    "roles": [{"name": "member"}]}}\
                  """
                      .formatted(adminId, user, project, end))
              .expect(201)
              .json()
              .path("trust");
      assertThat(made.path("expires_at").asString()).isEqualTo(end.replace("Z", ".000000Z"));
      String scope = "{\"OS-TRUST:trust\": {\"id\": " + made.path("id") + "}}";
      String token = identity.token("helper", PASSWORD, "default", scope);
      identity.with(token).get("/v3/auth/projects").expect(200);
      identity.pass(Duration.ofMinutes(11));
      identity.with(token).get("/v3/auth/projects").expect(401);
      identity.login("helper", PASSWORD, "default", scope).expect(401);
    }
  }
}
