package cloud.lastmile.identity.user;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/** The SQL of users. */
public final class UserStore {
  private static final String SELECT =
      """
      u.id, u.domain_id, u.name, u.enabled, u.default_project_id, u.password_expires_at,
      u.options::text AS options, u.extra::text AS extra
      """;
  private static final Map<String, String> OPERATORS =
      Map.of("lt", "<", "lte", "<=", "gt", ">", "gte", ">=", "eq", "=", "neq", "<>");

  private static final ListQuery<User> LIST = list();

  private UserStore() {}

  private static ListQuery<User> list() {
    ListQuery<User> list =
        ListQuery.of("identity.account u", SELECT, (row, _) -> map(row))
            .column(text("id", "u.id"))
            .column(text("name", "u.name"))
            .column(text("domain_id", "u.domain_id"))
            .filter("password_expires_at", values -> expiring(values.getLast()))
            .filter("idp_id", values -> federated("provider_id", values.getLast()))
            .filter("protocol_id", values -> federated("protocol_id", values.getLast()))
            .filter("unique_id", values -> federated("unique_id", values.getLast()));
    list = Filters.truth(list, "enabled", "u.enabled");
    return list;
  }

  private static Condition federated(String column, String value) {
    return Condition.of(
        "u.id IN (SELECT f.user_id FROM identity.federated_identity f WHERE f." + column + " = {})",
        value);
  }

  private static Condition expiring(String filter) {
    int colon = filter.indexOf(':');
    String operator = OPERATORS.get(colon < 0 ? "" : filter.substring(0, colon));
    Optional<Instant> moment = Timestamps.parse(filter.substring(colon + 1));
    if (operator == null || moment.isEmpty()) {
      throw ApiException.invalidField(
          "password_expires_at", filter, "it is not of the form {operator}:{timestamp}");
    }
    return Condition.of("u.password_expires_at " + operator + " {}", Utc.of(moment.get()));
  }

  public static ListQuery.Asked<User> asked(Map<String, List<String>> query, Condition within) {
    return LIST.asked(query, Filters.dialect()).within(within);
  }

  public static Optional<User> find(Handle handle, String id) {
    return LIST.find(handle, id);
  }

  static Optional<User> lock(Handle handle, String id) {
    return LIST.lock(handle, id);
  }

  public static void insert(Handle handle, User user, @Nullable String hash, Instant now) {
    bind(
            handle.createUpdate(
                """
                INSERT INTO identity.account (id, domain_id, name, enabled, default_project_id,
                  password_hash, password_set_at, created_at, options, extra)
                VALUES (:id, :domain, :name, :enabled, :project, :hash,
                  CASE WHEN :hash IS NULL THEN NULL ELSE :now END, :now, :options::jsonb,
                  :extra::jsonb)
                """),
            user)
        .bind("domain", user.domainId())
        .bind("hash", hash)
        .bind("now", Utc.of(now))
        .execute();
  }

  /** All but the password. */
  static void update(Handle handle, User user) {
    bind(
            handle.createUpdate(
                """
                UPDATE identity.account SET name = :name, enabled = :enabled,
                  default_project_id = :project, options = :options::jsonb, extra = :extra::jsonb
                WHERE id = :id
                """),
            user)
        .execute();
  }

  private static <S extends SqlStatement<S>> S bind(S statement, User user) {
    return statement
        .bind("id", user.id())
        .bind("name", user.name())
        .bind("enabled", user.enabled())
        .bind("project", user.defaultProjectId())
        .bind("options", user.options().toString())
        .bind("extra", user.extra().toString());
  }

  static void refuseTokensBefore(Handle handle, String id, Instant moment) {
    handle
        .createUpdate("UPDATE identity.account SET tokens_valid_after = :moment WHERE id = :id")
        .bind("moment", Utc.of(moment))
        .bind("id", id)
        .execute();
  }

  /** As if it had logged in then, for a user whose logins count. */
  static void activeOn(Handle handle, String id, LocalDate day) {
    handle.execute("UPDATE identity.account SET last_active_on = ? WHERE id = ?", day, id);
  }

  static boolean delete(Handle handle, String id) {
    return handle.execute("DELETE FROM identity.account WHERE id = ?", id) == 1;
  }

  private static User map(ResultSet row) throws SQLException {
    return new User(
        row.getString("id"),
        row.getString("domain_id"),
        row.getString("name"),
        row.getBoolean("enabled"),
        row.getString("default_project_id"),
        Utc.find(row, "password_expires_at").orElse(null),
        Attributes.stored(row.getString("options")),
        Attributes.stored(row.getString("extra")));
  }
}
