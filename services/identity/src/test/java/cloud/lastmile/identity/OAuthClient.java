package cloud.lastmile.identity;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.OAuthSigner;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A consumer that signs its requests, as OAuth 1 libraries do. */
record OAuthClient(TestingIdentity identity, String id, String secret) {
  static final String LOGIN =
      "{\"auth\": {\"identity\": {\"methods\": [\"oauth1\"], \"oauth1\": {}}}}";

  /** A token and its secret, of either kind. */
  record Pair(String token, String secret) {
    static final Pair NONE = new Pair("", "");
  }

  static OAuthClient registered(TestingIdentity identity) {
    JsonNode made =
        identity
            .admin()
            .post("/v3/OS-OAUTH1/consumers", "{\"consumer\": {\"description\": \"a program\"}}")
            .expect(201)
            .json()
            .path("consumer");
    return new OAuthClient(identity, made.path("id").asString(), made.path("secret").asString());
  }

  Answer askFor(String projectId) {
    return send(
        "/v3/OS-OAUTH1/request_token",
        Pair.NONE,
        Map.of("oauth_callback", "oob"),
        identity.anonymous().with("Requested-Project-Id", projectId),
        "");
  }

  Answer change(Pair requestToken, String verifier) {
    return send(
        "/v3/OS-OAUTH1/access_token",
        requestToken,
        Map.of("oauth_verifier", verifier),
        identity.anonymous(),
        "");
  }

  Answer login(Pair accessToken) {
    return send("/v3/auth/tokens", accessToken, Map.of(), identity.anonymous(), LOGIN);
  }

  /** All three steps; the user's token must be an administrator's. */
  Pair accessToken(TestingHttp user, String projectId, String rolesJson) {
    Pair asked = pair(askFor(projectId).expect(201));
    String verifier =
        user.put("/v3/OS-OAUTH1/authorize/" + asked.token(), "{\"roles\": " + rolesJson + "}")
            .expect(200)
            .json()
            .at("/token/oauth_verifier")
            .asString();
    return pair(change(asked, verifier).expect(201));
  }

  /** With other parameters than the usual ones, if given. */
  Answer send(
      String path, Pair token, Map<String, String> parameters, TestingHttp http, String body) {
    return http.with("Authorization", authorization(path, token, parameters)).post(path, body);
  }

  String authorization(String path, Pair token, Map<String, String> given) {
    Map<String, String> parameters = new HashMap<>(given);
    if (!token.token().isEmpty()) {
      parameters.put("oauth_token", token.token());
    }
    parameters.putIfAbsent("oauth_timestamp", Long.toString(identity.now().getEpochSecond()));
    return OAuthSigner.header(
        "POST", identity.url() + path, id, secret, token.secret(), parameters);
  }

  /** What a form answers. */
  static Pair pair(Answer answer) {
    assertThat(answer.header("Content-Type")).isEqualTo("application/x-www-form-urlencoded");
    Map<String, String> form = new HashMap<>();
    for (String part : answer.text().split("&", -1)) {
      String[] pair = part.split("=", 2);
      form.put(pair[0], pair[1]);
    }
    assertThat(form).containsOnlyKeys("oauth_token", "oauth_token_secret", "oauth_expires_at");
    return new Pair(form.get("oauth_token"), form.get("oauth_token_secret"));
  }
}
