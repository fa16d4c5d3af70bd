package cloud.lastmile.identity;

import static cloud.lastmile.identity.TestingIdentity.PASSWORD;
import static cloud.lastmile.identity.TestingIdentity.projectScope;
import static cloud.lastmile.identity.TestingIdentity.unique;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** OAuth 2.0's client credentials grant, with an application credential as the client. */
class ClientCredentialsTest {
  @AutoClose private static final TestingIdentity IDENTITY = TestingIdentity.start();
  private static final String GRANT = "grant_type=client_credentials";

  private static String projectId;
  private static String clientId;
  private static String secret;

  @BeforeAll
  static void makeClient() {
    String project = unique("project");
    projectId = IDENTITY.project(project);
    String name = unique("user");
    String userId = IDENTITY.user(name);
    IDENTITY.grant(userId, "member", projectId);
    JsonNode credential =
        IDENTITY
            .with(IDENTITY.token(name, PASSWORD, "default", projectScope(project)))
            .post(
                "/v3/users/" + userId + "/application_credentials",
                "{\"application_credential\": {\"name\": \"client\"}}")
            .expect(201)
            .json()
            .path("application_credential");
    clientId = credential.path("id").asString();
    secret = credential.path("secret").asString();
  }

  private static Answer ask(TestingHttp http, String form) {
    return http.exchange(
        "POST",
        "/v3/OS-OAUTH2/token",
        "application/x-www-form-urlencoded",
        BodyPublishers.ofString(form));
  }

  private static Answer askAs(String id, String secret) {
    byte[] pair = (id + ":" + secret).getBytes(StandardCharsets.UTF_8);
    String header = "Basic " + Base64.getEncoder().encodeToString(pair);
    return ask(IDENTITY.anonymous().with("Authorization", header), GRANT);
  }

  @Test
  void anAccessTokenIsATokenOfTheApplicationCredential() {
    Answer answer = askAs(clientId, secret).expect(200);
    JsonNode granted = answer.json();
    assertThat(granted.path("token_type").asString()).isEqualTo("Bearer");
    assertThat(granted.path("expires_in").asInt()).isBetween(1, 3600);
    assertThat(answer.header("Cache-Control")).isEqualTo("no-store");

    JsonNode token =
        IDENTITY
            .admin()
            .with("X-Subject-Token", granted.path("access_token").asString())
            .get("/v3/auth/tokens")
            .expect(200)
            .json()
            .path("token");
    assertThat(token.at("/project/id").asString()).isEqualTo(projectId);
    assertThat(token.at("/application_credential/id").asString()).isEqualTo(clientId);
    assertThat(token.path("methods").toString()).isEqualTo("[\"application_credential\"]");
    ask(IDENTITY.anonymous(), GRANT + "&client_id=" + clientId + "&client_secret=" + secret)
        .expect(200);
  }

  @Test
  void refusalsAreThoseOfTheProtocol() {
    assertThat(ask(IDENTITY.anonymous(), "").expect(400).json().path("error").asString())
        .isEqualTo("invalid_request");
    assertThat(ask(IDENTITY.anonymous(), "grant_type=password").expect(400).json().path("error"))
        .hasToString("\"unsupported_grant_type\"");
    Answer nobody = ask(IDENTITY.anonymous(), GRANT).expect(401);
    assertThat(nobody.json().path("error").asString()).isEqualTo("invalid_client");
    assertThat(nobody.header("WWW-Authenticate")).startsWith("Keystone uri=");
    for (String id : new String[] {clientId, "nobody"}) {
      Answer wrong = askAs(id, "wrong").expect(401);
      assertThat(wrong.json().path("error").asString()).isEqualTo("invalid_client");
      assertThat(wrong.json().has("error_description")).isTrue();
    }
    askAs(clientId, "x".repeat(9000)).expect(401);
    ask(IDENTITY.anonymous(), GRANT + "&x=" + "y".repeat(9000)).expect(413);
    IDENTITY.anonymous().get("/v3/OS-OAUTH2/token").expect(405);
  }

  @Test
  void bothOutcomesAreAudited() {
    String userId =
        IDENTITY
            .admin()
            .with("X-Subject-Token", askAs(clientId, secret).json().path("access_token").asString())
            .get("/v3/auth/tokens")
            .json()
            .at("/token/user/id")
            .asString();
    String requestId = askAs(clientId, "wrong").expect(401).header("X-Openstack-Request-Id");
    String events = "/v3/lastmile/events?type=identity.authenticate&outcome=";
    TestingHttp admin = IDENTITY.admin();
    Await.until(
        "the grant's event",
        () -> !admin.get(events + "success&resource_id=" + userId).json().path("events").isEmpty());
    Await.until(
        "the refusal's event",
        () -> admin.get(events + "failure").json().path("events").toString().contains(requestId));
  }
}
