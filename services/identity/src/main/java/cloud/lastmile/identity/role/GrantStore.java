package cloud.lastmile.identity.role;

import cloud.lastmile.identity.role.Grant.Actor;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/** The SQL of single grants. */
public final class GrantStore {
  private static final String MATCH =
      """
      a.user_id IS NOT DISTINCT FROM :user::text AND a.group_id IS NOT DISTINCT FROM :group::text
      AND a.kind = :kind AND a.target_id IS NOT DISTINCT FROM :target::text
      AND a.inherited = :inherited
      """;

  private GrantStore() {}

  /** Does nothing if it is there already. */
  public static void insert(Handle handle, Grant grant) {
    bind(
            handle.createUpdate(
                """
                INSERT INTO identity.assignment
                  (user_id, group_id, kind, target_id, role_id, inherited)
                VALUES (:user, :group, :kind, :target, :role, :inherited)
                ON CONFLICT DO NOTHING
                """),
            grant)
        .bind("role", grant.roleId())
        .execute();
  }

  static boolean exists(Handle handle, Grant grant) {
    return bind(
            handle.createQuery(
                "SELECT EXISTS (SELECT 1 FROM identity.assignment a WHERE "
                    + MATCH
                    + " AND a.role_id = :role)"),
            grant)
        .bind("role", grant.roleId())
        .mapTo(Boolean.class)
        .one();
  }

  public static boolean delete(Handle handle, Grant grant) {
    return bind(
                handle.createUpdate(
                    "DELETE FROM identity.assignment a WHERE " + MATCH + " AND a.role_id = :role"),
                grant)
            .bind("role", grant.roleId())
            .execute()
        > 0;
  }

  /** The roles of one actor on one target, as assigned; the grant's role does not matter. */
  static List<Role> roles(Handle handle, Grant grant) {
    return bind(
            handle.createQuery(
                """
                SELECT r.id, r.domain_id, r.name, r.description, r.options::text AS options,
                  r.extra::text AS extra
                FROM identity.assignment a JOIN identity.role r ON r.id = a.role_id
                WHERE %s ORDER BY r.id
                """
                    .formatted(MATCH)),
            grant)
        .map((row, _) -> RoleStore.map(row))
        .list();
  }

  private static <S extends SqlStatement<S>> S bind(S statement, Grant grant) {
    return statement
        .bind("user", grant.actor() == Actor.USER ? grant.actorId() : null)
        .bind("group", grant.actor() == Actor.GROUP ? grant.actorId() : null)
        .bind("kind", grant.target().text())
        .bind("target", grant.storedTarget().orElse(null))
        .bind("inherited", grant.inherited());
  }
}
