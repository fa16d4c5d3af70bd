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
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class ApplicationCredentialTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();

  /** A user with roles in a project, and its token there. */
  private record Person(
      String id, String name, String project, String projectId, TestingHttp http) {
    String path() {
      return "/v3/users/" + id + "/application_credentials";
    }

    JsonNode make(String attributes) {
      String body =
          "{\"application_credential\": {\"name\": \""
              + unique("credential")
              + "\""
              + attributes
              + "}}";
      return http.post(path(), body).expect(201).json().path("application_credential");
    }
  }

  private static Person person(String... roles) {
    String project = unique("project");
    String projectId = IDENTITY.project(project);
    String name = unique("user");
    String id = IDENTITY.user(name);
    for (String role : roles) {
      IDENTITY.grant(id, role, projectId);
    }
    String token = IDENTITY.token(name, PASSWORD, "default", projectScope(project));
    return new Person(id, name, project, projectId, IDENTITY.with(token));
  }

  private static Answer login(JsonNode credential, String secret) {
    return IDENTITY
        .anonymous()
        .post(
            "/v3/auth/tokens",
            """
            {"auth": {"identity": {"methods": ["application_credential"],
              "application_credential": {"id": "%s", "secret": "%s"}}}}\
            """
                .formatted(credential.path("id").asString(), secret));
  }

  private static Answer login(JsonNode credential) {
    return login(credential, credential.path("secret").asString());
  }

  private static TestingHttp by(JsonNode credential) {
    return IDENTITY.with(login(credential).expect(201).header("X-Subject-Token"));
  }

  @Test
  void aCredentialIsMadeShownListedUsedAndRemoved() {
    Person person = person("member");
    JsonNode made = person.make(", \"description\": \"for backups\"");
    assertThat(made.path("secret").asString()).hasSize(86);
    assertThat(made.path("project_id").asString()).isEqualTo(person.projectId());
    assertThat(made.path("unrestricted").asBoolean(true)).isFalse();
    assertThat(made.path("expires_at").isNull()).isTrue();
    assertThat(made.path("roles").findValuesAsString("name")).containsExactly("member", "reader");
    String path = person.path() + "/" + made.path("id").asString();
    JsonNode shown = person.http().get(path).expect(200).json().path("application_credential");
    assertThat(shown.has("secret")).isFalse();
    assertThat(shown.at("/links/self").asString()).endsWith(path);
    JsonNode second = person.make("");
    assertThat(person.http().get(person.path()).json().path("application_credentials")).hasSize(2);
    assertThat(
            person
                .http()
                .get(person.path() + "?name=" + second.path("name").asString())
                .json()
                .path("application_credentials"))
        .hasSize(1);
    JsonNode token = login(made).expect(201).json().path("token");
    assertThat(token.at("/project/id").asString()).isEqualTo(person.projectId());
    assertThat(token.path("methods").toString()).isEqualTo("[\"application_credential\"]");
    assertThat(token.at("/application_credential/id")).isEqualTo(made.path("id"));
    assertThat(token.at("/application_credential/restricted").asBoolean(false)).isTrue();
    assertThat(token.path("catalog")).isNotEmpty();
    TestingHttp program = by(made);
    program.get("/v3/auth/projects").expect(200);
    person.http().delete(path).expect(204);
    program.get("/v3/auth/projects").expect(401);
    login(made).expect(401);
    person.http().get(path).expect(404);
  }

  @Test
  void wrongSecretsAndUnknownCredentialsAreRefusedAlike() {
    JsonNode made = person("member").make("");
    Answer wrong = login(made, "wrong").expect(401);
    JsonNode unknown = made.deepCopy();
    ((ObjectNode) unknown).put("id", "0f0f");
    assertThat(login(unknown, "wrong").expect(401).json()).isEqualTo(wrong.json());
  }

  @Test
  void aUserMayChooseTheSecretAndLogInByName() {
    Person person = person("member");
    JsonNode made = person.make(", \"secret\": \"open sesame\"");
    String stored =
        IDENTITY
            .database()
            .database()
            .read(handle ->
                handle
                    .createQuery(
                        "SELECT secret_hash FROM identity.application_credential WHERE id = :id")
                    .bind("id", made.path("id").asString())
                    .mapTo(String.class)
                    .one());
    assertThat(stored).startsWith("$argon2id$");
    for (int i = 0; i < 2; i++) {
      IDENTITY
          .anonymous()
          .post(
              "/v3/auth/tokens",
              """
              {"auth": {"identity": {"methods": ["application_credential"],
                "application_credential": {"name": "%s", "secret": "open sesame",
                  "user": {"name": "%s", "domain": {"id": "default"}}}}}}\
              """
                  .formatted(made.path("name").asString(), person.name()))
          .expect(201);
      login(made, "wrong").expect(401);
    }
  }

  @Test
  void rolesMayBeFewerButNotMore() {
    Person person = person("member");
    JsonNode reader = person.make(", \"roles\": [{\"name\": \"reader\"}]");
    JsonNode token = login(reader).expect(201).json().path("token");
    assertThat(token.path("roles").findValuesAsString("name")).containsExactly("reader");
    Answer more =
        person
            .http()
            .post(
                person.path(),
                """
                {"application_credential": {"name": "x", "roles": [{"name": "admin"}]}}\
                """);
    assertThat(more.expect(400).json().at("/error/message").asString()).contains("unassigned role");
  }

  @Test
  void itGoesWithItsUserAndItsAssignment() {
    Person person = person("member", "manager");
    TestingHttp program = by(person.make(""));
    program.get("/v3/auth/projects").expect(200);
    String grant = "/v3/projects/" + person.projectId() + "/users/" + person.id() + "/roles/";
    IDENTITY.admin().delete(grant + IDENTITY.roleId("manager")).expect(204);
    program.get("/v3/auth/projects").expect(401);
    assertThat(person.http().get(person.path()).json().path("application_credentials")).isEmpty();
    JsonNode ruled =
        person.make(
            """
            , "access_rules": [{"path": "/v3/auth/projects", "method": "GET",
              "service": "identity"}]\
            """);
    TestingHttp again = by(ruled);
    again.get("/v3/auth/projects").expect(200);
    IDENTITY.admin().delete("/v3/users/" + person.id()).expect(204);
    again.get("/v3/auth/projects").expect(401);
  }

  @Test
  void onlyAnUnrestrictedOneMakesOthers() {
    Person person = person("member");
    String body = "{\"application_credential\": {\"name\": \"%s\"}}";
    TestingHttp restricted = by(person.make(""));
    restricted.post(person.path(), body.formatted("a")).expect(403);
    restricted.get(person.path()).expect(200);
    TestingHttp free = by(person.make(", \"unrestricted\": true"));
    free.post(person.path(), body.formatted("b")).expect(201);
    Person other = person("member");
    other.http().post(person.path(), body.formatted("c")).expect(403);
    other.http().get(person.path()).expect(403);
    IDENTITY.admin().get(person.path()).expect(200);
  }

  @Test
  void whatAnotherMadeEndsWithThatOneAndNeverExceedsIt() {
    Person person = person("member");
    String end = Timestamps.microsWithoutZone(Instant.now().plusSeconds(600));
    String later = Timestamps.microsWithoutZone(Instant.now().plusSeconds(1_200));
    String make =
        "{\"path\": \"/v3/users/*/application_credentials\", \"method\": \"POST\","
            + " \"service\": \"identity\"}";
    String see =
        "{\"path\": \"/v3/auth/projects\", \"method\": \"GET\", \"service\": \"identity\"}";
    JsonNode maker =
        person.make(
            ", \"unrestricted\": true, \"expires_at\": \"%s\", \"access_rules\": [%s, %s]"
                .formatted(end, make, see));
    TestingHttp program = by(maker);
    String body = "{\"application_credential\": {\"name\": \"%s\", \"unrestricted\": true %s}}";
    JsonNode made =
        program
            .post(person.path(), body.formatted("made", ""))
            .expect(201)
            .json()
            .path("application_credential");
    assertThat(made.path("expires_at").asString()).isEqualTo(end);
    assertThat(made.path("access_rules")).isEqualTo(maker.path("access_rules"));
    for (String beyond :
        new String[] {
          ", \"expires_at\": \"" + later + "\"",
          ", \"access_rules\": [{\"path\": \"/**\", \"method\": \"GET\", \"service\":"
              + " \"identity\"}]"
        }) {
      program.post(person.path(), body.formatted("beyond", beyond)).expect(403);
    }
    JsonNode grandchild =
        by(made)
            .post(person.path(), body.formatted("grandchild", ", \"access_rules\": [" + see + "]"))
            .expect(201)
            .json()
            .path("application_credential");
    TestingHttp last = by(grandchild);
    last.get("/v3/auth/projects").expect(200);
    by(made).get("/v3/auth/projects").expect(200);
    person.http().delete(person.path() + "/" + maker.path("id").asString()).expect(204);
    last.get("/v3/auth/projects").expect(401);
    login(made).expect(401);
    login(grandchild).expect(401);
    assertThat(person.http().get(person.path()).json().path("application_credentials")).isEmpty();
  }

  @Test
  void onlyServicesThatKnowOfAccessRulesAreToldThatATokenIsGood() {
    Person person = person("member");
    JsonNode made =
        person.make(
            ", \"access_rules\": [{\"path\": \"/v3/auth/**\", \"method\": \"GET\", \"service\":"
                + " \"identity\"}]");
    String ruled = login(made).expect(201).header("X-Subject-Token");
    String free = login(person.make("")).expect(201).header("X-Subject-Token");
    TestingHttp service = IDENTITY.admin();
    String tokens = "/v3/auth/tokens";
    service.with("X-Subject-Token", free).get(tokens).expect(200);
    TestingHttp asked = service.with("X-Subject-Token", ruled);
    asked.get(tokens).expect(404);
    asked.head(tokens).expect(404);
    asked.delete(tokens).expect(404);
    for (String version : new String[] {"0.9", "0", "-1", "none", "NaN", ""}) {
      asked.with("OpenStack-Identity-Access-Rules", version).get(tokens).expect(404);
    }
    for (String version : new String[] {"1", "1.0", "1.1", "2"}) {
      asked.with("OpenStack-Identity-Access-Rules", version).get(tokens).expect(200);
      asked.with("OpenStack-Identity-Access-Rules", version).head(tokens).expect(200);
    }
    TestingHttp itself = IDENTITY.with(ruled).with("X-Subject-Token", ruled);
    itself.get(tokens).expect(404);
    itself.with("OpenStack-Identity-Access-Rules", "1.0").get(tokens).expect(200);
    IDENTITY.with(ruled).get("/v3/auth/projects").expect(200);
    IDENTITY.with(ruled).get("/v3/users/" + person.id()).expect(401);
  }

  @Test
  void itsTokenIsNotScopedAnew() {
    JsonNode made = person("member").make("");
    String token = login(made).expect(201).header("X-Subject-Token");
    String rescope =
        """
        {"auth": {%s "identity": {"methods": ["token"], "token": {"id": "%s"}}}}\
        """;
    IDENTITY.anonymous().post("/v3/auth/tokens", rescope.formatted("", token)).expect(403);
    IDENTITY
        .anonymous()
        .post("/v3/auth/tokens", rescope.formatted("\"scope\": {\"system\": {}},", token))
        .expect(403);
  }

  @Test
  void itExpires() {
    try (TestingIdentity identity = TestingIdentity.start()) {
      TestingHttp admin = identity.admin();
      String id = admin.get("/v3/users?name=admin").json().at("/users/0/id").asString();
      String end = Timestamps.microsWithoutZone(Instant.now().plusSeconds(600));
      JsonNode made =
          admin
              .post(
                  "/v3/users/" + id + "/application_credentials",
                  """
                  {"application_credential": {"name": "short", "expires_at": "%s"}}\
                  """
                      .formatted(end))
              .expect(201)
              .json()
              .path("application_credential");
      assertThat(made.path("expires_at").asString()).isEqualTo(end);
      String body =
          """
          {"auth": {"identity": {"methods": ["application_credential"],
            "application_credential": {"id": "%s", "secret": "%s"}}}}\
          """
              .formatted(made.path("id").asString(), made.path("secret").asString());
      Answer login = identity.anonymous().post("/v3/auth/tokens", body).expect(201);
      assertThat(login.json().at("/token/expires_at").asString().substring(0, 19))
          .isEqualTo(end.substring(0, 19));
      identity.pass(Duration.ofMinutes(11));
      identity.anonymous().post("/v3/auth/tokens", body).expect(401);
      identity.with(login.header("X-Subject-Token")).get("/v3/auth/projects").expect(401);
      identity
          .admin()
          .post(
              "/v3/users/" + id + "/application_credentials",
              "{\"application_credential\": {\"name\": \"x\", \"expires_at\": \"" + end + "\"}}")
          .expect(400);
    }
  }

  @Test
  void accessRulesNarrowWhatItMayCall() {
    Person person = person("member");
    JsonNode made =
        person.make(
            """
            , "access_rules": [
              {"path": "/v3/users/*/application_credentials", "method": "GET",
                "service": "identity"},
              {"path": "/v3/auth/**", "method": "GET", "service": "identity"},
              {"path": "/v2.1/servers", "method": "GET", "service": "compute"}]\
            """);
    JsonNode token = login(made).expect(201).json().path("token");
    assertThat(token.at("/application_credential/access_rules")).hasSize(3);
    TestingHttp program = by(made);
    program.get("/v3/auth/projects").expect(200);
    program.get(person.path()).expect(200);
    program.get("/v3/users/" + person.id()).expect(401);
    program.get(person.path() + "/" + made.path("id").asString()).expect(401);
    program.post(person.path(), "{}").expect(401);
  }

  @Test
  void accessRulesAreListedAndRemovedWhenNotInUse() {
    Person person = person("member");
    String rule =
        """
        , "access_rules": [{"path": "/v2.1/servers/*/ips", "method": "GET",
          "service": "compute"}]\
        """;
    JsonNode first = person.make(rule);
    JsonNode second = person.make(rule);
    assertThat(first.path("access_rules")).isEqualTo(second.path("access_rules"));
    String ruleId = first.at("/access_rules/0/id").asString();
    JsonNode third = person.make(", \"access_rules\": [{\"id\": \"" + ruleId + "\"}]");
    assertThat(third.path("access_rules")).isEqualTo(first.path("access_rules"));
    String rules = "/v3/users/" + person.id() + "/access_rules";
    assertThat(person.http().get(rules).expect(200).json().path("access_rules")).hasSize(1);
    assertThat(person.http().get(rules + "?service=network").json().path("access_rules")).isEmpty();
    person.http().get(rules + "/" + ruleId).expect(200);
    person.http().delete(rules + "/" + ruleId).expect(403);
    for (JsonNode made : new JsonNode[] {first, second, third}) {
      person.http().delete(person.path() + "/" + made.path("id").asString()).expect(204);
    }
    person.http().delete(rules + "/" + ruleId).expect(204);
    person.http().delete(rules + "/" + ruleId).expect(404);
    Person other = person("member");
    other.http().get(rules).expect(403);
  }

  @Test
  void badRequestsChangeNothing() {
    Person person = person("member");
    for (String attributes :
        new String[] {
          ", \"unknown\": 1",
          ", \"expires_at\": \"soon\"",
          ", \"roles\": [{}]",
          ", \"access_rules\": [{\"path\": \"x\", \"method\": \"GET\", \"service\": \"a\"}]",
          ", \"access_rules\": [{\"path\": \"/x\", \"method\": \"BREW\", \"service\": \"a\"}]",
          ", \"access_rules\": [{\"path\": \"/x\", \"method\": \"GET\"}]"
        }) {
      person
          .http()
          .post(person.path(), "{\"application_credential\": {\"name\": \"x\"" + attributes + "}}")
          .expect(400);
    }
    person.http().post(person.path(), "{\"application_credential\": {}}").expect(400);
    person
        .http()
        .post(
            person.path(),
            """
            {"application_credential": {"name": "x", "access_rules": [{"id": "0f0f"}]}}\
            """)
        .expect(404);
    assertThat(person.http().get(person.path()).json().path("application_credentials")).isEmpty();
    JsonNode made = person.make("");
    person
        .http()
        .post(
            person.path(),
            "{\"application_credential\": {\"name\": \"" + made.path("name").asString() + "\"}}")
        .expect(409);
  }
}
