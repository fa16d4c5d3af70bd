package cloud.lastmile.identity.oauth;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.identity.credential.CredentialKeys;
import cloud.lastmile.identity.credential.CredentialKeys.Encrypted;
import cloud.lastmile.identity.role.Role;
import cloud.lastmile.identity.role.RoleStore;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The SQL of access tokens, whose secrets are encrypted at rest. */
final class AccessTokenStore {
  private static final String SELECT = "t.id, t.consumer_id, t.user_id, t.project_id, t.expires_at";

  private static final ListQuery<AccessToken> LIST =
      ListQuery.of("identity.access_token t", SELECT, (row, _) -> map(row))
          .column(text("id", "t.id"))
          .column(text("consumer_id", "t.consumer_id"))
          .column(text("project_id", "t.project_id"));

  private final CredentialKeys keys;

  AccessTokenStore(CredentialKeys keys) {
    this.keys = keys;
  }

  static ListPage<AccessToken> list(Handle handle, Map<String, List<String>> query, String userId) {
    return LIST.asked(query, Filters.dialect())
        .within(Condition.of("t.user_id = {}", userId))
        .run(handle);
  }

  static Optional<AccessToken> find(Handle handle, String id) {
    return LIST.find(handle, id);
  }

  Optional<String> secret(Handle handle, String id) {
    return keys.find(handle, "identity.access_token", id);
  }

  static List<Role> roles(Handle handle, String id) {
    return RoleStore.listOfIds(
        handle, "SELECT role_id FROM identity.access_token_role WHERE access_token_id = :id", id);
  }

  /** Roles that are gone meanwhile are left out. */
  void insert(Handle handle, AccessToken token, String secret, List<String> roleIds) {
    Encrypted encrypted = keys.encrypt(token.id(), secret);
    handle
        .createUpdate(
            """
            INSERT INTO identity.access_token
              (id, consumer_id, user_id, project_id, key_id, encrypted, expires_at)
            VALUES (:id, :consumer, :user, :project, :key, :encrypted, :expires)
            """)
        .bind("id", token.id())
        .bind("consumer", token.consumerId())
        .bind("user", token.userId())
        .bind("project", token.projectId())
        .bind("key", encrypted.keyId())
        .bind("encrypted", encrypted.bytes())
        .bind("expires", Utc.of(token.expiresAt()))
        .execute();
    handle.execute(
        """
        INSERT INTO identity.access_token_role (access_token_id, role_id)
        SELECT ?, r.id FROM identity.role r WHERE r.id = ANY (?)
        """,
        token.id(),
        roleIds.toArray(new String[0]));
  }

  static boolean delete(Handle handle, String id) {
    return handle.execute("DELETE FROM identity.access_token WHERE id = ?", id) == 1;
  }

  private static AccessToken map(ResultSet row) throws SQLException {
    return new AccessToken(
        row.getString("id"),
        row.getString("consumer_id"),
        row.getString("user_id"),
        row.getString("project_id"),
        Utc.at(row, "expires_at"));
  }
}
