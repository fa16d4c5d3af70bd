package cloud.lastmile.identity.role;

import cloud.lastmile.identity.role.Assignment.Named;
import cloud.lastmile.identity.role.Assignment.Origin;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** The SQL of lists of assignments, each one statement however long. */
public final class AssignmentStore {

  /** What a list is narrowed to; each part matters only if present. */
  record Filter(
      Optional<String> userId,
      Optional<String> groupId,
      Optional<String> roleId,
      Optional<String> projectId,
      Optional<String> domainId,
      boolean system,
      Optional<Boolean> inherited,
      boolean subtree,
      Optional<String> visibleDomainId) {}

  private static final String ALL = "SELECT * FROM identity.assignment";

  /** Those that concern a user: few of many, so they are found first. */
  private static final String OF_USER =
      """
      SELECT * FROM identity.assignment WHERE user_id = :user
      UNION ALL
      SELECT * FROM identity.assignment WHERE group_id IN (
        SELECT group_id FROM identity.membership WHERE user_id = :user
        UNION SELECT group_id FROM identity.federated_membership WHERE user_id = :user)
      """;

  /** Those that can concern a project: on it or on what is above it. */
  private static final String OF_PROJECT =
      """
      SELECT * FROM identity.assignment WHERE target_id IN (
        WITH RECURSIVE above (id, parent_id) AS (
          SELECT id, parent_id FROM identity.project WHERE id = :project
          UNION SELECT p.id, p.parent_id FROM above a JOIN identity.project p ON p.id = a.parent_id
        ) SELECT id FROM above)
      """;

  private static final String AS_ASSIGNED =
      """
      WITH listed AS (
        SELECT a.user_id, a.group_id, a.kind, a.target_id, a.role_id, a.inherited,
          NULL::text AS origin_role, NULL::text AS origin_group, NULL::text AS origin_kind,
          NULL::text AS origin_target, NULL::boolean AS origin_inherited
        FROM (%s) a
      )
      """;

  /**
   * Groups become their members, also those for whom an identity provider still vouches; inherited
   * assignments the projects below, roles what they imply.
   */
  private static final String EFFECTIVE =
      """
      WITH RECURSIVE below (root_id, id) AS (
        SELECT DISTINCT a.target_id, p.id FROM identity.assignment a
        JOIN identity.project p ON p.parent_id = a.target_id WHERE a.inherited
        UNION SELECT b.root_id, p.id FROM below b JOIN identity.project p ON p.parent_id = b.id
      ), implied (prior_id, id) AS (
        SELECT r.id, r.id FROM identity.role r
        UNION SELECT i.prior_id, r.implied_id FROM implied i
        JOIN identity.implied_role r ON r.prior_id = i.id
      ), member (user_id, group_id) AS (
        SELECT user_id, group_id FROM identity.membership
        UNION ALL
        SELECT user_id, group_id FROM identity.federated_membership WHERE expires_at > :now
      ), listed AS (
        SELECT DISTINCT coalesce(a.user_id, m.user_id) AS user_id, NULL::text AS group_id,
          CASE WHEN a.inherited THEN 'project' ELSE a.kind END AS kind,
          CASE WHEN a.inherited THEN b.id ELSE a.target_id END AS target_id,
          i.id AS role_id, false AS inherited, a.role_id AS origin_role,
          a.group_id AS origin_group, a.kind AS origin_kind, a.target_id AS origin_target,
          a.inherited AS origin_inherited
        FROM (%s) a
        LEFT JOIN member m ON m.group_id = a.group_id
        LEFT JOIN below b ON a.inherited AND b.root_id = a.target_id
        JOIN implied i ON i.prior_id = a.role_id
        JOIN identity.role er ON er.id = i.id AND er.domain_id IS NULL
        WHERE (a.user_id IS NOT NULL OR m.user_id IS NOT NULL)
          AND (:user::text IS NULL OR a.user_id = :user OR m.user_id = :user)
          AND (NOT a.inherited OR b.id IS NOT NULL)
      )
      """;

  private static final String LIST =
      """
      SELECT listed.*, r.name AS role_name, r.domain_id AS role_domain_id,
        rd.name AS role_domain_name, u.name AS user_name, u.domain_id AS user_domain_id,
        ud.name AS user_domain_name, g.name AS group_name, g.domain_id AS group_domain_id,
        gd.name AS group_domain_name, t.name AS target_name, t.domain_id AS target_domain_id,
        td.name AS target_domain_name
      FROM listed
      JOIN identity.role r ON r.id = listed.role_id
      LEFT JOIN identity.project rd ON rd.id = r.domain_id
      LEFT JOIN identity.account u ON u.id = listed.user_id
      LEFT JOIN identity.project ud ON ud.id = u.domain_id
      LEFT JOIN identity.user_group g ON g.id = listed.group_id
      LEFT JOIN identity.project gd ON gd.id = g.domain_id
      LEFT JOIN identity.project t ON t.id = listed.target_id
      LEFT JOIN identity.project td ON td.id = t.domain_id
      WHERE (:user::text IS NULL OR listed.user_id = :user)
        AND (:group::text IS NULL OR listed.group_id = :group)
        AND (:role::text IS NULL OR listed.role_id = :role)
        AND (:domain::text IS NULL OR (listed.kind = 'domain' AND listed.target_id = :domain))
        AND (:project::text IS NULL OR (listed.kind = 'project' AND (listed.target_id = :project
          OR (:subtree AND listed.target_id IN (
            WITH RECURSIVE sub (id) AS (
              SELECT id FROM identity.project WHERE parent_id = :project
              UNION SELECT p.id FROM sub s JOIN identity.project p ON p.parent_id = s.id
            ) SELECT id FROM sub)))))
        AND (NOT :system OR listed.kind = 'system')
        AND (:inherited::boolean IS NULL
          OR coalesce(listed.origin_inherited, listed.inherited) = :inherited)
        AND (:visible::text IS NULL OR (listed.kind = 'domain' AND listed.target_id = :visible)
          OR (listed.kind = 'project' AND t.domain_id = :visible))
      ORDER BY listed.kind, listed.target_id, listed.user_id, listed.group_id, r.name, listed.origin_role
      """;

  private AssignmentStore() {}

  /** All that follows from what is assigned to a user or its groups. */
  public static List<Assignment> effective(Handle handle, String userId, Instant now) {
    Optional<String> any = Optional.empty();
    return list(
        handle,
        new Filter(Optional.of(userId), any, any, any, any, false, Optional.empty(), false, any),
        true,
        now);
  }

  static List<Assignment> list(Handle handle, Filter filter, boolean effective, Instant now) {
    String listed = (effective ? EFFECTIVE : AS_ASSIGNED).formatted(candidates(filter));
    Query query = handle.createQuery(listed + LIST);
    if (effective) {
      query.bind("now", Utc.of(now));
    }
    return query
        .bind("user", filter.userId().orElse(null))
        .bind("group", filter.groupId().orElse(null))
        .bind("role", filter.roleId().orElse(null))
        .bind("domain", filter.domainId().orElse(null))
        .bind("project", filter.projectId().orElse(null))
        .bind("subtree", filter.subtree())
        .bind("system", filter.system())
        .bind("inherited", filter.inherited().orElse(null))
        .bind("visible", filter.visibleDomainId().orElse(null))
        .map((row, _) -> map(row))
        .list();
  }

  private static String candidates(Filter filter) {
    if (filter.userId().isPresent()) {
      return OF_USER;
    }
    return filter.projectId().isPresent() && !filter.subtree() ? OF_PROJECT : ALL;
  }

  private static Assignment map(ResultSet row) throws SQLException {
    Named role = named(row, "role");
    if (role == null) {
      throw new IllegalStateException("an assignment without a role");
    }
    String originRole = row.getString("origin_role");
    Origin origin =
        originRole == null
            ? null
            : new Origin(
                originRole,
                row.getString("origin_group"),
                row.getString("origin_kind"),
                row.getString("origin_target"),
                row.getBoolean("origin_inherited"));
    return new Assignment(
        role,
        named(row, "user"),
        named(row, "group"),
        row.getString("kind"),
        named(row, "target"),
        row.getBoolean("inherited"),
        origin);
  }

  private static @Nullable Named named(ResultSet row, String prefix) throws SQLException {
    String id = row.getString(prefix + "_id");
    return id == null
        ? null
        : new Named(
            id,
            row.getString(prefix + "_name"),
            row.getString(prefix + "_domain_id"),
            row.getString(prefix + "_domain_name"));
  }
}
