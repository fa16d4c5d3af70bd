package cloud.lastmile.identity.role;

import cloud.lastmile.identity.role.Assignment.Named;
import cloud.lastmile.identity.role.Assignment.Origin;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
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

  /** Rows that the driver holds at a time. */
  private static final int FETCHED = 1_000;

  /**
   * A list.
   *
   * @param effective whether what follows from assignments is asked for, and not they
   * @param most rows to be read
   */
  record Asked(Filter filter, boolean effective, Instant now, int most) {}

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
        FROM ({candidates}) a
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
        FROM ({candidates}) a
        LEFT JOIN member m ON m.group_id = a.group_id
        LEFT JOIN below b ON a.inherited AND b.root_id = a.target_id
        JOIN implied i ON i.prior_id = a.role_id
        JOIN identity.role er ON er.id = i.id AND er.domain_id IS NULL
        WHERE (a.user_id IS NOT NULL OR m.user_id IS NOT NULL)
          {user}
          AND (NOT a.inherited OR b.id IS NOT NULL)
      )
      """;

  private static final String BELOW_PROJECT =
      """
      listed.kind = 'project' AND (listed.target_id = :project OR listed.target_id IN (
        WITH RECURSIVE sub (id) AS (
          SELECT id FROM identity.project WHERE parent_id = :project
          UNION SELECT p.id FROM sub s JOIN identity.project p ON p.parent_id = s.id
        ) SELECT id FROM sub))\
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
      {where}
      ORDER BY listed.kind, listed.target_id, listed.user_id, listed.group_id, r.name, listed.origin_role
      LIMIT :most
      """;

  private AssignmentStore() {}

  /** All that follows from what is assigned to a user or its groups. */
  public static List<Assignment> effective(Handle handle, String userId, Instant now) {
    Optional<String> any = Optional.empty();
    Filter filter =
        new Filter(Optional.of(userId), any, any, any, any, false, Optional.empty(), false, any);
    List<Assignment> found = new ArrayList<>();
    each(handle, new Asked(filter, true, now, Integer.MAX_VALUE), found::add);
    return found;
  }

  /** Gives each row to the consumer; inside a transaction, few of them are held at a time. */
  static void each(Handle handle, Asked asked, Consumer<Assignment> consumer) {
    Filter filter = asked.filter();
    Map<String, Object> values = new HashMap<>();
    String where = where(filter, values);
    values.put("most", asked.most());
    if (asked.effective()) {
      values.put("now", Utc.of(asked.now()));
    }
    String user = values.containsKey("user") ? "AND :user IN (a.user_id, m.user_id)" : "";
    String sql =
        ((asked.effective() ? EFFECTIVE : AS_ASSIGNED) + LIST)
            .replace("{candidates}", candidates(filter, values))
            .replace("{user}", user)
            .replace("{where}", where);
    handle
        .createQuery(sql)
        .setFetchSize(FETCHED)
        .bindMap(values)
        .map((row, _) -> map(row))
        .forEach(consumer);
  }

  /**
   * Only what is asked for: of a condition that may not matter, the planner of a statement that is
   * prepared for all values believes that it leaves next to nothing.
   */
  private static String where(Filter filter, Map<String, Object> values) {
    List<String> conditions = new ArrayList<>();
    add("user", filter.userId(), "listed.user_id = :user", conditions, values);
    add("group", filter.groupId(), "listed.group_id = :group", conditions, values);
    add("role", filter.roleId(), "listed.role_id = :role", conditions, values);
    add(
        "domain",
        filter.domainId(),
        "listed.kind = 'domain' AND listed.target_id = :domain",
        conditions,
        values);
    add(
        "project",
        filter.projectId(),
        filter.subtree()
            ? BELOW_PROJECT
            : "listed.kind = 'project' AND listed.target_id = :project",
        conditions,
        values);
    add(
        "inherited",
        filter.inherited(),
        "coalesce(listed.origin_inherited, listed.inherited) = :inherited",
        conditions,
        values);
    add(
        "visible",
        filter.visibleDomainId(),
        "(listed.kind = 'domain' AND listed.target_id = :visible)"
            + " OR (listed.kind = 'project' AND t.domain_id = :visible)",
        conditions,
        values);
    if (filter.system()) {
      conditions.add("(listed.kind = 'system')");
    }
    return conditions.isEmpty() ? "" : "WHERE " + String.join(" AND ", conditions);
  }

  private static void add(
      String name,
      Optional<?> value,
      String condition,
      List<String> conditions,
      Map<String, Object> values) {
    if (value.isPresent()) {
      values.put(name, value.get());
      conditions.add("(" + condition + ")");
    }
  }

  private static String candidates(Filter filter, Map<String, Object> values) {
    if (values.containsKey("user")) {
      return OF_USER;
    }
    return values.containsKey("project") && !filter.subtree() ? OF_PROJECT : ALL;
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
