package cloud.lastmile.identity.user;

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

/** The SQL of groups and who is in them. */
public final class GroupStore {
  private static final String SELECT =
      "g.id, g.domain_id, g.name, g.description, g.extra::text AS extra";

  private static final ListQuery<Group> LIST =
      ListQuery.of("identity.user_group g", SELECT, (row, _) -> map(row))
          .column(text("id", "g.id"))
          .column(text("name", "g.name"))
          .column(text("domain_id", "g.domain_id"));

  private GroupStore() {}

  static ListPage<Group> list(Handle handle, Map<String, List<String>> query, Condition within) {
    return LIST.asked(query, Filters.dialect()).within(within).run(handle);
  }

  static ListPage<Group> listOfUser(Handle handle, Map<String, List<String>> query, String userId) {
    return list(
        handle,
        query,
        Condition.of(
            "g.id IN (SELECT m.group_id FROM identity.membership m WHERE m.user_id = {})", userId));
  }

  /** For {@link UserStore#list}: the users in a group. */
  static Condition members(String groupId) {
    return Condition.of(
        "u.id IN (SELECT m.user_id FROM identity.membership m WHERE m.group_id = {})", groupId);
  }

  public static Optional<Group> find(Handle handle, String id) {
    return handle
        .createQuery("SELECT " + SELECT + " FROM identity.user_group g WHERE g.id = :id")
        .bind("id", id)
        .map((row, _) -> map(row))
        .findOne();
  }

  static Optional<Group> lock(Handle handle, String id) {
    return handle
        .createQuery("SELECT " + SELECT + " FROM identity.user_group g WHERE g.id = :id FOR UPDATE")
        .bind("id", id)
        .map((row, _) -> map(row))
        .findOne();
  }

  static void insert(Handle handle, Group group) {
    bind(
            handle.createUpdate(
                """
                INSERT INTO identity.user_group (id, domain_id, name, description, extra)
                VALUES (:id, :domain, :name, :description, :extra::jsonb)
                """),
            group)
        .bind("domain", group.domainId())
        .execute();
  }

  static void update(Handle handle, Group group) {
    bind(
            handle.createUpdate(
                """
                UPDATE identity.user_group SET name = :name, description = :description,
                  extra = :extra::jsonb WHERE id = :id
                """),
            group)
        .execute();
  }

  private static <S extends SqlStatement<S>> S bind(S statement, Group group) {
    return statement
        .bind("id", group.id())
        .bind("name", group.name())
        .bind("description", group.description())
        .bind("extra", group.extra().toString());
  }

  static boolean delete(Handle handle, String id) {
    return handle
            .createUpdate("DELETE FROM identity.user_group WHERE id = :id")
            .bind("id", id)
            .execute()
        == 1;
  }

  static void addMember(Handle handle, String groupId, String userId) {
    handle
        .createUpdate(
            """
            INSERT INTO identity.membership (user_id, group_id) VALUES (:user, :group)
            ON CONFLICT DO NOTHING
            """)
        .bind("user", userId)
        .bind("group", groupId)
        .execute();
  }

  static boolean removeMember(Handle handle, String groupId, String userId) {
    return handle
            .createUpdate(
                "DELETE FROM identity.membership WHERE user_id = :user AND group_id = :group")
            .bind("user", userId)
            .bind("group", groupId)
            .execute()
        == 1;
  }

  static boolean isMember(Handle handle, String groupId, String userId) {
    return handle
        .createQuery(
            """
            SELECT EXISTS (SELECT 1 FROM identity.membership
              WHERE user_id = :user AND group_id = :group)
            """)
        .bind("user", userId)
        .bind("group", groupId)
        .mapTo(Boolean.class)
        .one();
  }

  private static Group map(ResultSet row) throws SQLException {
    return new Group(
        row.getString("id"),
        row.getString("domain_id"),
        row.getString("name"),
        row.getString("description"),
        Attributes.stored(row.getString("extra")));
  }
}
