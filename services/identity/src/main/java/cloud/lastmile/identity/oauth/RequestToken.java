package cloud.lastmile.identity.oauth;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a consumer asks a user to agree to.
 *
 * @param secret in the clear
 * @param verifier by which the consumer shows that the user agreed; empty until then, as is the
 *     user
 * @param roleIds what the user lends
 */
record RequestToken(
    String id,
    String consumerId,
    String projectId,
    String secret,
    Instant expiresAt,
    Optional<String> verifier,
    Optional<String> userId,
    List<String> roleIds) {

  RequestToken {
    roleIds = List.copyOf(roleIds);
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return "RequestToken[" + id + "]";
  }
}
