package cloud.lastmile.identity.federation;

import cloud.lastmile.platform.database.Utc;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** What a federated login reads and writes. */
final class FederationStore {
  private FederationStore() {}

  /** A role of this name, global if there is one. */
  record NamedRole(String id, String name, @Nullable String domainId) {}

  static Optional<String> domainByName(Handle handle, String name) {
    return handle
        .createQuery("SELECT id FROM identity.project WHERE is_domain AND name = :name")
        .bind("name", name)
        .mapTo(String.class)
        .findOne();
  }

  static Set<String> existingGroups(Handle handle, Set<String> ids) {
    return Set.copyOf(
        handle
            .createQuery("SELECT id FROM identity.user_group WHERE id = ANY (:ids)")
            .bind("ids", ids.toArray(new String[0]))
            .mapTo(String.class)
            .list());
  }

  static Optional<String> groupByName(Handle handle, String domainId, String name) {
    return handle
        .createQuery(
            "SELECT id FROM identity.user_group WHERE domain_id = :domain AND name = :name")
        .bind("domain", domainId)
        .bind("name", name)
        .mapTo(String.class)
        .findOne();
  }

  /** A user that may log in. */
  static Optional<String> localUser(
      Handle handle, Optional<String> id, Optional<String> name, Optional<String> domainId) {
    return handle
        .createQuery(
            """
            SELECT u.id FROM identity.account u JOIN identity.project d ON d.id = u.domain_id
            WHERE u.enabled AND d.enabled AND CASE WHEN :id::text IS NOT NULL THEN u.id = :id
              ELSE u.name = :name AND u.domain_id = :domain AND NOT u.federated END
            """)
        .bind("id", id.orElse(null))
        .bind("name", name.orElse(null))
        .bind("domain", domainId.orElse(null))
        .mapTo(String.class)
        .findOne();
  }

  static List<NamedRole> roles(Handle handle, Set<String> names) {
    return handle
        .createQuery(
            """
            SELECT DISTINCT ON (name) id, name, domain_id FROM identity.role
            WHERE name = ANY (:names) ORDER BY name, domain_id NULLS FIRST
            """)
        .bind("names", names.toArray(new String[0]))
        .map((row, _) ->
            new NamedRole(row.getString("id"), row.getString("name"), row.getString("domain_id")))
        .list();
  }

  static void insertUser(
      Handle handle, String id, String domainId, String name, String extra, Instant now) {
    handle
        .createUpdate(
            """
            INSERT INTO identity.account
              (id, domain_id, name, enabled, created_at, options, extra, federated)
            VALUES (:id, :domain, :name, true, :now, '{}', :extra::jsonb, true)
            """)
        .bind("id", id)
        .bind("domain", domainId)
        .bind("name", name)
        .bind("now", Utc.of(now))
        .bind("extra", extra)
        .execute();
  }

  /**
   * What the provider calls a user now; a user that is ours too keeps its name.
   *
   * @return whether anything changed
   */
  static boolean updateUser(Handle handle, String id, String name, String extra) {
    return handle
            .createUpdate(
                """
                UPDATE identity.account SET extra = extra || :extra::jsonb,
                  name = CASE WHEN federated THEN :name ELSE name END
                WHERE id = :id
                  AND ((federated AND name <> :name) OR extra IS DISTINCT FROM extra || :extra::jsonb)
                """)
            .bind("id", id)
            .bind("name", name)
            .bind("extra", extra)
            .execute()
        > 0;
  }

  /** The user logged in today, which keeps it from being disabled for not doing so. */
  static void active(Handle handle, String id, LocalDate day) {
    handle.execute(
        "UPDATE identity.account SET last_active_on = ?"
            + " WHERE id = ? AND last_active_on IS DISTINCT FROM ?",
        day,
        id,
        day);
  }

  /**
   * The groups that a provider vouches for become these.
   *
   * @return whether they were others
   */
  static boolean replaceMemberships(
      Handle handle,
      String userId,
      String providerId,
      Set<String> groupIds,
      Instant loginUntil,
      Instant expiresAt) {
    Set<String> before =
        new HashSet<>(
            handle
                .createQuery(
                    """
                    SELECT group_id FROM identity.federated_membership
                    WHERE user_id = :user AND provider_id = :provider
                    """)
                .bind("user", userId)
                .bind("provider", providerId)
                .mapTo(String.class)
                .list());
    handle
        .createUpdate(
            """
            DELETE FROM identity.federated_membership
            WHERE user_id = :user AND provider_id = :provider AND group_id <> ALL (:groups)
            """)
        .bind("user", userId)
        .bind("provider", providerId)
        .bind("groups", groupIds.toArray(new String[0]))
        .execute();
    if (!groupIds.isEmpty()) {
      PreparedBatch batch =
          handle.prepareBatch(
              """
              INSERT INTO identity.federated_membership
                (user_id, group_id, provider_id, login_until, expires_at) VALUES (?, ?, ?, ?, ?)
              ON CONFLICT (user_id, group_id, provider_id) DO UPDATE SET
                login_until = greatest(federated_membership.login_until, excluded.login_until),
                expires_at = excluded.expires_at
              """);
      for (String groupId : groupIds) {
        batch.add(userId, groupId, providerId, Utc.of(loginUntil), Utc.of(expiresAt));
      }
      batch.execute();
    }
    return !before.equals(groupIds);
  }

  static Optional<String> projectByName(Handle handle, String domainId, String name) {
    return handle
        .createQuery(
            """
            SELECT id FROM identity.project
            WHERE NOT is_domain AND domain_id = :domain AND name = :name
            """)
        .bind("domain", domainId)
        .bind("name", name)
        .mapTo(String.class)
        .findOne();
  }

  /** False if another login made one of this name a moment ago. */
  static boolean insertProject(Handle handle, String id, String domainId, String name) {
    return handle
            .createUpdate(
                """
                INSERT INTO identity.project
                  (id, name, domain_id, parent_id, is_domain, description, enabled, options, extra)
                VALUES (:id, :name, :domain, :domain, false, '', true, '{}', '{}')
                ON CONFLICT (domain_id, name) WHERE NOT is_domain DO NOTHING
                """)
            .bind("id", id)
            .bind("name", name)
            .bind("domain", domainId)
            .execute()
        > 0;
  }

  /** The user's own roles in projects: project, a blank, role. */
  static Set<String> projectRoles(Handle handle, String userId) {
    return Set.copyOf(
        handle
            .createQuery(
                """
                SELECT target_id || ' ' || role_id FROM identity.assignment
                WHERE user_id = :user AND kind = 'project' AND NOT inherited
                """)
            .bind("user", userId)
            .mapTo(String.class)
            .list());
  }
}
