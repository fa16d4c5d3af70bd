package cloud.lastmile.image.store;

import cloud.lastmile.platform.core.Digests;
import cloud.lastmile.platform.http.Urls;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Signs requests to S3's HTTP API: AWS Signature Version 4, with signed payload hashes. */
public final class S3Signer {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final String ALGORITHM = "AWS4-HMAC-SHA256";

  /** For bodies whose hash is not worth a second reading; the connection protects them. */
  public static final String UNSIGNED = "UNSIGNED-PAYLOAD";

  private final String accessKey;
  private final String secret;
  private final String region;

  public S3Signer(String accessKey, String secret, String region) {
    this.accessKey = accessKey;
    this.secret = secret;
    this.region = region;
  }

  /**
   * The headers that a request must carry besides its own.
   *
   * @param query decoded parameters
   * @param payloadHash SHA-256 of the body in hex, or {@link #UNSIGNED}
   */
  public SortedMap<String, String> headers(
      String method, URI uri, SortedMap<String, String> query, String payloadHash, Instant now) {
    String time = TIME.format(now);
    SortedMap<String, String> headers = new TreeMap<>();
    headers.put("host", uri.getRawAuthority());
    headers.put("x-amz-content-sha256", payloadHash);
    headers.put("x-amz-date", time);
    String signed = String.join(";", headers.keySet());
    String canonical =
        String.join(
            "\n",
            method,
            uri.getRawPath(),
            canonicalQuery(query),
            headers.entrySet().stream()
                .map(header -> header.getKey() + ":" + header.getValue() + "\n")
                .collect(Collectors.joining()),
            signed,
            payloadHash);
    String scope = time.substring(0, 8) + "/" + region + "/s3/aws4_request";
    String toSign = String.join("\n", ALGORITHM, time, scope, Digests.sha256Hex(canonical));
    String signature = HexFormat.of().formatHex(hmac(key(time.substring(0, 8)), toSign));
    headers.remove("host");
    headers.put(
        "authorization",
        ALGORITHM
            + " Credential="
            + accessKey
            + "/"
            + scope
            + ", SignedHeaders="
            + signed
            + ", Signature="
            + signature);
    return headers;
  }

  private byte[] key(String day) {
    byte[] key = hmac(("AWS4" + secret).getBytes(StandardCharsets.UTF_8), day);
    for (String part : new String[] {region, "s3", "aws4_request"}) {
      key = hmac(key, part);
    }
    return key;
  }

  /** Parameters in the form in which they are signed, which is also one to send them in. */
  public static String canonicalQuery(SortedMap<String, String> query) {
    return query.entrySet().stream()
        .map((Map.Entry<String, String> entry) ->
            Urls.quoted(entry.getKey()) + "=" + Urls.quoted(entry.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static byte[] hmac(byte[] key, String text) {
    return Digests.hmac("HmacSHA256", key, text.getBytes(StandardCharsets.UTF_8));
  }
}
