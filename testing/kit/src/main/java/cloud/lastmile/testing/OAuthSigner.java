package cloud.lastmile.testing;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs requests without query by OAuth 1 (RFC 5849) with HMAC-SHA1, as consumers do. */
public final class OAuthSigner {
  private OAuthSigner() {}

  /**
   * The Authorization header of a request.
   *
   * @param tokenSecret empty if there is no token
   * @param given parameters beyond the usual ones, or in their place
   */
  public static String header(
      String method,
      String url,
      String consumerId,
      String consumerSecret,
      String tokenSecret,
      Map<String, String> given) {
    Map<String, String> parameters = new TreeMap<>();
    parameters.put("oauth_consumer_key", consumerId);
    parameters.put("oauth_nonce", UUID.randomUUID().toString().replace("-", ""));
    parameters.put("oauth_timestamp", Long.toString(Instant.now().getEpochSecond()));
    parameters.put("oauth_signature_method", "HMAC-SHA1");
    parameters.put("oauth_version", "1.0");
    parameters.putAll(given);
    String joined =
        parameters.entrySet().stream()
            .map(entry -> encoded(entry.getKey()) + "=" + encoded(entry.getValue()))
            .collect(Collectors.joining("&"));
    String base = method + "&" + encoded(url) + "&" + encoded(joined);
    parameters.put("oauth_signature", hmac(consumerSecret + "&" + tokenSecret, base));
    return "OAuth "
        + parameters.entrySet().stream()
            .map(entry -> entry.getKey() + "=\"" + encoded(entry.getValue()) + "\"")
            .collect(Collectors.joining(", "));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
  }

  private static String hmac(String key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
      return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
