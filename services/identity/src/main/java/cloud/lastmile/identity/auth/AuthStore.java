package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.auth.AuthRequest.Named;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.platform.database.Utc;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What logging in reads. */
final class AuthStore {
  private AuthStore() {}

  /**
   * What a password is checked against.
   *
   * @param active whether the user and its domain are enabled
   * @param lastActive the day of the last login, or else the one the user was made on
   */
  record Account(
      String id,
      boolean active,
      Optional<String> passwordHash,
      Optional<Instant> passwordExpiresAt,
      JsonNode options,
      Optional<LocalDate> lastActive) {
    /** Never the hash. */
    @Override
    public String toString() {
      return "Account[" + id + "]";
    }
  }

  static Optional<Account> account(Handle handle, Named user) {
    Optional<Named> domain = user.domain();
    return handle
        .createQuery(
            """
            SELECT u.id, u.enabled AND d.enabled AS active, u.password_hash,
              u.password_expires_at, u.options::text AS options,
              coalesce(u.last_active_on, (u.created_at AT TIME ZONE 'UTC')::date) AS last_active
            FROM identity.account u JOIN identity.project d ON d.id = u.domain_id
            WHERE CASE WHEN :id::text IS NOT NULL THEN u.id = :id
              ELSE u.name = :name AND NOT u.federated AND
                CASE WHEN :domainId::text IS NOT NULL THEN d.id = :domainId
                  ELSE d.name = :domainName END END
            """)
        .bind("id", clean(user.id()))
        .bind("name", clean(user.name()))
        .bind("domainId", clean(domain.flatMap(Named::id)))
        .bind("domainName", clean(domain.flatMap(Named::name)))
        .map((row, _) ->
            new Account(
                row.getString("id"),
                row.getBoolean("active"),
                Optional.ofNullable(row.getString("password_hash")),
                Utc.find(row, "password_expires_at"),
                Attributes.stored(row.getString("options")),
                Optional.ofNullable(row.getObject("last_active", LocalDate.class))))
        .findOne();
  }

  static Optional<String> projectId(Handle handle, Named project) {
    if (project.name().isEmpty()) {
      return project.id();
    }
    Optional<Named> domain = project.domain();
    return handle
        .createQuery(
            """
            SELECT p.id FROM identity.project p JOIN identity.project d ON d.id = p.domain_id
            WHERE p.name = :name AND (:id::text IS NULL OR p.id = :id) AND
              CASE WHEN :domainId::text IS NOT NULL THEN d.id = :domainId
                WHEN :domainName::text IS NOT NULL THEN d.name = :domainName ELSE true END
            """)
        .bind("name", clean(project.name()))
        .bind("id", clean(project.id()))
        .bind("domainId", clean(domain.flatMap(Named::id)))
        .bind("domainName", clean(domain.flatMap(Named::name)))
        .mapTo(String.class)
        .findOne();
  }

  static Optional<String> domainId(Handle handle, Named domain) {
    if (domain.id().isPresent()) {
      return domain.id();
    }
    return handle
        .createQuery("SELECT id FROM identity.project WHERE is_domain AND name = :name")
        .bind("name", clean(domain.name()))
        .mapTo(String.class)
        .findOne();
  }

  /** Whether the user has any role on the system, also through groups. */
  static boolean hasSystemRole(Handle handle, String userId) {
    return handle
        .createQuery(
            """
            SELECT EXISTS (
              SELECT 1 FROM identity.assignment WHERE kind = 'system' AND user_id = :user)
            OR EXISTS (
              SELECT 1 FROM identity.assignment WHERE kind = 'system' AND group_id IN (
                SELECT m.group_id FROM identity.membership m WHERE m.user_id = :user
                UNION SELECT f.group_id FROM identity.federated_membership f
                WHERE f.user_id = :user AND greatest(f.expires_at, f.login_until) > now()))
            """)
        .bind("user", userId)
        .mapTo(Boolean.class)
        .one();
  }

  private static @Nullable String clean(Optional<String> text) {
    return text.orElse(null);
  }
}
