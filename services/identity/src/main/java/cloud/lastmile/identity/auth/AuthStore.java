package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.auth.AuthRequest.Named;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;
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
      String domainId,
      String name,
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

  /**
   * What there is of who a request names.
   *
   * @param domainId empty if there is no such domain, or the user was named by id and is not there
   */
  record Looked(Optional<String> domainId, Optional<Account> account) {}

  private static final String ACCOUNT =
      """
      SELECT d.id AS domain_id, u.id, u.name, u.enabled AND d.enabled AS active, u.password_hash,
        u.password_expires_at, u.options::text AS options,
        coalesce(u.last_active_on, (u.created_at AT TIME ZONE 'UTC')::date) AS last_active
      """;

  /**
   * @param folding domains whose users' names are alike whatever the case of their letters
   */
  static Looked look(Handle handle, Named user, Set<String> folding) {
    if (user.id().isPresent()) {
      Optional<Account> account = account(handle, user.id().get());
      return new Looked(account.map(Account::domainId), account);
    }
    return handle
        .createQuery(
            ACCOUNT
                + """
                FROM identity.project d LEFT JOIN identity.account u ON u.id = coalesce(
                  (SELECT a.id FROM identity.account a
                    WHERE a.domain_id = d.id AND a.name = :name AND NOT a.federated),
                  (SELECT a.id FROM identity.account a WHERE d.id = ANY (:folding)
                    AND a.domain_id = d.id AND lower(a.name) = lower(:name) AND NOT a.federated
                    ORDER BY a.name LIMIT 1))
                WHERE d.is_domain AND CASE WHEN :domainId::text IS NOT NULL
                  THEN d.id = :domainId ELSE d.name = :domainName END
                """)
        .bind("name", clean(user.name()))
        .bind("folding", folding.toArray(new String[0]))
        .bind("domainId", clean(user.domain().flatMap(Named::id)))
        .bind("domainName", clean(user.domain().flatMap(Named::name)))
        .map((row, _) ->
            new Looked(
                Optional.of(row.getString("domain_id")),
                row.getString("id") == null ? Optional.empty() : Optional.of(account(row))))
        .findOne()
        .orElse(new Looked(Optional.empty(), Optional.empty()));
  }

  static Optional<Account> account(Handle handle, String id) {
    return handle
        .createQuery(
            ACCOUNT
                + """
                FROM identity.account u JOIN identity.project d ON d.id = u.domain_id
                WHERE u.id = :id
                """)
        .bind("id", id)
        .map((row, _) -> account(row))
        .findOne();
  }

  private static Account account(ResultSet row) throws SQLException {
    return new Account(
        row.getString("id"),
        row.getString("domain_id"),
        row.getString("name"),
        row.getBoolean("active"),
        Optional.ofNullable(row.getString("password_hash")),
        Utc.find(row, "password_expires_at"),
        Attributes.stored(row.getString("options")),
        Optional.ofNullable(row.getObject("last_active", LocalDate.class)));
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
