package cloud.lastmile.identity.role;

import java.util.Optional;

/**
 * That a user or a group has a role on something.
 *
 * @param actorId of the user or group
 * @param targetId of the project or domain; empty for the system
 * @param inherited whether it holds on the projects below the target, not on the target
 */
public record Grant(
    Actor actor, String actorId, Target target, String targetId, String roleId, boolean inherited) {

  /** Who has the role. */
  public enum Actor {
    USER,
    GROUP;

    String text() {
      return this == USER ? "user" : "group";
    }
  }

  /** What the role is held on. */
  public enum Target {
    PROJECT,
    DOMAIN,
    SYSTEM;

    String text() {
      return switch (this) {
        case PROJECT -> "project";
        case DOMAIN -> "domain";
        case SYSTEM -> "system";
      };
    }
  }

  public static Grant user(String userId, Target target, String targetId, String roleId) {
    return new Grant(Actor.USER, userId, target, targetId, roleId, false);
  }

  Optional<String> storedTarget() {
    return targetId.isEmpty() ? Optional.empty() : Optional.of(targetId);
  }
}
