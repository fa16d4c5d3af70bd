package cloud.lastmile.identity.credential;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.identity.credential.ApplicationCredential.Wanted;
import cloud.lastmile.identity.credential.ApplicationCredential.WantedRule;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
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
import tools.jackson.databind.node.ArrayNode;

/** The SQL of application credentials. */
final class ApplicationCredentialStore {
  private static final String SELECT =
      """
      c.id, c.user_id, c.project_id, c.name, c.description, c.unrestricted, c.expires_at,
      (SELECT coalesce(json_agg(json_build_object('id', r.id, 'name', r.name,
          'domain_id', r.domain_id, 'description', r.description, 'options', r.options)
          ORDER BY r.name), '[]')
        FROM identity.application_credential_role cr JOIN identity.role r ON r.id = cr.role_id
        WHERE cr.credential_id = c.id)::text AS roles,
      (SELECT coalesce(json_agg(json_build_object('id', r.id, 'path', r.path,
          'method', r.method, 'service', r.service) ORDER BY cr.position), '[]')
        FROM identity.application_credential_rule cr
        JOIN identity.access_rule r ON r.id = cr.rule_id
        WHERE cr.credential_id = c.id)::text AS rules
      """;

  private static final ListQuery<ApplicationCredential> LIST =
      ListQuery.of("identity.application_credential c", SELECT, (row, _) -> map(row))
          .column(text("id", "c.id"))
          .column(text("name", "c.name"));

  /**
   * What a login needs.
   *
   * @param secretHash see {@link SecretHash}
   */
  record Login(
      String id, String userId, String projectId, String secretHash, Optional<Instant> expiresAt) {
    @Override
    public String toString() {
      return "Login[" + id + "]";
    }
  }

  private ApplicationCredentialStore() {}

  static ListQuery.Asked<ApplicationCredential> asked(
      Map<String, List<String>> query, String userId) {
    return LIST.asked(query, Filters.dialect()).within(Condition.of("c.user_id = {}", userId));
  }

  static Optional<ApplicationCredential> find(Handle handle, String userId, String id) {
    return handle
        .createQuery(
            "SELECT "
                + SELECT
                + " FROM identity.application_credential c"
                + " WHERE c.id = :id AND c.user_id = :user")
        .bind("id", id)
        .bind("user", userId)
        .map((row, _) -> map(row))
        .findOne();
  }

  static Optional<Login> login(Handle handle, String id) {
    return handle
        .createQuery(
            """
            SELECT id, user_id, project_id, secret_hash, expires_at
            FROM identity.application_credential WHERE id = :id
            """)
        .bind("id", id)
        .map((row, _) ->
            new Login(
                row.getString("id"),
                row.getString("user_id"),
                row.getString("project_id"),
                row.getString("secret_hash"),
                Utc.find(row, "expires_at")))
        .findOne();
  }

  static Optional<String> idByName(Handle handle, String userId, String name) {
    return handle
        .createQuery(
            """
            SELECT id FROM identity.application_credential WHERE user_id = :user AND name = :name
            """)
        .bind("user", userId)
        .bind("name", name)
        .mapTo(String.class)
        .findOne();
  }

  static void insert(Handle handle, Wanted wanted) {
    handle
        .createUpdate(
            """
            INSERT INTO identity.application_credential (id, user_id, project_id, name,
              description, secret_hash, unrestricted, expires_at, made_by)
            VALUES (:id, :user, :project, :name, :description, :hash, :unrestricted, :expires,
              :maker)
            """)
        .bind("id", wanted.id())
        .bind("user", wanted.userId())
        .bind("project", wanted.projectId())
        .bind("name", wanted.name())
        .bind("description", wanted.description())
        .bind("hash", wanted.secretHash())
        .bind("unrestricted", wanted.unrestricted())
        .bind("expires", wanted.expiresAt().map(Utc::of).orElse(null))
        .bind("maker", wanted.madeBy().orElse(null))
        .execute();
    handle
        .createUpdate(
            """
            INSERT INTO identity.application_credential_role (credential_id, role_id)
            SELECT :id, role FROM unnest(:roles) AS role
            """)
        .bind("id", wanted.id())
        .bind("roles", wanted.roleIds().toArray(new String[0]))
        .execute();
    int position = 0;
    for (WantedRule rule : wanted.rules()) {
      insert(handle, wanted, rule, position++);
    }
  }

  private static void insert(Handle handle, Wanted wanted, WantedRule rule, int position) {
    handle
        .createUpdate(
            """
            WITH made AS (
              INSERT INTO identity.access_rule (id, user_id, service, method, path)
              SELECT :new, :user, :service, :method, :path WHERE NOT :byId
              ON CONFLICT ON CONSTRAINT access_rule_unique
                DO UPDATE SET service = excluded.service
              RETURNING id)
            INSERT INTO identity.application_credential_rule (credential_id, rule_id, position)
            SELECT :credential, id, :position FROM (
              SELECT id FROM made UNION ALL
              SELECT id FROM identity.access_rule WHERE :byId AND id = :old AND user_id = :user)
              AS rule (id)
            ON CONFLICT DO NOTHING
            """)
        .bind("new", Ids.hex())
        .bind("old", rule.id().orElse(""))
        .bind("byId", rule.id().isPresent())
        .bind("user", wanted.userId())
        .bind("service", rule.service())
        .bind("method", rule.method())
        .bind("path", rule.path())
        .bind("credential", wanted.id())
        .bind("position", position)
        .execute();
  }

  /** With all that were made by it. The ids of those removed, none if there was no such one. */
  static List<String> delete(Handle handle, String userId, String id) {
    return handle
        .createQuery(
            """
            WITH RECURSIVE below (id) AS (
              SELECT id FROM identity.application_credential WHERE id = :id AND user_id = :user
              UNION SELECT c.id FROM below b
              JOIN identity.application_credential c ON c.made_by = b.id)
            DELETE FROM identity.application_credential WHERE id IN (SELECT id FROM below)
            RETURNING id
            """)
        .bind("id", id)
        .bind("user", userId)
        .mapTo(String.class)
        .list();
  }

  /** Global roles by id or name, with all that they imply, by id; one that is unknown is absent. */
  static Map<String, String> withImplied(Handle handle, List<String> ids, List<String> names) {
    return handle
        .createQuery(
            """
            WITH RECURSIVE wanted (id) AS (
              SELECT r.id FROM identity.role r
              WHERE r.id = ANY (:ids) OR (r.domain_id IS NULL AND r.name = ANY (:names))
              UNION SELECT i.implied_id FROM wanted w
              JOIN identity.implied_role i ON i.prior_id = w.id)
            SELECT r.id, r.name FROM wanted NATURAL JOIN identity.role r
            WHERE r.domain_id IS NULL ORDER BY r.name
            """)
        .bind("ids", ids.toArray(new String[0]))
        .bind("names", names.toArray(new String[0]))
        .setMapKeyColumn("id")
        .setMapValueColumn("name")
        .collectInto(new org.jdbi.v3.core.generic.GenericType<Map<String, String>>() {});
  }

  private static ApplicationCredential map(ResultSet row) throws SQLException {
    return new ApplicationCredential(
        row.getString("id"),
        row.getString("user_id"),
        row.getString("project_id"),
        row.getString("name"),
        row.getString("description"),
        row.getBoolean("unrestricted"),
        Utc.find(row, "expires_at"),
        (ArrayNode) Json.mapper().readTree(row.getString("roles")),
        (ArrayNode) Json.mapper().readTree(row.getString("rules")));
  }
}
