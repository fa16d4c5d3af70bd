package cloud.lastmile.identity.access;

import cloud.lastmile.identity.access.Access.RoleName;
import cloud.lastmile.identity.token.TokenScope;
import cloud.lastmile.identity.token.TokenScope.Kind;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Scope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Finds what a user may do in a scope, with one statement. */
final class AccessStore {
  /**
   * Roles are held directly or through groups, on the target itself or inherited from what is above
   * it, and imply others. Group rows come through the user's memberships.
   */
  private static final String FIND =
      """
      WITH RECURSIVE ancestor (id, parent_id) AS (
        SELECT p.id, p.parent_id FROM identity.project c
        JOIN identity.project p ON p.id = c.parent_id WHERE c.id = :target
        UNION ALL
        SELECT p.id, p.parent_id FROM ancestor a JOIN identity.project p ON p.id = a.parent_id
      ), held (role_id) AS (
        SELECT a.role_id FROM identity.assignment a
        WHERE (a.user_id = :user OR a.group_id IN (
            SELECT m.group_id FROM identity.membership m WHERE m.user_id = :user))
          AND (
            (a.kind = :kind AND NOT a.inherited AND coalesce(a.target_id, '') = :target)
            OR (:kind = 'project' AND a.inherited
              AND a.target_id IN (SELECT id FROM ancestor)))
      ), effective (role_id) AS (
        SELECT role_id FROM held
        UNION
        SELECT i.implied_id FROM effective e
        JOIN identity.implied_role i ON i.prior_id = e.role_id
      )
      SELECT u.id, u.name, u.domain_id, d.name AS domain_name, u.password_expires_at,
        p.id AS target_id, p.name AS target_name, p.is_domain AS target_is_domain,
        p.domain_id AS target_domain_id, pd.name AS target_domain_name,
        greatest(u.tokens_valid_after, d.tokens_valid_after, p.tokens_valid_after,
          pd.tokens_valid_after) AS tokens_valid_after,
        ARRAY(SELECT r.id || ' ' || r.name FROM identity.role r
          WHERE r.domain_id IS NULL AND r.id IN (SELECT role_id FROM effective)
          ORDER BY r.name) AS roles
      FROM identity.account u
      JOIN identity.project d ON d.id = u.domain_id
      LEFT JOIN identity.project p ON p.id = :target
      LEFT JOIN identity.project pd ON pd.id = p.domain_id
      WHERE u.id = :user AND u.enabled AND d.enabled
        AND coalesce(p.enabled, true) AND coalesce(pd.enabled, true)
      """;

  private AccessStore() {}

  static Optional<Access> find(Handle handle, AccessKey key) {
    TokenScope scope = key.scope();
    return handle
        .createQuery(FIND)
        .bind("user", key.userId())
        .bind("target", scope.id())
        .bind("kind", kind(scope.kind()))
        .map((row, _) -> access(row, scope.kind()))
        .findOne()
        .flatMap(found -> found);
  }

  private static String kind(Kind kind) {
    return switch (kind) {
      case PROJECT -> "project";
      case DOMAIN -> "domain";
      case SYSTEM -> "system";
      case UNSCOPED -> "";
    };
  }

  private static Optional<Access> access(ResultSet row, Kind kind) throws SQLException {
    List<RoleName> roles = roles(row);
    Optional<Scope> scope = scope(row, kind);
    if (scope.isEmpty() || (kind != Kind.UNSCOPED && roles.isEmpty())) {
      return Optional.empty();
    }
    Caller caller =
        new Caller(
            row.getString("id"),
            row.getString("name"),
            row.getString("domain_id"),
            scope.get(),
            roles.stream().map(RoleName::name).collect(Collectors.toUnmodifiableSet()));
    return Optional.of(
        new Access(
            caller,
            row.getString("domain_name"),
            Optional.ofNullable(instant(row, "password_expires_at")),
            row.getBoolean("target_is_domain"),
            roles,
            Optional.ofNullable(instant(row, "tokens_valid_after")).orElse(Instant.EPOCH)));
  }

  /** Empty if what the token names is gone or is not what it was. */
  private static Optional<Scope> scope(ResultSet row, Kind kind) throws SQLException {
    String id = row.getString("target_id");
    String name = row.getString("target_name");
    return switch (kind) {
      case UNSCOPED -> Optional.of(new Scope.Unscoped());
      case SYSTEM -> Optional.of(new Scope.SystemScope());
      case DOMAIN ->
          id != null && row.getBoolean("target_is_domain")
              ? Optional.of(new Scope.Domain(id, name))
              : Optional.empty();
      case PROJECT -> {
        String domainId = row.getString("target_domain_id");
        if (id == null || domainId == null) {
          yield Optional.empty();
        }
        yield Optional.of(
            new Scope.Project(id, name, domainId, row.getString("target_domain_name")));
      }
    };
  }

  private static List<RoleName> roles(ResultSet row) throws SQLException {
    List<RoleName> roles = new ArrayList<>();
    for (String role : (String[]) row.getArray("roles").getArray()) {
      int space = role.indexOf(' ');
      roles.add(new RoleName(role.substring(0, space), role.substring(space + 1)));
    }
    return roles;
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
