package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.auth.AuthRequest.CredentialProof;
import cloud.lastmile.identity.auth.AuthRequest.WantedScope;
import cloud.lastmile.identity.auth.TokenIssuer.Issued;
import cloud.lastmile.identity.auth.TokenIssuer.Outcome;
import cloud.lastmile.identity.token.AuthMethod;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Handler;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * {@code /v3/OS-OAUTH2/token}: OAuth 2.0's client credentials grant, whose clients are application
 * credentials. Its errors have the form of RFC 6749. Client certificates are not taken.
 */
public final class ClientCredentialsRoutes {
  private static final String BASIC = "Basic ";
  private static final int MAX_FORM = 8192;
  private static final String FAILED = "Client authentication failed.";

  private final TokenIssuer issuer;
  private final TokenAnswer answer;
  private final InstantSource clock;
  private final UnaryOperator<Handler> audit;

  /**
   * @param audit wraps what answers with a token's body and is no route by itself
   */
  public ClientCredentialsRoutes(
      TokenIssuer issuer, TokenAnswer answer, InstantSource clock, UnaryOperator<Handler> audit) {
    this.issuer = issuer;
    this.answer = answer;
    this.clock = clock;
    this.audit = audit;
  }

  public List<Route> routes() {
    return List.of(Route.post("/v3/OS-OAUTH2/token", PolicyRule.PUBLIC, this::token));
  }

  private ApiResponse token(ApiRequest request) throws Exception {
    Map<String, String> form = form(request);
    String grant = form.get("grant_type");
    if (grant == null) {
      return refused(400, "invalid_request", "The parameter grant_type is required.");
    }
    if (!grant.equals("client_credentials")) {
      String message = "The parameter grant_type " + grant + " is not supported.";
      return refused(400, "unsupported_grant_type", message);
    }
    Optional<CredentialProof> proof = proof(request, form);
    if (proof.isEmpty()) {
      return refused(401, "invalid_client", FAILED);
    }
    AtomicReference<Issued> issued = new AtomicReference<>();
    try {
      audit.apply(inner -> login(inner, proof.get(), issued)).handle(request);
    } catch (ApiException failure) {
      return refused(failure);
    }
    Issued token = Objects.requireNonNull(issued.get());
    Duration left = Duration.between(clock.instant(), token.token().expiresAt());
    return ApiResponse.ok(
            Json.object()
                .put("access_token", token.text())
                .put("token_type", "Bearer")
                .put("expires_in", left.toSeconds()))
        .header("Cache-Control", "no-store");
  }

  private ApiResponse login(
      ApiRequest request, CredentialProof proof, AtomicReference<Issued> issued) {
    AuthRequest asked =
        new AuthRequest(
            EnumSet.of(AuthMethod.APPLICATION_CREDENTIAL),
            Optional.empty(),
            Optional.empty(),
            Optional.of(proof),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            new WantedScope.Default());
    Outcome outcome = issuer.login(asked, Optional.empty(), request.context().remoteAddress());
    if (!(outcome instanceof Outcome.Success success)) {
      throw ApiException.unauthorized(FAILED);
    }
    issued.set(success.issued());
    return answer.of(201, request, success.issued());
  }

  /** From the Authorization header, else from the form. */
  private static Optional<CredentialProof> proof(ApiRequest request, Map<String, String> form) {
    String header = request.header("Authorization").orElse("");
    String id = form.getOrDefault("client_id", "");
    String secret = form.getOrDefault("client_secret", "");
    if (header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      String pair = decoded(header.substring(BASIC.length()).strip());
      int colon = pair.indexOf(':');
      id = colon < 0 ? "" : pair.substring(0, colon);
      secret = pair.substring(colon + 1);
    }
    boolean given = !id.isEmpty() && !secret.isEmpty() && secret.length() <= AuthRequest.MAX_TEXT;
    return given
        ? Optional.of(
            new CredentialProof(Optional.of(id), Optional.empty(), Optional.empty(), secret))
        : Optional.empty();
  }

  private static String decoded(String base64) {
    try {
      return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException broken) {
      return "";
    }
  }

  private static Map<String, String> form(ApiRequest request) {
    byte[] bytes = request.bytes(MAX_FORM);
    Map<String, String> form = new HashMap<>();
    for (String field : new String(bytes, StandardCharsets.UTF_8).split("&", -1)) {
      int equals = field.indexOf('=');
      if (equals > 0) {
        form.put(plain(field.substring(0, equals)), plain(field.substring(equals + 1)));
      }
    }
    return form;
  }

  private static String plain(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException broken) {
      throw ApiException.badRequest("The form is not encoded as it should be.");
    }
  }

  private static ApiResponse refused(ApiException failure) {
    return switch (failure.kind()) {
      case UNAUTHORIZED -> refused(401, "invalid_client", failure.message());
      case BAD_REQUEST -> refused(400, "invalid_request", failure.message());
      default ->
          refused(
              failure.kind().status(),
              "other_error",
              "An unknown error occurred and failed to get an OAuth2.0 access token.");
    };
  }

  private static ApiResponse refused(int status, String error, String description) {
    return ApiResponse.json(
        status, Json.object().put("error", error).put("error_description", description));
  }
}
