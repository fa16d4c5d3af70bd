package cloud.lastmile.identity.access;

import cloud.lastmile.identity.token.Token;
import cloud.lastmile.identity.token.TokenScope;
import cloud.lastmile.identity.token.TokenVia;

/** A user in a scope, by its own login or by what was delegated to it. */
public record AccessKey(String userId, TokenScope scope, TokenVia via) {

  /** By the user's own login. */
  public AccessKey(String userId, TokenScope scope) {
    this(userId, scope, new TokenVia.Own());
  }

  static AccessKey of(Token token) {
    return new AccessKey(token.userId(), token.scope(), token.via());
  }
}
