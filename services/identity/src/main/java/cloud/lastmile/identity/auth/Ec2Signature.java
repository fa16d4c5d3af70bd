package cloud.lastmile.identity.auth;

import cloud.lastmile.platform.core.Digests;
import cloud.lastmile.platform.http.Urls;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** AWS signatures, versions 2 and 4, of requests that a service forwards, and of S3's. */
final class Ec2Signature {
  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final List<String> S3_SERVICES = List.of("s3", "iam", "sts");

  /**
   * A signed request.
   *
   * @param headers by lower-case name
   * @param bodyHash hex SHA-256 of the body
   */
  record Request(
      String verb,
      String host,
      String path,
      Map<String, String> params,
      Map<String, String> headers,
      String bodyHash) {
    Request withHost(String other) {
      return new Request(verb, other, path, params, headers, bodyHash);
    }
  }

  private Ec2Signature() {}

  /** What the signature must be; empty if it is not of version 2 or 4. */
  static Optional<String> of(Request request, String secret) {
    boolean four =
        request.params().getOrDefault("X-Amz-Algorithm", "").equals(ALGORITHM)
            || request.headers().getOrDefault("authorization", "").startsWith(ALGORITHM);
    if (four) {
      return four(request, secret);
    }
    return request.params().getOrDefault("SignatureVersion", "").equals("2")
        ? Optional.of(two(request, secret))
        : Optional.empty();
  }

  private static String two(Request request, String secret) {
    Map<String, String> params = new TreeMap<>(request.params());
    params.remove("Signature");
    params.put("SignatureMethod", "HmacSHA256");
    String text =
        String.join("\n", request.verb(), request.host(), request.path(), canonical(params));
    return Base64.getEncoder()
        .encodeToString(Digests.hmac("HmacSHA256", bytes(secret), bytes(text)));
  }

  private static String canonical(Map<String, String> params) {
    return new TreeMap<>(params)
        .entrySet().stream()
            .map(entry -> Urls.quoted(entry.getKey()) + "=" + Urls.quoted(entry.getValue()))
            .collect(Collectors.joining("&"));
  }

  private static Optional<String> four(Request request, String secret) {
    Map<String, String> authorization = authorization(request.headers());
    Map<String, String> params = request.params();
    String credential = authorization.getOrDefault("Credential", params.get("X-Amz-Credential"));
    String signed = authorization.getOrDefault("SignedHeaders", params.get("X-Amz-SignedHeaders"));
    String date =
        Optional.ofNullable(request.headers().get("x-amz-date"))
            .orElseGet(() -> params.getOrDefault("X-Amz-Date", ""));
    if (credential == null || signed == null) {
      return Optional.empty();
    }
    String[] scope = credential.split("/", 2);
    if (scope.length != 2) {
      return Optional.empty();
    }
    String text =
        String.join(
            "\n", ALGORITHM, date, scope[1], Digests.sha256Hex(canonicalRequest(request, signed)));
    return key(secret, scope[1].split("/", -1))
        .map(key -> HexFormat.of().formatHex(Digests.hmac("HmacSHA256", key, bytes(text))));
  }

  private static String canonicalRequest(Request request, String signed) {
    Map<String, String> params = new TreeMap<>(request.params());
    params.remove("X-Amz-Signature");
    String headers =
        Arrays.stream(signed.toLowerCase(Locale.ROOT).split(";", -1))
            .sorted()
            .map(name -> name + ":" + header(request, name) + "\n")
            .collect(Collectors.joining());
    return String.join(
        "\n",
        request.verb(),
        request.path(),
        request.verb().equals("POST") ? "" : canonical(params),
        headers,
        signed,
        request.bodyHash());
  }

  private static String header(Request request, String name) {
    String value = name.equals("host") ? request.host() : request.headers().getOrDefault(name, "");
    return value.strip();
  }

  private static Map<String, String> authorization(Map<String, String> headers) {
    Map<String, String> parts = new TreeMap<>();
    String text = headers.getOrDefault("authorization", "");
    if (!text.startsWith(ALGORITHM)) {
      return parts;
    }
    for (String part : text.substring(ALGORITHM.length()).split(",", -1)) {
      String[] pair = part.strip().split("=", 2);
      if (pair.length == 2) {
        parts.put(pair[0], pair[1]);
      }
    }
    return parts;
  }

  /**
   * @param scope date, region, service and {@code aws4_request}
   */
  private static Optional<byte[]> key(String secret, String[] scope) {
    if (scope.length != 4 || !scope[3].equals("aws4_request")) {
      return Optional.empty();
    }
    byte[] key = bytes("AWS4" + secret);
    for (String part : scope) {
      key = Digests.hmac("HmacSHA256", key, bytes(part));
    }
    return Optional.of(key);
  }

  /** What the signature of S3's own string must be; empty if that is malformed. */
  static Optional<String> ofS3(byte[] stringToSign, String secret) {
    String text = new String(stringToSign, StandardCharsets.UTF_8);
    if (!text.startsWith("AWS4")) {
      return Optional.of(
          Base64.getEncoder()
              .encodeToString(Digests.hmac("HmacSHA1", bytes(secret), stringToSign)));
    }
    String[] lines = text.split("\n", -1);
    if (lines.length != 4 || !lines[0].equals(ALGORITHM)) {
      return Optional.empty();
    }
    String[] scope = lines[2].split("/", -1);
    if (scope.length != 4 || !S3_SERVICES.contains(scope[2])) {
      return Optional.empty();
    }
    return key(secret, scope)
        .map(key -> HexFormat.of().formatHex(Digests.hmac("HmacSHA256", key, stringToSign)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
