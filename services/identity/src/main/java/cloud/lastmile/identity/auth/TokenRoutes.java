package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.access.AccessControl.Accepted;
import cloud.lastmile.identity.auth.TokenIssuer.Outcome;
import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.token.Token;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code /v3/auth/tokens}: log in, validate, revoke. */
public final class TokenRoutes {
  private static final String TOKENS = "/v3/auth/tokens";
  private static final String SUBJECT = TokenAnswer.SUBJECT;

  private static final String ACCESS_RULES = "OpenStack-Identity-Access-Rules";
  private static final double RULES_SINCE = 1.0;

  private static final PolicyRule VALIDATE =
      Rules.systemReaderOr("validate_token", "rule:service_role or rule:token_subject");
  private static final PolicyRule CHECK = Rules.systemReaderOr("check_token", "rule:token_subject");
  private static final PolicyRule REVOKE = Rules.adminOr("revoke_token", "rule:token_subject");

  private final AccessControl control;
  private final TokenIssuer issuer;
  private final Factors factors;
  private final TokenAnswer answer;
  private final Duration expiredWindow;

  /**
   * @param expiredWindow how long after its expiry a token is still shown to who asks for that
   */
  public TokenRoutes(
      AccessControl control,
      TokenIssuer issuer,
      Factors factors,
      TokenAnswer answer,
      Duration expiredWindow) {
    this.control = control;
    this.issuer = issuer;
    this.factors = factors;
    this.answer = answer;
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
    Outcome outcome =
        issuer.login(
            AuthRequest.parse(request),
            request.header(Factors.HEADER),
            request.context().remoteAddress());
    return switch (outcome) {
      case Outcome.Success success -> answer.of(201, request, success.issued());
      case Outcome.MoreNeeded more -> factors.receipt(more.user(), more.methods());
    };
  }

  private ApiResponse validate(ApiRequest request) {
    boolean allowExpired =
        request
            .query("allow_expired")
            .filter(text -> !text.isEmpty())
            .map(Filters::isTrue)
            .orElse(false);
    Accepted subject = subject(request, allowExpired ? expiredWindow : Duration.ZERO);
    return answer
        .of(request, subject.token(), subject.access())
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

  /**
   * Whether who asks says that it holds the token's bearer to its access rules, if there are any. A
   * service that does not know of them would let it do everything.
   */
  private static boolean understood(ApiRequest request, Accepted subject) {
    if (!subject.access().caller().delegation().hasAccessRules()) {
      return true;
    }
    try {
      return Double.parseDouble(request.header(ACCESS_RULES).orElse("0")) >= RULES_SINCE;
    } catch (NumberFormatException noVersion) {
      return false;
    }
  }

  /** The token that the request is about, after the policy check. */
  private Accepted subject(ApiRequest request, Duration grace) {
    Optional<Accepted> subject =
        request.header(SUBJECT).flatMap(text -> control.validate(text, grace));
    if (subject.filter(one -> understood(request, one)).isEmpty()) {
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
