package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.token.AuthMethod;
import cloud.lastmile.identity.token.TokenScope;
import cloud.lastmile.identity.token.TokenVia;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Who somebody proved to be.
 *
 * @param via by what; a new token keeps it
 * @param onlyScope the one scope that the proof is good for, if it is not good for any
 * @param expiresAt when a token made from it ends at the latest
 * @param chainId of the token shown, if one was
 */
public record Proven(
    String userId,
    Set<AuthMethod> methods,
    TokenVia via,
    Optional<TokenScope> onlyScope,
    Instant expiresAt,
    Optional<String> chainId) {

  /** Whether it is a proof of this user's that is good for this scope only. */
  boolean isOf(String ownerId, TokenScope scope) {
    return userId.equals(ownerId) && onlyScope.equals(Optional.of(scope));
  }

  Proven with(Set<AuthMethod> allMethods) {
    return new Proven(userId, allMethods, via, onlyScope, expiresAt, chainId);
  }
}
