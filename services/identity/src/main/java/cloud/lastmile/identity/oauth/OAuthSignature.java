package cloud.lastmile.identity.oauth;

import cloud.lastmile.platform.core.Digests;
import cloud.lastmile.platform.http.Urls;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Signatures of RFC 5849, section 3.4. */
final class OAuthSignature {
  private static final Map<String, String> ALGORITHMS =
      Map.of("HMAC-SHA1", "HmacSHA1", "HMAC-SHA256", "HmacSHA256");

  private OAuthSignature() {}

  /** Whether signatures by a method are checked here. */
  static boolean supports(String method) {
    return ALGORITHMS.containsKey(method);
  }

  /** Whether the request is signed with these secrets; the token's is empty if there is none. */
  static boolean right(OAuthRequest request, String consumerSecret, String tokenSecret) {
    Optional<String> algorithm = request.get("oauth_signature_method").map(ALGORITHMS::get);
    if (algorithm.isEmpty()) {
      return false;
    }
    String key = Urls.quoted(consumerSecret) + "&" + Urls.quoted(tokenSecret);
    String expected =
        Base64.getEncoder()
            .encodeToString(Digests.hmac(algorithm.get(), bytes(key), bytes(base(request))));
    String given = request.get(OAuthRequest.SIGNATURE).orElse("");
    return MessageDigest.isEqual(bytes(expected), bytes(given));
  }

  /** The signature base string: method, address and parameters. */
  static String base(OAuthRequest request) {
    return Urls.quoted(request.method().toUpperCase(Locale.ROOT))
        + "&"
        + Urls.quoted(address(request.url()))
        + "&"
        + Urls.quoted(parameters(request));
  }

  private static String address(String url) {
    try {
      URI uri = new URI(url);
      String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
      int standard = scheme.equals("https") ? 443 : 80;
      String port = uri.getPort() == -1 || uri.getPort() == standard ? "" : ":" + uri.getPort();
      String host = uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
      return scheme + "://" + host + port + uri.getRawPath();
    } catch (URISyntaxException noAddress) {
      return url;
    }
  }

  /** Of the header and the query, each name and value encoded, then sorted. */
  private static String parameters(OAuthRequest request) {
    List<List<String>> pairs = new ArrayList<>();
    request
        .oauth()
        .forEach((name, value) -> {
          if (!name.equals(OAuthRequest.SIGNATURE)) {
            pairs.add(List.of(Urls.quoted(name), Urls.quoted(value)));
          }
        });
    request
        .query()
        .forEach((name, values) ->
            values.forEach(value -> pairs.add(List.of(Urls.quoted(name), Urls.quoted(value)))));
    return pairs.stream()
        .sorted((left, right) -> {
          int byName = left.get(0).compareTo(right.get(0));
          return byName == 0 ? left.get(1).compareTo(right.get(1)) : byName;
        })
        .map(pair -> pair.get(0) + "=" + pair.get(1))
        .collect(Collectors.joining("&"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
