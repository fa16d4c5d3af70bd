package cloud.lastmile.identity.oauth;

import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request as RFC 5849 signs it: with the protocol's parameters in the Authorization header.
 *
 * @param url as the client reached us, without query
 * @param oauth the header's parameters, decoded; without the realm
 * @param query decoded
 */
public record OAuthRequest(
    String method, String url, Map<String, String> oauth, Map<String, List<String>> query) {
  static final String CONSUMER = "oauth_consumer_key";
  static final String TOKEN = "oauth_token";
  static final String VERIFIER = "oauth_verifier";
  static final String CALLBACK = "oauth_callback";
  static final String SIGNATURE = "oauth_signature";

  private static final String SCHEME = "oauth ";
  private static final int MAX_HEADER = 4096;

  public OAuthRequest {
    oauth = Map.copyOf(oauth);
    query = Map.copyOf(query);
  }

  /**
   * @throws ApiException bad request if there is no such header or it is malformed
   */
  public static OAuthRequest of(ApiRequest request) {
    String header = request.header("Authorization").orElse("");
    return new OAuthRequest(
        request.route().method(),
        request.baseUrl() + request.rawPath(),
        parameters(header),
        request.query());
  }

  static Map<String, String> parameters(String header) {
    if (header.length() > MAX_HEADER || !header.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
      throw ApiException.badRequest(
          "The request has no Authorization header with OAuth parameters.");
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String part : header.substring(SCHEME.length()).split(",", -1)) {
      String[] pair = part.strip().split("=", 2);
      if (pair.length != 2 || pair[1].length() < 2 || !quoted(pair[1])) {
        throw malformed();
      }
      String name = decode(pair[0].strip());
      String value = decode(pair[1].substring(1, pair[1].length() - 1));
      if (!name.equals("realm") && parameters.put(name, value) != null) {
        throw invalid("Duplicate OAuth1 entries.");
      }
    }
    return parameters;
  }

  private static boolean quoted(String text) {
    return text.charAt(0) == '"' && text.charAt(text.length() - 1) == '"';
  }

  private static String decode(String text) {
    try {
      // In this encoding a plus is a plus.
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException broken) {
      throw malformed();
    }
  }

  /** The value would be a secret's, so it is not quoted. */
  private static ApiException malformed() {
    return ApiException.badRequest("Malformed authorization header");
  }

  Optional<String> get(String name) {
    return Optional.ofNullable(oauth.get(name)).filter(value -> !value.isEmpty());
  }

  /** The access token that the request is signed with. */
  public String accessToken() {
    return need(TOKEN);
  }

  /** A parameter that the request must have. */
  String need(String name) {
    return get(name).orElseThrow(() -> Faults.expecting(name, "request"));
  }

  /** As the reference words what is wrong with a signed request. */
  static ApiException invalid(String detail) {
    return ApiException.badRequest(
        "Validation failed with errors: invalid_request, detail message is: " + detail);
  }

  /** Never the signature. */
  @Override
  public String toString() {
    return "OAuthRequest[" + method + " " + url + "]";
  }
}
