package cloud.lastmile.identity.trust;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Roles in a project that the trustor lends to the trustee.
 *
 * @param remainingUses how many tokens it is still good for; empty for any number
 * @param redelegatedTrustId the trust that this one was made from
 * @param redelegationCount how deep the chain may still grow
 * @param roleIds what is lent
 */
public record Trust(
    String id,
    String trustorId,
    String trusteeId,
    Optional<String> projectId,
    boolean impersonation,
    Optional<Instant> expiresAt,
    Optional<Integer> remainingUses,
    Optional<String> redelegatedTrustId,
    int redelegationCount,
    ObjectNode extra,
    List<String> roleIds) {

  public Trust {
    roleIds = List.copyOf(roleIds);
  }

  /** Whether it can still be used to make tokens. */
  public boolean usable(Instant now) {
    return remainingUses.filter(uses -> uses <= 0).isEmpty()
        && expiresAt.filter(end -> !now.isBefore(end)).isEmpty();
  }
}
