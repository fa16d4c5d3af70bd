package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.access.Access;
import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.access.AccessControl.Accepted;
import cloud.lastmile.identity.auth.TokenIssuer.Issued;
import cloud.lastmile.identity.catalog.Catalog;
import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.token.Token;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/auth/tokens}: log in, validate, revoke. */
public final class TokenRoutes {
  private static final String TOKENS = "/v3/auth/tokens";
  private static final String SUBJECT = "X-Subject-Token";

  private static final PolicyRule VALIDATE =
      Rules.systemReaderOr("validate_token", "rule:service_role or rule:token_subject");
  private static final PolicyRule CHECK = Rules.systemReaderOr("check_token", "rule:token_subject");
  private static final PolicyRule REVOKE = Rules.adminOr("revoke_token", "rule:token_subject");

  private final AccessControl control;
  private final TokenIssuer issuer;
  private final Catalog catalog;
  private final Duration expiredWindow;

  /**
   * @param expiredWindow how long after its expiry a token is still shown to who asks for that
   */
  public TokenRoutes(
      AccessControl control, TokenIssuer issuer, Catalog catalog, Duration expiredWindow) {
    this.control = control;
    this.issuer = issuer;
    this.catalog = catalog;
    this.expiredWindow = expiredWindow;
  }

  public List<Route> routes() {
    return List.of(
        Route.post(TOKENS, PolicyRule.PUBLIC, this::issue),
        Route.get(TOKENS, VALIDATE, this::validate).enforcedByHandler(),
        Route.head(TOKENS, CHECK, this::validate).enforcedByHandler(),
        Route.delete(TOKENS, REVOKE, this::revoke).enforcedByHandler());
  }

  private ApiResponse issue(ApiRequest request) {
    Issued issued = issuer.issue(AuthRequest.parse(request.body()));
    ObjectNode view = view(request, issued.token(), issued.access());
    return ApiResponse.json(201, view)
        .header(SUBJECT, issued.text())
        .header("Vary", "X-Auth-Token");
  }

  private ObjectNode view(ApiRequest request, Token token, Access access) {
    boolean wanted = request.query("nocatalog").isEmpty();
    Caller caller = access.caller();
    Optional<ArrayNode> entries =
        wanted && !(caller.scope() instanceof Scope.Unscoped)
            ? Optional.of(catalog.render(caller.userId(), caller.projectId()))
            : Optional.empty();
    return TokenView.of(token, access, entries);
  }

  private ApiResponse validate(ApiRequest request) {
    boolean allowExpired =
        request
            .query("allow_expired")
            .filter(text -> !text.isEmpty())
            .map(Filters::isTrue)
            .orElse(false);
    Accepted subject = subject(request, allowExpired ? expiredWindow : Duration.ZERO);
    return ApiResponse.ok(view(request, subject.token(), subject.access()))
        .header(SUBJECT, request.header(SUBJECT).orElse(""))
        .header("Vary", "X-Auth-Token");
  }

  private ApiResponse revoke(ApiRequest request) {
    Token token = subject(request, Duration.ZERO).token();
    control
        .changes()
        .by(request.context())
        .revoke(token.auditId(), token.expiresAt().plus(expiredWindow));
    return ApiResponse.empty(204).header("Vary", "X-Auth-Token");
  }

  /** The token that the request is about, after the policy check. */
  private Accepted subject(ApiRequest request, Duration grace) {
    Optional<Accepted> subject =
        request.header(SUBJECT).flatMap(text -> control.validate(text, grace));
    if (subject.isEmpty()) {
      // As in the reference: a bad token is no secret, whoever asks.
      throw ApiException.notFound(
          request.header(SUBJECT).isEmpty()
              ? "No token in the request"
              : "Failed to validate token");
    }
    request.enforce(Rules.target("target.token.user_id", subject.get().access().caller().userId()));
    return subject.get();
  }
}
