package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.federation.FederatedLogin.Entrance;
import cloud.lastmile.identity.federation.oidc.OidcProviders;
import cloud.lastmile.identity.federation.oidc.WebLogin;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Handler;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Single sign-on for dashboards: sends the browser to the provider and, when it comes back, has it
 * post a token to the dashboard that it came from. Only dashboards that the operator trusts get
 * one.
 */
final class WebSsoRoutes {
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
      throw ApiException.unauthorized("The request you have made requires authentication.");
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
    String path = path(providerId, protocolId);
    return ApiResponse.empty(302)
        .header("Location", providers.authorization(begun, request.baseUrl() + path).toString())
        .header("Set-Cookie", cookie.set(begun, path, isSecure(request)))
        .header("Cache-Control", "no-store");
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
    String path = path(request.path("idp_id"), request.path("protocol_id"));
    String page = WebSsoPage.of(under(request).origin(), token);
    return ApiResponse.bytes(200, "text/html; charset=utf-8", page.getBytes(StandardCharsets.UTF_8))
        .header("Set-Cookie", cookie.clear(path, isSecure(request)))
        .header("Cache-Control", "no-store")
        .header("X-Frame-Options", "DENY");
  }

  /** The login that this browser began here and has not ended yet. */
  private WebLogin under(ApiRequest request) {
    return cookie
        .read(request.header("Cookie"), request.query("state").orElse(""), clock.instant())
        .filter(begun -> begun.providerId().equals(request.path("idp_id")))
        .filter(begun -> begun.protocolId().equals(request.path("protocol_id")))
        .orElseThrow(WebSsoRoutes::refusal);
  }

  private ApiResponse token(ApiRequest request) {
    WebLogin begun = under(request);
    Entrance entrance = login.entrance(begun.providerId(), begun.protocolId());
    String code =
        request.query("code").filter(text -> !text.isEmpty()).orElseThrow(WebSsoRoutes::refusal);
    String redirectUri = request.baseUrl() + path(begun.providerId(), begun.protocolId());
    Assertion assertion = providers.redeem(code, begun, redirectUri);
    if (!providers.trusts(begun.origin())
        || !ended.end(begun.state(), begun.expiresAt(), clock.instant())) {
      throw refusal();
    }
    return tokens.token(request, entrance, assertion);
  }

  private static ApiException refusal() {
    return ApiException.unauthorized("The request you have made requires authentication.");
  }
}
