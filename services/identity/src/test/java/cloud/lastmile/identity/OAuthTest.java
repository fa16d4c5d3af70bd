package cloud.lastmile.identity;

import static cloud.lastmile.identity.OAuthClient.pair;
import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.identity.OAuthClient.Pair;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class OAuthTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();
  private static final String CONSUMERS = "/v3/OS-OAUTH1/consumers";

  /** An administrator of a project of its own, who may authorize there. */
  private record Owner(String id, String name, String projectId, TestingHttp http) {
    static Owner make() {
      String project = unique("project");
      String projectId = IDENTITY.project(project);
      String name = unique("owner");
      String id = IDENTITY.user(name);
      IDENTITY.grant(id, "admin", projectId);
      return new Owner(
          id,
          name,
          projectId,
          IDENTITY.with(IDENTITY.token(name, PASSWORD, "default", projectScope(project))));
    }

    String tokens() {
      return "/v3/users/" + id + "/OS-OAUTH1/access_tokens";
    }

    Pair lend(OAuthClient client, String role) {
      return client.accessToken(http, projectId, "[{\"name\": \"" + role + "\"}]");
    }
  }

  private static Set<String> roles(JsonNode token) {
    return token
        .path("roles")
        .valueStream()
        .map(role -> role.path("name").asString())
        .collect(Collectors.toSet());
  }

  @Test
  void aConsumerIsMadeShownListedChangedAndRemoved() {
    TestingHttp admin = IDENTITY.admin();
    JsonNode made =
        admin
            .post(CONSUMERS, "{\"consumer\": {\"description\": \"d\", \"note\": \"x\"}}")
            .expect(201)
            .json()
            .path("consumer");
    assertThat(made.path("secret").asString()).hasSize(32);
    String id = made.path("id").asString();
    JsonNode shown = admin.get(CONSUMERS + "/" + id).expect(200).json().path("consumer");
    assertThat(shown.path("description").asString()).isEqualTo("d");
    assertThat(shown.path("note").asString()).isEqualTo("x");
    assertThat(shown.has("secret")).isFalse();
    assertThat(shown.at("/links/self").asString()).endsWith("/identity" + CONSUMERS + "/" + id);
    assertThat(admin.get(CONSUMERS).json().path("consumers").findValuesAsString("id")).contains(id);
    Answer changed =
        admin.patch(CONSUMERS + "/" + id, "{\"consumer\": {\"description\": null}}").expect(200);
    assertThat(changed.json().at("/consumer/description").isNull()).isTrue();
    assertThat(changed.json().at("/consumer/note").asString()).isEqualTo("x");
    Answer refused =
        admin.patch(CONSUMERS + "/" + id, "{\"consumer\": {\"secret\": \"chosen\"}}").expect(400);
    assertThat(refused.text()).contains("secret").doesNotContain("chosen");
    admin.patch(CONSUMERS + "/" + id, "{\"consumer\": {}}").expect(400);
    admin.delete(CONSUMERS + "/" + id).expect(204);
    assertThat(admin.get(CONSUMERS + "/" + id).expect(404).text()).contains("Consumer not found");
    admin.delete(CONSUMERS + "/" + id).expect(404);
  }

  @Test
  void whatAUserLendsIsWhatTheConsumerGets() {
    Owner owner = Owner.make();
    OAuthClient client = OAuthClient.registered(IDENTITY);
    Pair access = owner.lend(client, "member");
    Answer login = client.login(access).expect(201);
    JsonNode token = login.json().path("token");
    assertThat(token.path("methods")).hasToString("[\"oauth1\"]");
    assertThat(token.at("/user/id").asString()).isEqualTo(owner.id());
    assertThat(token.at("/project/id").asString()).isEqualTo(owner.projectId());
    assertThat(roles(token)).containsExactlyInAnyOrder("member", "reader");
    assertThat(token.at("/OS-OAUTH1/consumer_id").asString()).isEqualTo(client.id());
    assertThat(token.at("/OS-OAUTH1/access_token_id").asString()).isEqualTo(access.token());
    String text = login.header("X-Subject-Token");
    TestingHttp bearer = IDENTITY.with(text);
    JsonNode validated =
        bearer
            .with("X-Subject-Token", text)
            .get("/v3/auth/tokens")
            .expect(200)
            .json()
            .path("token");
    assertThat(validated.path("OS-OAUTH1")).isEqualTo(token.path("OS-OAUTH1"));
    bearer.get("/v3/users").expect(403);
  }

  @Test
  void aUserSeesAndTakesBackWhatItLent() {
    Owner owner = Owner.make();
    OAuthClient client = OAuthClient.registered(IDENTITY);
    Pair access = owner.lend(client, "member");
    String text = client.login(access).expect(201).header("X-Subject-Token");
    IDENTITY.with(text).get("/v3/auth/catalog").expect(200);
    JsonNode listed =
        owner.http().get(owner.tokens()).expect(200).json().path("access_tokens").get(0);
    String path = owner.tokens() + "/" + access.token();
    JsonNode shown = owner.http().get(path).expect(200).json().path("access_token");
    assertThat(shown).isEqualTo(listed);
    assertThat(shown.propertyNames())
        .containsExactlyInAnyOrder(
            "id", "consumer_id", "authorizing_user_id", "project_id", "expires_at", "links");
    assertThat(shown.at("/links/roles").asString()).endsWith("/identity" + path + "/roles");
    JsonNode lent = owner.http().get(path + "/roles").expect(200).json().path("roles");
    assertThat(lent.findValuesAsString("name")).containsExactly("member");
    String role = IDENTITY.roleId("member");
    JsonNode one = owner.http().get(path + "/roles/" + role).expect(200).json().path("role");
    assertThat(one).isEqualTo(lent.get(0));
    owner.http().get(path + "/roles/" + IDENTITY.roleId("reader")).expect(404);
    String others = "/v3/users/" + IDENTITY.user(unique("other")) + "/OS-OAUTH1/access_tokens/";
    owner.http().get(others + access.token()).expect(404);
    owner.http().delete(others + access.token()).expect(404);
    owner.http().delete(path).expect(204);
    owner.http().get(path).expect(404);
    client.login(access).expect(404);
    IDENTITY.with(text).get("/v3/auth/catalog").expect(401);
  }

  @Test
  void tokensGoWithTheConsumerAndWithTheRole() {
    Owner owner = Owner.make();
    OAuthClient client = OAuthClient.registered(IDENTITY);
    Pair access = owner.lend(client, "admin");
    String text = client.login(access).expect(201).header("X-Subject-Token");
    IDENTITY
        .admin()
        .delete(
            "/v3/projects/%s/users/%s/roles/%s"
                .formatted(owner.projectId(), owner.id(), IDENTITY.roleId("admin")))
        .expect(204);
    IDENTITY.with(text).get("/v3/auth/catalog").expect(401);
    client.login(access).expect(401);
    IDENTITY.grant(owner.id(), "admin", owner.projectId());
    String another = client.login(access).expect(201).header("X-Subject-Token");
    IDENTITY.admin().delete(CONSUMERS + "/" + client.id()).expect(204);
    IDENTITY.with(another).get("/v3/auth/catalog").expect(401);
    client.login(access).expect(404);
  }

  @Test
  void aSignedRequestIsGoodOnceAndWhileItIsFresh() {
    Owner owner = Owner.make();
    OAuthClient client = OAuthClient.registered(IDENTITY);
    Pair access = owner.lend(client, "member");
    String header = client.authorization("/v3/auth/tokens", access, Map.of());
    TestingHttp signed = IDENTITY.anonymous().with("Authorization", header);
    signed.post("/v3/auth/tokens", OAuthClient.LOGIN).expect(201);
    signed.post("/v3/auth/tokens", OAuthClient.LOGIN).expect(401);
    String old = Long.toString(IDENTITY.now().minus(Duration.ofMinutes(11)).getEpochSecond());
    login(client, access, Map.of("oauth_timestamp", old)).expect(401);
    login(client, access, Map.of("oauth_version", "2.0")).expect(401);
    login(client, access, Map.of("oauth_signature_method", "PLAINTEXT")).expect(401);
    client.login(new Pair(access.token(), "wrong")).expect(401);
    new OAuthClient(IDENTITY, client.id(), "wrong").login(access).expect(401);
    OAuthClient.registered(IDENTITY).login(access).expect(401);
    IDENTITY.anonymous().post("/v3/auth/tokens", OAuthClient.LOGIN).expect(400);
    client.login(access).expect(201);
  }

  private static Answer login(OAuthClient client, Pair access, Map<String, String> parameters) {
    return client.send(
        "/v3/auth/tokens", access, parameters, IDENTITY.anonymous(), OAuthClient.LOGIN);
  }

  @Test
  void badRequestsForTokensAreNamed() {
    Owner owner = Owner.make();
    OAuthClient client = OAuthClient.registered(IDENTITY);
    IDENTITY.anonymous().post("/v3/OS-OAUTH1/request_token", "").expect(400);
    assertThat(client.askFor("missing").expect(404).text()).contains("project");
    new OAuthClient(IDENTITY, "missing", "x").askFor(owner.projectId()).expect(404);
    new OAuthClient(IDENTITY, client.id(), "x").askFor(owner.projectId()).expect(401);
    Pair asked = pair(client.askFor(owner.projectId()).expect(201));
    assertThat(client.change(asked, "unknown1").expect(401).text()).contains("verifier");
    String authorize = "/v3/OS-OAUTH1/authorize/";
    String roles = "{\"roles\": [{\"name\": \"admin\"}]}";
    owner.http().put(authorize + "missing", roles).expect(404);
    owner.http().put(authorize + asked.token(), "{\"roles\": [{}]}").expect(400);
    owner.http().put(authorize + asked.token(), "{\"roles\": [{\"name\": \"no\"}]}").expect(404);
    owner.http().put(authorize + asked.token(), roles.replace("admin", "service")).expect(401);
    String verifier =
        owner
            .http()
            .put(authorize + asked.token(), roles)
            .expect(200)
            .json()
            .at("/token/oauth_verifier")
            .asString();
    assertThat(verifier).hasSize(8);
    OAuthClient.registered(IDENTITY).change(asked, verifier).expect(401);
    client.change(new Pair(asked.token(), "wrong"), verifier).expect(401);
    client.change(asked, verifier).expect(201);
    client.change(asked, verifier).expect(404);
  }

  @Test
  void lentRolesMakeNothingThatOutlivesThem() {
    Owner owner = Owner.make();
    OAuthClient client = OAuthClient.registered(IDENTITY);
    Pair access = owner.lend(client, "admin");
    String text = client.login(access).expect(201).header("X-Subject-Token");
    TestingHttp bearer = IDENTITY.with(text);
    bearer.get(owner.tokens()).expect(403);
    Pair asked = pair(client.askFor(owner.projectId()).expect(201));
    bearer.put("/v3/OS-OAUTH1/authorize/" + asked.token(), "{\"roles\": []}").expect(403);
    bearer
        .post(
            "/v3/users/" + owner.id() + "/application_credentials",
            "{\"application_credential\": {\"name\": \"x\"}}")
        .expect(403);
    bearer
        .post(
            "/v3/OS-TRUST/trusts",
            """
            {"trust": {"trustor_user_id": "%1$s", "trustee_user_id": "%1$s",
              "project_id": "%2$s", "impersonation": false, "roles": [{"name": "admin"}]}}
            """
                .formatted(owner.id(), owner.projectId()))
        .expect(403);
    IDENTITY
        .anonymous()
        .post(
            "/v3/auth/tokens",
            """
            {"auth": {"identity": {"methods": ["token"], "token": {"id": "%s"}}}}
            """
                .formatted(text))
        .expect(403);
  }

  @Test
  void secretsAreEncryptedAndSurviveAChangeOfKey() {
    Owner owner = Owner.make();
    OAuthClient client = OAuthClient.registered(IDENTITY);
    Pair asked = pair(client.askFor(owner.projectId()).expect(201));
    Pair access = owner.lend(client, "member");
    IDENTITY.service().credentialKeys().rotate();
    IDENTITY.service().credentialKeys().rotate();
    client.login(access).expect(201);
    owner.http().put("/v3/OS-OAUTH1/authorize/" + asked.token(), "{\"roles\": []}").expect(200);
  }

  @Test
  void expiredTokensAreRefused() {
    try (TestingIdentity identity = TestingIdentity.start()) {
      OAuthClient client = OAuthClient.registered(identity);
      TestingHttp admin = identity.admin();
      String project = admin.get("/v3/projects?name=admin").json().at("/projects/0/id").asString();
      Pair access = client.accessToken(admin, project, "[{\"name\": \"admin\"}]");
      client.login(access).expect(201);
      Pair asked = pair(client.askFor(project).expect(201));
      identity.pass(Duration.ofHours(9));
      identity
          .admin()
          .put("/v3/OS-OAUTH1/authorize/" + asked.token(), "{\"roles\": []}")
          .expect(401);
      client.login(access).expect(201);
      identity.pass(Duration.ofHours(16));
      client.login(access).expect(401);
    }
  }
}
