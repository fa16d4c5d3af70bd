package cloud.lastmile.identity.oauth;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signatures of RFC 5849, section 3.4. */
final class OAuthSignature {
  private static final String UNRESERVED =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
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
    String key = quote(consumerSecret) + "&" + quote(tokenSecret);
    String expected = hmac(algorithm.get(), key, base(request));
    String given = request.get(OAuthRequest.SIGNATURE).orElse("");
    return MessageDigest.isEqual(bytes(expected), bytes(given));
  }

  /** The signature base string: method, address and parameters. */
  static String base(OAuthRequest request) {
    return quote(request.method().toUpperCase(Locale.ROOT))
        + "&"
        + quote(address(request.url()))
        + "&"
        + quote(parameters(request));
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
            pairs.add(List.of(quote(name), quote(value)));
          }
        });
    request
        .query()
        .forEach((name, values) ->
            values.forEach(value -> pairs.add(List.of(quote(name), quote(value)))));
    return pairs.stream()
        .sorted((left, right) -> {
          int byName = left.get(0).compareTo(right.get(0));
          return byName == 0 ? left.get(1).compareTo(right.get(1)) : byName;
        })
        .map(pair -> pair.get(0) + "=" + pair.get(1))
        .collect(Collectors.joining("&"));
  }

  static String quote(String text) {
    StringBuilder quoted = new StringBuilder();
    for (byte one : bytes(text)) {
      if (UNRESERVED.indexOf((char) one) >= 0) {
        quoted.append((char) one);
      } else {
        quoted.append(String.format(Locale.ROOT, "%%%02X", one & 0xff));
      }
    }
    return quoted.toString();
  }

  static String hmac(String algorithm, String key, String text) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(bytes(key), algorithm));
      return Base64.getEncoder().encodeToString(mac.doFinal(bytes(text)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
