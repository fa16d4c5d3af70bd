package cloud.lastmile.identity.role;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/** The SQL of roles and of what they imply. */
public final class RoleStore {
  private static final String SELECT =
      """
      r.id, r.domain_id, r.name, r.description, r.options::text AS options,
      r.extra::text AS extra
      """;

  private static final ListQuery<Role> LIST =
      ListQuery.of("identity.role r", SELECT, (row, _) -> map(row))
          .column(text("id", "r.id"))
          .column(text("name", "r.name"))
          .column(text("domain_id", "r.domain_id").orNull());

  private RoleStore() {}

  static ListPage<Role> list(Handle handle, Map<String, List<String>> query, Condition within) {
    return LIST.asked(query, Filters.dialect()).within(within).run(handle);
  }

  public static Optional<Role> find(Handle handle, String id) {
    return LIST.find(handle, id);
  }

  /**
   * Roles by name.
   *
   * @param ids a statement that selects their ids, with {@code :id} as its parameter
   */
  public static List<Role> listOfIds(Handle handle, String ids, String id) {
    return handle
        .createQuery(
            "SELECT "
                + SELECT
                + " FROM identity.role r WHERE r.id IN ("
                + ids
                + ") ORDER BY r.name, r.id")
        .bind("id", id)
        .map((row, _) -> map(row))
        .list();
  }

  static Optional<Role> lock(Handle handle, String id) {
    return LIST.lock(handle, id);
  }

  /** A role of the whole cloud. */
  public static Optional<Role> findByName(Handle handle, String name) {
    return handle
        .createQuery(
            "SELECT "
                + SELECT
                + " FROM identity.role r WHERE r.name = :name AND r.domain_id IS NULL")
        .bind("name", name)
        .map((row, _) -> map(row))
        .findOne();
  }

  public static void insert(Handle handle, Role role) {
    bind(
            handle.createUpdate(
                """
                INSERT INTO identity.role (id, domain_id, name, description, options, extra)
                VALUES (:id, :domain, :name, :description, :options::jsonb, :extra::jsonb)
                """),
            role)
        .bind("domain", role.domainId())
        .execute();
  }

  static void update(Handle handle, Role role) {
    bind(
            handle.createUpdate(
                """
                UPDATE identity.role SET name = :name, description = :description,
                  options = :options::jsonb, extra = :extra::jsonb WHERE id = :id
                """),
            role)
        .execute();
  }

  private static <S extends SqlStatement<S>> S bind(S statement, Role role) {
    return statement
        .bind("id", role.id())
        .bind("name", role.name())
        .bind("description", role.description())
        .bind("options", role.options().toString())
        .bind("extra", role.extra().toString());
  }

  static void delete(Handle handle, String id) {
    handle.execute("DELETE FROM identity.role WHERE id = ?", id);
  }

  /** Pairs of prior and implied role, all or those of one prior role; sorted by name. */
  static List<Implication> implications(Handle handle, Optional<String> priorId) {
    return handle
        .createQuery(
            """
            SELECT i.prior_id, p.name AS prior_name, i.implied_id, r.name AS implied_name
            FROM identity.implied_role i
            JOIN identity.role p ON p.id = i.prior_id
            JOIN identity.role r ON r.id = i.implied_id
            WHERE :prior::text IS NULL OR i.prior_id = :prior
            ORDER BY p.name, p.id, r.name
            """)
        .bind("prior", priorId.orElse(null))
        .map((row, _) ->
            new Implication(
                row.getString("prior_id"),
                row.getString("prior_name"),
                row.getString("implied_id"),
                row.getString("implied_name")))
        .list();
  }

  public static void imply(Handle handle, String priorId, String impliedId) {
    handle
        .createUpdate(
            """
            INSERT INTO identity.implied_role (prior_id, implied_id) VALUES (:prior, :implied)
            ON CONFLICT DO NOTHING
            """)
        .bind("prior", priorId)
        .bind("implied", impliedId)
        .execute();
  }

  static boolean unimply(Handle handle, String priorId, String impliedId) {
    return handle
            .createUpdate(
                """
                DELETE FROM identity.implied_role
                WHERE prior_id = :prior AND implied_id = :implied
                """)
            .bind("prior", priorId)
            .bind("implied", impliedId)
            .execute()
        == 1;
  }

  static Role map(ResultSet row) throws SQLException {
    return new Role(
        row.getString("id"),
        row.getString("domain_id"),
        row.getString("name"),
        row.getString("description"),
        Attributes.stored(row.getString("options")),
        Attributes.stored(row.getString("extra")));
  }
}
