package cloud.lastmile.identity.user;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A user, without its password.
 *
 * @param defaultProjectId what an unscoped login is scoped to, if the user has a role there
 * @param passwordExpiresAt null if it never does
 * @param extra attributes that the reference keeps for clients, such as email and description
 */
public record User(
    String id,
    String domainId,
    String name,
    boolean enabled,
    @Nullable String defaultProjectId,
    @Nullable Instant passwordExpiresAt,
    ObjectNode options,
    ObjectNode extra) {

  User expiring(@Nullable Instant passwordEnd) {
    return new User(id, domainId, name, enabled, defaultProjectId, passwordEnd, options, extra);
  }
}
