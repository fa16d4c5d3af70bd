package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.auth.Ec2Signature.Request;
import cloud.lastmile.identity.auth.TokenIssuer.Issued;
import cloud.lastmile.identity.credential.Credential;
import cloud.lastmile.identity.credential.CredentialStore;
import cloud.lastmile.identity.credential.Ec2Blob;
import cloud.lastmile.identity.password.LoginLimiter;
import cloud.lastmile.identity.password.LoginLimiter.Target;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;

/** {@code /v3/ec2tokens} and {@code /v3/s3tokens}: services have signatures checked here. */
public final class Ec2TokenRoutes {
  private static final PolicyRule EC2 =
      new PolicyRule("identity:ec2tokens_validate", "rule:service_or_admin").inAnyScope();
  private static final PolicyRule S3 =
      new PolicyRule("identity:s3tokens_validate", "rule:service_or_admin").inAnyScope();
  private static final DateTimeFormatter COMPACT =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT);

  private final Database database;
  private final CredentialStore store;
  private final LoginLimiter limiter;
  private final TokenIssuer issuer;
  private final TokenAnswer answer;
  private final Duration signatureLife;
  private final InstantSource clock;

  /**
   * @param signatureLife how long after the time it names a signature is good
   */
  public Ec2TokenRoutes(
      Database database,
      CredentialStore store,
      LoginLimiter limiter,
      TokenIssuer issuer,
      TokenAnswer answer,
      Duration signatureLife,
      InstantSource clock) {
    this.database = database;
    this.store = store;
    this.limiter = limiter;
    this.issuer = issuer;
    this.answer = answer;
    this.signatureLife = signatureLife;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.post("/v3/ec2tokens", EC2, this::ec2), Route.post("/v3/s3tokens", S3, this::s3));
  }

  private ApiResponse ec2(ApiRequest request) {
    JsonNode signed = credentials(request);
    Credential credential = find(signed);
    String given = signed.path("signature").asString("");
    if (given.isEmpty()) {
      throw ApiException.unauthorized("EC2 signature not supplied.");
    }
    String secret = Ec2Blob.parse(credential.blob()).secret();
    Request forwarded =
        new Request(
            signed.path("verb").asString(""),
            signed.path("host").asString(""),
            signed.path("path").asString(""),
            strings(signed.path("params"), false),
            strings(signed.path("headers"), true),
            signed.path("body_hash").asString(""));
    // Some clients sign without the port.
    Request portless = forwarded.withHost(forwarded.host().replaceFirst(":\\d+$", ""));
    require(
        request,
        credential,
        "Invalid EC2 signature.",
        () ->
            right(Ec2Signature.of(forwarded, secret), given)
                || right(Ec2Signature.of(portless, secret), given));
    return issue(request, credential, signed);
  }

  private ApiResponse s3(ApiRequest request) {
    JsonNode signed = credentials(request);
    Credential credential = find(signed);
    byte[] stringToSign;
    try {
      String token = signed.path("token").asString("");
      stringToSign = Base64.getUrlDecoder().decode(token);
    } catch (IllegalArgumentException notBase64) {
      throw ApiException.unauthorized("Credential signature mismatch");
    }
    String secret = Ec2Blob.parse(credential.blob()).secret();
    require(
        request,
        credential,
        "Credential signature mismatch",
        () ->
            right(Ec2Signature.ofS3(stringToSign, secret), signed.path("signature").asString("")));
    return issue(request, credential, signed);
  }

  /** Guesses count against the pair of keys: a service's address is not who guesses. */
  private void require(
      ApiRequest request, Credential credential, String refusal, BooleanSupplier right) {
    limiter.attemptThrough(
        request.context().remoteAddress(),
        attempt -> {
          attempt.at(new Target("keys " + credential.id(), true));
          if (!right.getAsBoolean()) {
            throw ApiException.unauthorized(refusal);
          }
          return credential;
        });
  }

  private static boolean right(Optional<String> expected, String given) {
    return expected.isPresent()
        && MessageDigest.isEqual(
            expected.get().getBytes(StandardCharsets.UTF_8),
            given.getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode credentials(ApiRequest request) {
    Fields body = request.body();
    for (String name : List.of("credentials", "credential", "ec2Credentials")) {
      if (body.node().path(name).isObject()) {
        return body.node().path(name);
      }
    }
    throw ApiException.unauthorized("EC2 Signature not supplied");
  }

  private Credential find(JsonNode signed) {
    String access = signed.path("access").asString("");
    if (access.isEmpty()) {
      throw ApiException.unauthorized("EC2 Signature not supplied");
    }
    return database
        .read(handle -> store.find(handle, Ec2Blob.id(access)))
        .filter(found -> found.type().equals(Credential.EC2))
        .orElseThrow(() -> ApiException.notFound("EC2 access key not found."));
  }

  private ApiResponse issue(ApiRequest request, Credential credential, JsonNode signed) {
    requireFresh(signed);
    Issued issued = issuer.issueBySignature(credential);
    return answer.of(200, request, issued);
  }

  private void requireFresh(JsonNode signed) {
    Map<String, String> params = strings(signed.path("params"), false);
    Map<String, String> headers = strings(signed.path("headers"), true);
    String text =
        Optional.ofNullable(params.get("Timestamp"))
            .or(() -> Optional.ofNullable(headers.get("x-amz-date")))
            .or(() -> Optional.ofNullable(params.get("X-Amz-Date")))
            .orElse("");
    if (text.isEmpty()) {
      // Who leaves it off has signed that.
      return;
    }
    Instant moment =
        Timestamps.parse(text)
            .or(() -> compact(text))
            .orElseThrow(
                () -> ApiException.unauthorized("Credential timestamp is invalid: " + text));
    if (clock.instant().isAfter(moment.plus(signatureLife))) {
      throw ApiException.unauthorized("Credential is expired");
    }
  }

  private static Optional<Instant> compact(String text) {
    try {
      return Optional.of(LocalDateTime.parse(text, COMPACT).toInstant(ZoneOffset.UTC));
    } catch (DateTimeParseException another) {
      return Optional.empty();
    }
  }

  private static Map<String, String> strings(JsonNode node, boolean fold) {
    Map<String, String> strings = new TreeMap<>();
    node.properties()
        .forEach(entry ->
            strings.put(
                fold ? entry.getKey().toLowerCase(Locale.ROOT) : entry.getKey(),
                entry.getValue().isString()
                    ? entry.getValue().asString()
                    : entry.getValue().toString()));
    return strings;
  }
}
