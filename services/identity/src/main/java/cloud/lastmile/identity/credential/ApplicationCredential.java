package cloud.lastmile.identity.credential;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;

/**
 * A program's right to act for a user in a project, without its secret.
 *
 * @param unrestricted whether it may make and remove credentials and trusts itself
 * @param roles as shown: a JSON array of roles
 * @param accessRules as shown; empty if every request is allowed
 */
public record ApplicationCredential(
    String id,
    String userId,
    String projectId,
    String name,
    @Nullable String description,
    boolean unrestricted,
    Optional<Instant> expiresAt,
    ArrayNode roles,
    ArrayNode accessRules) {

  /** A rule of a new credential: an existing one by id, or a new one. */
  record WantedRule(Optional<String> id, String service, String method, String path) {}

  /**
   * What is asked for.
   *
   * @param roleIds all of them, implied ones included
   */
  record Wanted(
      String id,
      String userId,
      String projectId,
      String name,
      @Nullable String description,
      String secretHash,
      boolean unrestricted,
      Optional<Instant> expiresAt,
      List<String> roleIds,
      List<WantedRule> rules) {
    @Override
    public String toString() {
      return "Wanted[" + id + "]";
    }
  }
}
