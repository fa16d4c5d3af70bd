package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.auth.FederatedTokens;
import cloud.lastmile.identity.federation.FederatedLogin.Entrance;
import cloud.lastmile.identity.federation.FederatedLogin.Login;
import cloud.lastmile.identity.federation.mapping.Assertion;
import cloud.lastmile.identity.federation.oidc.OidcProviders;
import cloud.lastmile.identity.password.LoginLimiter;
import cloud.lastmile.identity.token.AuthMethod;
import cloud.lastmile.identity.token.TokenVia;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where programs show a provider's access or ID token and get one of ours. */
final class FederationAuthRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(FederationAuthRoutes.class);
  private static final String AUTH = ProtocolRoutes.ONE + "/auth";
  private static final String BEARER = "Bearer ";
  private static final Set<AuthMethod> METHODS =
      EnumSet.of(AuthMethod.MAPPED, AuthMethod.OPENID, AuthMethod.SAML2);

  private final FederatedLogin login;
  private final OidcProviders providers;
  private final LoginLimiter limiter;
  private final FederatedTokens tokens;

  FederationAuthRoutes(
      FederatedLogin login, OidcProviders providers, LoginLimiter limiter, FederatedTokens tokens) {
    this.login = login;
    this.providers = providers;
    this.limiter = limiter;
    this.tokens = tokens;
  }

  List<Route> routes() {
    return List.of(
        Route.get(AUTH, PolicyRule.PUBLIC, this::authenticate),
        Route.post(AUTH, PolicyRule.PUBLIC, this::authenticate));
  }

  private ApiResponse authenticate(ApiRequest request) {
    Entrance entrance = login.entrance(request.path("idp_id"), request.path("protocol_id"));
    String token =
        request
            .header("Authorization")
            .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
            .map(value -> value.substring(BEARER.length()).strip())
            .orElseThrow(() ->
                ApiException.unauthorized("The request you have made requires authentication."));
    // The provider may have to be asked, and what is shown may be a guess.
    Assertion assertion =
        limiter.attempt(
            request.context().remoteAddress(),
            _ -> providers.judge(entrance.provider().id(), token));
    return token(request, entrance, assertion);
  }

  /** A token of ours for who the assertion is about. */
  ApiResponse token(ApiRequest request, Entrance entrance, Assertion assertion) {
    Login who = login.login(request.context(), entrance, assertion);
    String protocolId = entrance.protocol().id();
    AuthMethod method =
        AuthMethod.parse(protocolId).filter(METHODS::contains).orElse(AuthMethod.MAPPED);
    try {
      return tokens.issue(
          request,
          who.userId(),
          method,
          who.local()
              ? Optional.empty()
              : Optional.of(new TokenVia.Federation(entrance.provider().id(), protocolId)));
    } catch (ApiException refused) {
      LOG.warn(
          "User {} does not log in from {}: it or its domain is disabled",
          who.userId(),
          entrance.provider().id());
      throw refused;
    }
  }
}
