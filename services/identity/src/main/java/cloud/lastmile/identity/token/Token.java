package cloud.lastmile.identity.token;

import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a token says, all of it signed. Whether it is still good also depends on revocations and on
 * the state of the user and the scope: {@code AccessControl}.
 *
 * @param via by what it was made; decides with user and scope what its bearer may do
 * @param auditId names this token in logs and revocations; 22 characters of URL-safe base64
 * @param parentAuditId the first token of the chain that this one was made from
 */
public record Token(
    String userId,
    TokenScope scope,
    TokenVia via,
    Set<AuthMethod> methods,
    Instant issuedAt,
    Instant expiresAt,
    String auditId,
    Optional<String> parentAuditId) {

  public Token {
    methods = Set.copyOf(EnumSet.copyOf(methods));
  }

  /** As in answers: this token's audit id, then its chain's. */
  public List<String> auditIds() {
    return parentAuditId.map(parent -> List.of(auditId, parent)).orElse(List.of(auditId));
  }

  /** The audit id by which the whole chain of rescoped tokens is known. */
  public String chainId() {
    return parentAuditId.orElse(auditId);
  }
}
