package cloud.lastmile.identity.access;

import cloud.lastmile.platform.core.Caller;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a user may do in one scope now: the user, the scope with its names, and the effective roles.
 * It exists only while user, scope and their domains are enabled, in a scope a role is held, and
 * what was delegated is still there.
 *
 * @param caller the user in this scope as every service sees it
 * @param userDomainName the user's domain
 * @param passwordExpiresAt empty if never
 * @param projectIsDomain whether the scope is a project that acts as a domain
 * @param roles sorted by name; without domain-specific ones, which only imply others
 * @param tokensValidAfter tokens issued before are refused
 * @param rules of the user's logins
 * @param groups for which an identity provider vouched; they count until {@code validUntil}
 * @param validUntil when this has to be looked up again even if nothing changes
 */
public record Access(
    Caller caller,
    String userDomainName,
    Optional<Instant> passwordExpiresAt,
    boolean projectIsDomain,
    List<RoleName> roles,
    Instant tokensValidAfter,
    AuthRules rules,
    List<String> groups,
    Instant validUntil) {

  /** A role as tokens show it. */
  public record RoleName(String id, String name) {}

  public Access {
    roles = List.copyOf(roles);
    groups = List.copyOf(groups);
  }
}
