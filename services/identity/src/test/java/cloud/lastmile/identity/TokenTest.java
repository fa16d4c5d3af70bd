package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class TokenTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();

  @Test
  void aProjectScopedTokenSaysWhoWhereAndWhat() {
    Answer answer = IDENTITY.login("admin", PASSWORD, "default", projectScope("admin"));
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    assertThat(answer.header("X-Subject-Token")).hasSizeLessThan(250).matches("[A-Za-z0-9_-]+");
    JsonNode token = answer.json().path("token");
    assertThat(token.at("/methods/0").asString()).isEqualTo("password");
    assertThat(token.at("/user/name").asString()).isEqualTo("admin");
    assertThat(token.at("/user/domain/name").asString()).isEqualTo("Default");
    assertThat(token.at("/user/password_expires_at").isNull()).isTrue();
    assertThat(token.at("/project/name").asString()).isEqualTo("admin");
    assertThat(token.at("/project/domain/id").asString()).isEqualTo("default");
    assertThat(token.path("is_domain").asBoolean(true)).isFalse();
    assertThat(token.path("roles").findValuesAsString("name"))
        .containsExactly("admin", "manager", "member", "reader");
    assertThat(token.at("/audit_ids/0").asString()).hasSize(22);
    assertThat(token.path("expires_at").asString()).matches(".*T.*\\.000000Z");
    JsonNode volume = byType(token.path("catalog"), "volumev3");
    assertThat(volume.at("/endpoints/0/url").asString())
        .isEqualTo("http://127.0.0.1:1/volume/v3/" + token.at("/project/id").asString());
  }

  private static JsonNode byType(JsonNode catalog, String type) {
    for (JsonNode service : catalog) {
      if (service.path("type").asString().equals(type)) {
        return service;
      }
    }
    throw new AssertionError("no " + type + " in " + catalog);
  }

  @Test
  void aTokenIsValidatedCheckedAndRevoked() {
    String token = IDENTITY.token("admin", PASSWORD, "default", projectScope("admin"));
    TestingHttp subject = IDENTITY.admin().with("X-Subject-Token", token);
    Answer shown = subject.get("/v3/auth/tokens").expect(200);
    assertThat(shown.header("X-Subject-Token")).isEqualTo(token);
    assertThat(shown.json().at("/token/project/name").asString()).isEqualTo("admin");
    assertThat(subject.get("/v3/auth/tokens?nocatalog").json().at("/token/catalog").isMissingNode())
        .isTrue();
    subject.head("/v3/auth/tokens").expect(200);
    subject.delete("/v3/auth/tokens").expect(204);
    subject.get("/v3/auth/tokens").expect(404);
    IDENTITY.with(token).get("/v3/projects").expect(401);
  }

  @Test
  void aTokenIsRescopedWithinItsLifeAndChain() {
    Answer first = IDENTITY.login("admin", PASSWORD, "default", "\"unscoped\"").expect(201);
    assertThat(first.json().at("/token/project").isMissingNode()).isTrue();
    assertThat(first.json().at("/token/catalog").isMissingNode()).isTrue();
    Answer second = rescope(first.header("X-Subject-Token"), projectScope("admin")).expect(201);
    JsonNode token = second.json().path("token");
    assertThat(token.path("expires_at")).isEqualTo(first.json().at("/token/expires_at"));
    assertThat(token.at("/audit_ids/1")).isEqualTo(first.json().at("/token/audit_ids/0"));
    assertThat(token.path("methods").toString()).isEqualTo("[\"password\",\"token\"]");
    Answer system = rescope(first.header("X-Subject-Token"), "{\"system\": {\"all\": true}}");
    assertThat(system.json().at("/token/system/all").asBoolean(false)).isTrue();
  }

  /** As in the reference: a revocation is of one token, not of those it was changed for. */
  @Test
  void aRevokedTokenLeavesTheRestOfItsChain() {
    Answer first = IDENTITY.login("admin", PASSWORD, "default", "\"unscoped\"").expect(201);
    String unscoped = first.header("X-Subject-Token");
    Answer second = rescope(unscoped, projectScope("admin")).expect(201);
    String scoped = second.header("X-Subject-Token");
    Answer third = rescope(scoped, "{\"system\": {\"all\": true}}").expect(201);
    String chain = first.json().at("/token/audit_ids/0").asString();
    assertThat(third.json().at("/token/audit_ids")).hasSize(2);
    assertThat(third.json().at("/token/audit_ids/1").asString()).isEqualTo(chain);
    IDENTITY.admin().with("X-Subject-Token", unscoped).delete("/v3/auth/tokens").expect(204);
    rescope(unscoped, projectScope("admin")).expect(404);
    IDENTITY.with(scoped).get("/v3/projects").expect(200);
    IDENTITY.admin().with("X-Subject-Token", scoped).delete("/v3/auth/tokens").expect(204);
    IDENTITY.with(scoped).get("/v3/projects").expect(401);
    IDENTITY.with(third.header("X-Subject-Token")).get("/v3/projects").expect(200);
  }

  /** A new password ends the whole chain, whatever it was made from. */
  @Test
  void aNewPasswordEndsTheWholeChain() {
    String name = unique("user");
    String id = IDENTITY.user(name);
    String first = IDENTITY.token(name, PASSWORD, "default", "\"unscoped\"");
    String second = rescope(first, "\"unscoped\"").expect(201).header("X-Subject-Token");
    IDENTITY.admin().patch("/v3/users/" + id, "{\"user\": {\"password\": \"x\"}}").expect(200);
    IDENTITY.with(first).get("/v3/auth/projects").expect(401);
    IDENTITY.with(second).get("/v3/auth/projects").expect(401);
  }

  /** Revocations are forgotten, in memory and in the database, when they no longer matter. */
  @Test
  void revocationsDoNotPileUp() {
    try (TestingIdentity identity = TestingIdentity.start()) {
      TestingHttp admin = identity.admin();
      for (int i = 0; i < 20; i++) {
        String token = identity.token("admin", PASSWORD, "default", "\"unscoped\"");
        admin.with("X-Subject-Token", token).delete("/v3/auth/tokens").expect(204);
      }
      assertThat(identity.service().knowsRevocations()).isTrue();
      assertThat(revocations(identity)).isEqualTo(20);
      identity.pass(Duration.ofDays(3));
      identity.service().upkeep();
      assertThat(identity.service().knowsRevocations()).isFalse();
      assertThat(revocations(identity)).isZero();
    }
  }

  private static int revocations(TestingIdentity identity) {
    return identity
        .database()
        .database()
        .read(handle ->
            handle
                .createQuery("SELECT count(*) FROM identity.revocation")
                .mapTo(Integer.class)
                .one());
  }

  private static Answer rescope(String token, String scope) {
    return IDENTITY
        .anonymous()
        .post(
            "/v3/auth/tokens",
            """
            {"auth": {"scope": %s, "identity": {"methods": ["token"], "token": {"id": "%s"}}}}\
            """
                .formatted(scope, token));
  }

  @Test
  void aLoginWithoutScopeGoesToTheDefaultProject() {
    String name = unique("user");
    String userId = IDENTITY.user(name);
    String project = unique("project");
    String projectId = IDENTITY.project(project);
    IDENTITY
        .admin()
        .patch("/v3/users/" + userId, "{\"user\": {\"default_project_id\": \"" + projectId + "\"}}")
        .expect(200);
    String unscoped =
        """
        {"auth": {"identity": {"methods": ["password"], "password": {"user":
          {"id": "%s", "password": "%s"}}}}}\
        """
            .formatted(userId, PASSWORD);
    Answer without = IDENTITY.anonymous().post("/v3/auth/tokens", unscoped).expect(201);
    assertThat(without.json().at("/token/project").isMissingNode()).isTrue();
    IDENTITY.grant(userId, "member", projectId);
    Answer with = IDENTITY.anonymous().post("/v3/auth/tokens", unscoped).expect(201);
    assertThat(with.json().at("/token/project/id").asString()).isEqualTo(projectId);
  }

  @Test
  void refusedLoginsLookAlike() {
    String name = unique("user");
    IDENTITY.user(name);
    Answer wrong = IDENTITY.login(name, "wrong", "default", "\"unscoped\"");
    Answer unknown = IDENTITY.login("nobody", "wrong", "default", "\"unscoped\"");
    Answer noRole = IDENTITY.login(name, PASSWORD, "default", projectScope("admin"));
    Answer noProject = IDENTITY.login(name, PASSWORD, "default", projectScope("nowhere"));
    assertThat(wrong.status()).isEqualTo(401);
    assertThat(wrong.json().at("/error/message").asString())
        .isEqualTo("The request you have made requires authentication.");
    assertThat(wrong.header("WWW-Authenticate")).startsWith("Keystone uri=");
    for (Answer other : new Answer[] {unknown, noRole, noProject}) {
      assertThat(other.status()).isEqualTo(401);
      assertThat(other.json()).isEqualTo(wrong.json());
    }
  }

  @Test
  void badRequestsNameWhatIsWrong() {
    TestingHttp http = IDENTITY.anonymous();
    assertThat(http.post("/v3/auth/tokens", "{}").expect(400).text()).contains("auth");
    assertThat(
            http.post(
                    "/v3/auth/tokens", "{\"auth\": {\"identity\": {\"methods\": [\"password\"]}}}")
                .expect(400)
                .text())
        .contains("Expecting to find password in identity");
    http.post("/v3/auth/tokens", "{\"auth\": {\"identity\": {\"methods\": \"password\"}}}")
        .expect(400);
    http.post("/v3/auth/tokens", "not json").expect(400);
    http.post("/v3/auth/tokens", "[".repeat(100_000)).expect(400);
    http.post("/v3/auth/tokens", "{\"auth\": {\"x\": \"" + "x".repeat(200_000) + "\"}}")
        .expect(413);
  }

  @Test
  void tamperedExpiredAndForeignTokensAreRefused() {
    try (TestingIdentity other = TestingIdentity.start()) {
      String token = other.token("admin", PASSWORD, "default", projectScope("admin"));
      other.with(token).get("/v3/projects").expect(200);
      IDENTITY.with(token).get("/v3/projects").expect(401);
      for (int at = 0; at < token.length(); at += 7) {
        char changed = token.charAt(at) == 'A' ? 'B' : 'A';
        String tampered = token.substring(0, at) + changed + token.substring(at + 1);
        other.with(tampered).get("/v3/projects").expect(401);
      }
      other.pass(Duration.ofMinutes(61));
      other.with(token).get("/v3/projects").expect(401);
      TestingHttp subject = other.admin().with("X-Subject-Token", token);
      subject.get("/v3/auth/tokens").expect(404);
      subject.get("/v3/auth/tokens?allow_expired=1").expect(200);
      other.pass(Duration.ofDays(2));
      other
          .admin()
          .with("X-Subject-Token", token)
          .get("/v3/auth/tokens?allow_expired=1")
          .expect(404);
    }
  }

  @Test
  void tokensOutliveTheRotationOfKeys() {
    String old = IDENTITY.token("admin", PASSWORD, "default", projectScope("admin"));
    IDENTITY.service().tokenKeys().rotate();
    String fresh = IDENTITY.token("admin", PASSWORD, "default", projectScope("admin"));
    IDENTITY.with(old).get("/v3/projects").expect(200);
    IDENTITY.with(fresh).get("/v3/projects").expect(200);
  }

  @Test
  void onlyItsBearerOrAnAdministratorSeesAToken() {
    String name = unique("user");
    IDENTITY.user(name);
    String own = IDENTITY.token(name, PASSWORD, "default", "\"unscoped\"");
    String foreign = IDENTITY.token("admin", PASSWORD, "default", projectScope("admin"));
    IDENTITY.with(own).with("X-Subject-Token", own).get("/v3/auth/tokens").expect(200);
    Answer refused = IDENTITY.with(own).with("X-Subject-Token", foreign).get("/v3/auth/tokens");
    assertThat(refused.expect(403).json().at("/error/message").asString())
        .isEqualTo(
            "You are not authorized to perform the requested action: identity:validate_token.");
  }

  @Test
  void theScopesOfATokenAreListed() {
    TestingHttp admin = IDENTITY.admin();
    assertThat(admin.get("/v3/auth/projects").expect(200).json().at("/projects/0/name").asString())
        .isEqualTo("admin");
    assertThat(admin.get("/v3/auth/domains").expect(200).json().path("domains")).isEmpty();
    assertThat(admin.get("/v3/auth/system").expect(200).json().at("/system/0/all").asBoolean(false))
        .isTrue();
    assertThat(admin.get("/v3/auth/catalog").expect(200).json().path("catalog")).hasSize(3);
  }
}
