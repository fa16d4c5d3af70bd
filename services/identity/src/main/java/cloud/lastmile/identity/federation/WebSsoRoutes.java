package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.federation.FederatedLogin.Entrance;
import cloud.lastmile.identity.federation.mapping.Assertion;
import cloud.lastmile.identity.federation.oidc.OidcProviders;
import cloud.lastmile.identity.federation.oidc.WebLogin;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Handler;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Single sign-on for dashboards: sends the browser to the provider and, when it comes back, has it
 * post a token to the dashboard that it came from. Only dashboards that the operator trusts get
 * one.
 */
final class WebSsoRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(WebSsoRoutes.class);
  private static final String ANY = "/v3/auth/OS-FEDERATION/websso/{protocol_id}";
  private static final String ONE =
      "/v3/auth/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}/websso";
  private static final String BACK = ONE + "/callback";

  private final FederatedLogin login;
  private final OidcProviders providers;
  private final FederationAuthRoutes tokens;
  private final WebLoginCookie cookie;
  private final WebLoginStore ended;
  private final InstantSource clock;
  private final Handler audited;

  /**
   * @param audit wraps what answers with a token's body, so that it is audited
   */
  WebSsoRoutes(
      FederatedLogin login,
      OidcProviders providers,
      FederationAuthRoutes tokens,
      WebLoginCookie cookie,
      WebLoginStore ended,
      InstantSource clock,
      UnaryOperator<Handler> audit) {
    this.login = login;
    this.providers = providers;
    this.tokens = tokens;
    this.cookie = cookie;
    this.ended = ended;
    this.clock = clock;
    this.audited = audit.apply(this::token);
  }

  List<Route> routes() {
    return List.of(
        Route.get(ANY, PolicyRule.PUBLIC, this::beginAnywhere),
        Route.post(ANY, PolicyRule.PUBLIC, this::beginAnywhere),
        Route.get(ONE, PolicyRule.PUBLIC, this::begin),
        Route.post(ONE, PolicyRule.PUBLIC, this::begin),
        // Lastmile's own: where the provider sends the browser back.
        Route.get(BACK, PolicyRule.PUBLIC, this::end));
  }

  private ApiResponse beginAnywhere(ApiRequest request) {
    String origin = origin(request);
    String protocolId = request.path("protocol_id");
    List<String> known = login.providers(protocolId).stream().filter(providers::knows).toList();
    if (known.isEmpty()) {
      throw refusal(
          "*", "no enabled provider with the protocol " + protocolId + " has federation settings");
    }
    if (known.size() > 1) {
      throw ApiException.badRequest(
          "Several identity providers have this protocol; the login must begin at one of them:"
              + " /v3/auth/OS-FEDERATION/identity_providers/{idp_id}/protocols/"
              + protocolId
              + "/websso");
    }
    return begin(request, known.getFirst(), protocolId, origin);
  }

  private ApiResponse begin(ApiRequest request) {
    return begin(request, request.path("idp_id"), request.path("protocol_id"), origin(request));
  }

  private ApiResponse begin(
      ApiRequest request, String providerId, String protocolId, String origin) {
    login.entrance(providerId, protocolId);
    WebLogin begun = providers.begin(providerId, protocolId, origin);
    String back = request.baseUrl() + path(providerId, protocolId);
    String where = cookiePath(request);
    ApiResponse answer =
        ApiResponse.empty(302)
            .header("Location", providers.authorization(begun, back).toString())
            .header("Set-Cookie", cookie.set(begun, where, isSecure(request)))
            .header("Cache-Control", "no-store");
    for (String cleared :
        cookie.clearOldest(request.header("Cookie"), where, isSecure(request), clock.instant())) {
      answer = answer.header("Set-Cookie", cleared);
    }
    return answer;
  }

  /** Where logins begin and end, so that one that begins sees the others of its browser. */
  private static String cookiePath(ApiRequest request) {
    String prefix = URI.create(request.baseUrl()).getRawPath();
    return (prefix == null ? "" : prefix) + "/identity/v3/auth/OS-FEDERATION";
  }

  private static String path(String providerId, String protocolId) {
    return "/identity" + BACK.replace("{idp_id}", providerId).replace("{protocol_id}", protocolId);
  }

  private static boolean isSecure(ApiRequest request) {
    return request.baseUrl().startsWith("https:");
  }

  private String origin(ApiRequest request) {
    String origin =
        request
            .query("origin")
            .filter(text -> !text.isEmpty())
            .orElseThrow(
                () -> ApiException.badRequest("Request must have an origin query parameter"));
    if (!providers.trusts(origin)) {
      LOG.warn("A web login for {} is refused: it is no trusted dashboard", Plain.of(origin));
      throw ApiException.unauthorized(origin + " is not a trusted dashboard host");
    }
    return origin;
  }

  private ApiResponse end(ApiRequest request) throws Exception {
    ApiResponse answer = audited.handle(request);
    String token =
        answer.headers().stream()
            .filter(header -> header.getKey().equals("X-Subject-Token"))
            .map(header -> header.getValue())
            .findFirst()
            .orElse("");
    if (answer.status() != 201 || token.isEmpty()) {
      return answer;
    }
    WebLogin done = under(request);
    String page = WebSsoPage.of(done.origin(), token);
    return ApiResponse.bytes(200, "text/html; charset=utf-8", page.getBytes(StandardCharsets.UTF_8))
        .header("Set-Cookie", cookie.clear(done, cookiePath(request), isSecure(request)))
        .header("Cache-Control", "no-store")
        .header("X-Frame-Options", "DENY");
  }

  /** The login that this browser began here and has not ended yet. */
  private WebLogin under(ApiRequest request) {
    String providerId = request.path("idp_id");
    WebLogin begun =
        cookie
            .read(request.header("Cookie"), request.query("state").orElse(""), clock.instant())
            .orElseThrow(() ->
                refusal(
                    providerId,
                    "this browser has no login under way with this state: it keeps no cookies, or"
                        + " took longer than ten minutes, or another began it"));
    if (!begun.providerId().equals(providerId)
        || !begun.protocolId().equals(request.path("protocol_id"))) {
      throw refusal(providerId, "it began at " + begun.providerId());
    }
    return begun;
  }

  private ApiResponse token(ApiRequest request) {
    WebLogin begun = under(request);
    String providerId = begun.providerId();
    Entrance entrance = login.entrance(providerId, begun.protocolId());
    String code =
        request
            .query("code")
            .filter(text -> !text.isEmpty())
            .orElseThrow(() -> refusal(providerId, answered(request)));
    String redirectUri = request.baseUrl() + path(providerId, begun.protocolId());
    Assertion assertion = providers.redeem(code, begun, redirectUri);
    if (!providers.trusts(begun.origin())) {
      throw refusal(providerId, begun.origin() + " is no trusted dashboard any more");
    }
    if (!ended.end(begun.state(), begun.expiresAt(), clock.instant())) {
      throw refusal(providerId, "it has come to its end before");
    }
    return tokens.token(request, entrance, assertion);
  }

  /** What the provider says in place of a code. */
  private static String answered(ApiRequest request) {
    Optional<String> error = request.query("error").filter(text -> !text.isEmpty());
    return error.isEmpty()
        ? "the provider sends the browser back without a code"
        : "the provider says " + error.get() + ": " + request.query("error_description").orElse("");
  }

  /** The client is not told why; the log is. */
  private static ApiException refusal(String providerId, String reason) {
    LOG.warn("A web login at {} is refused: {}", Plain.of(providerId), Plain.of(reason));
    return ApiException.unauthorized("The request you have made requires authentication.");
  }
}
