package cloud.lastmile.identity.user;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/** The SQL of groups and who is in them. */
public final class GroupStore {
  private static final String SELECT =
      "g.id, g.domain_id, g.name, g.description, g.extra::text AS extra";

  private static final ListQuery<Group> LIST =
      ListQuery.of("identity.user_group g", SELECT, (row, _) -> map(row))
          .column(text("id", "g.id"))
          .column(text("name", "g.name"))
          .column(text("domain_id", "g.domain_id"));

  /** Who is in which group until when; the groups of no provider are for ever. */
  private static final ListQuery<Membership> OF_USER =
      ListQuery.of(
              """
              identity.user_group g JOIN (
                SELECT user_id, group_id, max(expires_at) AS expires_at FROM (
                  SELECT user_id, group_id, 'infinity'::timestamptz AS expires_at
                  FROM identity.membership
                  UNION ALL SELECT user_id, group_id, expires_at FROM identity.federated_membership
                ) each_membership GROUP BY user_id, group_id
              ) m ON m.group_id = g.id\
              """,
              SELECT + ", nullif(m.expires_at, 'infinity') AS expires_at",
              (row, _) -> membership(row))
          .column(text("id", "g.id"))
          .column(text("name", "g.name"))
          .column(text("domain_id", "g.domain_id"));

  private GroupStore() {}

  /**
   * A group of somebody.
   *
   * @param expiresAt null if no identity provider has to vouch for it
   */
  record Membership(Group group, @Nullable Instant expiresAt) {}

  static ListQuery.Asked<Group> asked(Map<String, List<String>> query, Condition within) {
    return LIST.asked(query, Filters.dialect()).within(within);
  }

  static ListQuery.Asked<Membership> askedOfUser(
      Map<String, List<String>> query, Condition within, String userId, Instant now) {
    return OF_USER
        .asked(query, Filters.dialect())
        .within(Condition.of("m.user_id = {} AND m.expires_at > {}", userId, Utc.of(now)))
        .within(within);
  }

  /** For {@link UserStore#asked}: the users in a group. */
  static Condition members(String groupId) {
    return Condition.of(
        "u.id IN (SELECT m.user_id FROM identity.membership m WHERE m.group_id = {})", groupId);
  }

  public static Optional<Group> find(Handle handle, String id) {
    return LIST.find(handle, id);
  }

  static Optional<Group> lock(Handle handle, String id) {
    return LIST.lock(handle, id);
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
    return handle.execute("DELETE FROM identity.user_group WHERE id = ?", id) == 1;
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

  /** Whether the user is in the group, be it only until its identity provider says otherwise. */
  static boolean isMember(Handle handle, String groupId, String userId, Instant now) {
    return handle
        .createQuery(
            """
            SELECT EXISTS (SELECT 1 FROM identity.membership
                WHERE user_id = :user AND group_id = :group)
              OR EXISTS (SELECT 1 FROM identity.federated_membership
                WHERE user_id = :user AND group_id = :group AND expires_at > :now)
            """)
        .bind("user", userId)
        .bind("group", groupId)
        .bind("now", Utc.of(now))
        .mapTo(Boolean.class)
        .one();
  }

  private static Membership membership(ResultSet row) throws SQLException {
    return new Membership(map(row), Utc.find(row, "expires_at").orElse(null));
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
