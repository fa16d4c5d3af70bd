package cloud.lastmile.identity.resource;

import cloud.lastmile.platform.database.Condition;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The projects and domains in which a user has a role, directly, by group or by inheritance. */
public final class UserProjects {
  /** Two ways, for an OR of them would read the assignments of all. */
  private static final String HELD =
      """
      SELECT a.kind, a.target_id, a.inherited FROM identity.assignment a WHERE a.user_id = {}
      UNION ALL
      SELECT a.kind, a.target_id, a.inherited FROM identity.assignment a WHERE a.group_id IN (
        SELECT m.group_id FROM identity.membership m WHERE m.user_id = {}
        UNION SELECT f.group_id FROM identity.federated_membership f
        WHERE f.user_id = {} AND greatest(f.expires_at, f.login_until) > now())
      """;

  private UserProjects() {}

  /** Projects in which the user may get a token, for {@link ProjectStore#list}. */
  public static Condition projects(String userId) {
    return Condition.of(
        """
        NOT p.is_domain AND p.id IN (
          WITH RECURSIVE held AS (%s), reached (id) AS (
            SELECT target_id FROM held WHERE kind = 'project' AND NOT inherited
            UNION
            SELECT c.id FROM below c
          ), below (id) AS (
            SELECT c.id FROM identity.project c
            WHERE c.parent_id IN (SELECT target_id FROM held WHERE inherited)
            UNION
            SELECT c.id FROM below b JOIN identity.project c ON c.parent_id = b.id
          )
          SELECT id FROM reached)
        """
            .formatted(HELD),
        userId,
        userId,
        userId);
  }

  /** Domains in which the user may get a token, for {@link ProjectStore#list}. */
  public static Condition domains(String userId) {
    return Condition.of(
        """
        p.is_domain AND p.id IN (
          SELECT target_id FROM (%s) held WHERE kind = 'domain' AND NOT inherited)
        """
            .formatted(HELD),
        userId,
        userId,
        userId);
  }

  static List<String> ids(Handle handle, String userId) {
    return ProjectStore.list(handle, java.util.Map.of(), projects(userId)).rows().stream()
        .map(Project::id)
        .toList();
  }
}
