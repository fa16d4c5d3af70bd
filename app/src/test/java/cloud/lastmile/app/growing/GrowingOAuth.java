package cloud.lastmile.app.growing;

import cloud.lastmile.testing.OAuthSigner;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Consumers, and the administrator's access tokens, of which the newest has the most roles. */
final class GrowingOAuth {
  private static final String BASE = "/identity/v3/OS-OAUTH1/";

  private final GrowingCloud cloud;

  GrowingOAuth(GrowingCloud cloud) {
    this.cloud = cloud;
  }

  void grow() {
    JsonNode consumer = cloud.post(BASE + "consumers", "{'consumer': {}}").path("consumer");
    cloud.know("consumer_id", consumer.path("id").asString());
    Map<String, String> asked =
        signed(consumer, "request_token", "", Map.of("oauth_callback", "oob"));
    String roles =
        IntStream.rangeClosed(1, cloud.number())
            .mapToObj("{\"name\": \"grown-role-%d\"}"::formatted)
            .collect(Collectors.joining(", "));
    String path = BASE + "authorize/" + asked.get("oauth_token");
    Answer agreed = cloud.admin().put(path, "{\"roles\": [" + roles + "]}");
    String verifier =
        GrowingCloud.succeeded(agreed, path).json().at("/token/oauth_verifier").asString();
    Map<String, String> access =
        signed(
            consumer,
            "access_token",
            asked.get("oauth_token_secret"),
            Map.of("oauth_token", asked.get("oauth_token"), "oauth_verifier", verifier));
    cloud.know("access_token_id", access.get("oauth_token"));
    cloud.know(
        "/identity/v3/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles/{role_id}",
        cloud.id("implied_role_id"));
  }

  /** The form that answers a signed request. */
  private Map<String, String> signed(
      JsonNode consumer, String step, String tokenSecret, Map<String, String> parameters) {
    String link = consumer.at("/links/self").asString();
    String url = link.substring(0, link.indexOf("/identity/")) + BASE + step;
    String header =
        OAuthSigner.header(
            "POST",
            url,
            consumer.path("id").asString(),
            consumer.path("secret").asString(),
            tokenSecret,
            parameters);
    Answer answer =
        cloud
            .admin()
            .with("Authorization", header)
            .with("Requested-Project-Id", cloud.project())
            .post(BASE + step, "");
    Map<String, String> form = new HashMap<>();
    for (String part : GrowingCloud.succeeded(answer, step).text().split("&", -1)) {
      String[] pair = part.split("=", 2);
      form.put(pair[0], pair[1]);
    }
    return form;
  }
}
