package cloud.lastmile.identity.trust;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.identity.role.Role;
import cloud.lastmile.identity.role.RoleStore;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** The SQL of trusts. */
public final class TrustStore {
  private static final String SELECT =
      """
      t.id, t.trustor_id, t.trustee_id, t.project_id, t.impersonation, t.expires_at,
      t.remaining_uses, t.redelegated_trust_id, t.redelegation_count, t.extra::text AS extra,
      ARRAY(SELECT r.role_id FROM identity.trust_role r WHERE r.trust_id = t.id
        ORDER BY r.role_id) AS roles
      """;

  private static final ListQuery<Trust> LIST =
      ListQuery.of("identity.trust t", SELECT, (row, _) -> map(row))
          .column(text("id", "t.id"))
          .column(text("trustor_user_id", "t.trustor_id"))
          .column(text("trustee_user_id", "t.trustee_id"));

  private TrustStore() {}

  static ListQuery.Asked<Trust> asked(Map<String, List<String>> query) {
    return LIST.asked(query, Filters.dialect());
  }

  public static Optional<Trust> find(Handle handle, String id) {
    return LIST.find(handle, id);
  }

  /** The trust, the one it was made from, and so on to the first; locked against removal. */
  static List<Trust> chain(Handle handle, String id) {
    return handle
        .createQuery(
            """
            WITH RECURSIVE chain (id, parent_id, depth) AS (
              SELECT id, redelegated_trust_id, 0 FROM identity.trust WHERE id = :id
              UNION ALL
              SELECT t.id, t.redelegated_trust_id, c.depth + 1
              FROM chain c JOIN identity.trust t ON t.id = c.parent_id)
            SELECT %s FROM chain c JOIN identity.trust t ON t.id = c.id
            ORDER BY c.depth FOR SHARE OF t
            """
                .formatted(SELECT))
        .bind("id", id)
        .map((row, _) -> map(row))
        .list();
  }

  static void insert(Handle handle, Trust trust) {
    handle
        .createUpdate(
            """
            INSERT INTO identity.trust (id, trustor_id, trustee_id, project_id, impersonation,
              expires_at, remaining_uses, redelegated_trust_id, redelegation_count, extra)
            VALUES (:id, :trustor, :trustee, :project, :impersonation, :expires, :uses,
              :parent, :count, :extra::jsonb)
            """)
        .bind("id", trust.id())
        .bind("trustor", trust.trustorId())
        .bind("trustee", trust.trusteeId())
        .bind("project", trust.projectId().orElse(null))
        .bind("impersonation", trust.impersonation())
        .bind("expires", trust.expiresAt().map(Utc::of).orElse(null))
        .bind("uses", trust.remainingUses().orElse(null))
        .bind("parent", trust.redelegatedTrustId().orElse(null))
        .bind("count", trust.redelegationCount())
        .bind("extra", trust.extra().toString())
        .execute();
    handle
        .createUpdate(
            """
            INSERT INTO identity.trust_role (trust_id, role_id)
            SELECT :id, role FROM unnest(:roles) AS role
            """)
        .bind("id", trust.id())
        .bind("roles", trust.roleIds().toArray(new String[0]))
        .execute();
  }

  /** With all that were made from it. The ids of those removed, none if there was no such trust. */
  static List<String> delete(Handle handle, String id) {
    return handle
        .createQuery(
            """
            WITH RECURSIVE below (id) AS (
              SELECT id FROM identity.trust WHERE id = :id
              UNION SELECT t.id FROM below b
              JOIN identity.trust t ON t.redelegated_trust_id = b.id)
            DELETE FROM identity.trust WHERE id IN (SELECT id FROM below) RETURNING id
            """)
        .bind("id", id)
        .mapTo(String.class)
        .list();
  }

  /** Takes one use; false if none is left or the trust is gone. */
  public static boolean use(Handle handle, String id) {
    return handle
            .createUpdate(
                """
                UPDATE identity.trust SET remaining_uses = remaining_uses - 1
                WHERE id = :id AND coalesce(remaining_uses > 0, true)
                """)
            .bind("id", id)
            .execute()
        == 1;
  }

  static List<Role> roles(Handle handle, String trustId) {
    return RoleStore.listOfIds(
        handle, "SELECT role_id FROM identity.trust_role WHERE trust_id = :id", trustId);
  }

  /** The ids of roles by name, of the whole cloud. */
  public static Map<String, String> roleIds(Handle handle, List<String> names) {
    return handle
        .createQuery(
            """
            SELECT name, id FROM identity.role WHERE domain_id IS NULL AND name = ANY (:names)
            """)
        .bind("names", names.toArray(new String[0]))
        .setMapKeyColumn("name")
        .setMapValueColumn("id")
        .collectInto(new org.jdbi.v3.core.generic.GenericType<Map<String, String>>() {});
  }

  /**
   * All that a user holds in a project: through groups, from above, implied, domains' roles too.
   */
  public static Set<String> heldRoles(Handle handle, String userId, String projectId) {
    return handle
        .createQuery(
            """
            WITH RECURSIVE ancestor (id, parent_id) AS (
              SELECT p.id, p.parent_id FROM identity.project c
              JOIN identity.project p ON p.id = c.parent_id WHERE c.id = :project
              UNION ALL
              SELECT p.id, p.parent_id FROM ancestor a
              JOIN identity.project p ON p.id = a.parent_id
            ), effective (role_id) AS (
              SELECT a.role_id FROM (
                SELECT * FROM identity.assignment WHERE user_id = :user
                UNION ALL
                SELECT * FROM identity.assignment WHERE group_id IN (
                  SELECT m.group_id FROM identity.membership m WHERE m.user_id = :user
                  UNION ALL SELECT f.group_id FROM identity.federated_membership f
                  WHERE f.user_id = :user AND f.expires_at > now())) a
              WHERE (a.kind = 'project' AND NOT a.inherited AND a.target_id = :project)
                OR (a.inherited AND a.target_id IN (SELECT id FROM ancestor))
              UNION
              SELECT i.implied_id FROM effective e
              JOIN identity.implied_role i ON i.prior_id = e.role_id)
            SELECT role_id FROM effective
            """)
        .bind("user", userId)
        .bind("project", projectId)
        .mapTo(String.class)
        .set();
  }

  private static Trust map(ResultSet row) throws SQLException {
    return new Trust(
        row.getString("id"),
        row.getString("trustor_id"),
        row.getString("trustee_id"),
        Optional.ofNullable(row.getString("project_id")),
        row.getBoolean("impersonation"),
        Utc.find(row, "expires_at"),
        Optional.ofNullable(row.getObject("remaining_uses", Integer.class)),
        Optional.ofNullable(row.getString("redelegated_trust_id")),
        row.getInt("redelegation_count"),
        Attributes.stored(row.getString("extra")),
        List.of((String[]) row.getArray("roles").getArray()));
  }
}
