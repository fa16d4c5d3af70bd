package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.auth.TokenIssuer.Outcome;
import cloud.lastmile.identity.token.AuthMethod;
import cloud.lastmile.identity.token.TokenVia;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import java.util.Optional;

/** Tokens for who proved at an identity provider who it is. */
public final class FederatedTokens {
  private final TokenIssuer issuer;
  private final Factors factors;
  private final TokenAnswer answer;

  public FederatedTokens(TokenIssuer issuer, Factors factors, TokenAnswer answer) {
    this.issuer = issuer;
    this.factors = factors;
    this.answer = answer;
  }

  /**
   * 201 with an unscoped token that is good while the provider is enabled.
   *
   * @param via empty for a local user, whose token is as by its own login and in its default scope
   */
  public ApiResponse issue(
      ApiRequest request, String userId, AuthMethod method, Optional<TokenVia.Federation> via) {
    Outcome outcome = issuer.issueFederated(userId, method, via, request.header(Factors.HEADER));
    return switch (outcome) {
      case Outcome.Success success -> answer.of(201, request, success.issued());
      case Outcome.MoreNeeded more -> factors.receipt(more.user(), more.methods());
    };
  }
}
