package cloud.lastmile.identity.oauth;

import cloud.lastmile.identity.credential.CredentialKeys;
import cloud.lastmile.identity.credential.CredentialKeys.Encrypted;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The SQL of request tokens, whose secrets are encrypted at rest. */
final class RequestTokenStore {
  private final CredentialKeys keys;

  /** A row; its secret is empty, for it is still encrypted. */
  private record Stored(RequestToken token, Encrypted encrypted) {}

  RequestTokenStore(CredentialKeys keys) {
    this.keys = keys;
  }

  /** Also drops those that have expired. */
  void insert(Handle handle, RequestToken token, Instant now) {
    handle.execute("DELETE FROM identity.request_token WHERE expires_at < ?", Utc.of(now));
    Encrypted encrypted = keys.encrypt(token.id(), token.secret());
    handle
        .createUpdate(
            """
            INSERT INTO identity.request_token
              (id, consumer_id, project_id, key_id, encrypted, expires_at)
            VALUES (:id, :consumer, :project, :key, :encrypted, :expires)
            """)
        .bind("id", token.id())
        .bind("consumer", token.consumerId())
        .bind("project", token.projectId())
        .bind("key", encrypted.keyId())
        .bind("encrypted", encrypted.bytes())
        .bind("expires", Utc.of(token.expiresAt()))
        .execute();
  }

  Optional<RequestToken> lock(Handle handle, String id) {
    return handle
        .createQuery(
            """
            SELECT id, consumer_id, project_id, key_id, encrypted, expires_at, verifier, user_id,
              role_ids
            FROM identity.request_token WHERE id = :id FOR UPDATE
            """)
        .bind("id", id)
        .map((row, _) -> map(row))
        .findOne()
        .map(stored -> decrypted(handle, stored));
  }

  static void authorize(
      Handle handle, String id, String userId, String verifier, List<String> roleIds) {
    handle.execute(
        "UPDATE identity.request_token SET user_id = ?, verifier = ?, role_ids = ? WHERE id = ?",
        userId,
        verifier,
        roleIds.toArray(new String[0]),
        id);
  }

  static void delete(Handle handle, String id) {
    handle.execute("DELETE FROM identity.request_token WHERE id = ?", id);
  }

  private RequestToken decrypted(Handle handle, Stored stored) {
    RequestToken row = stored.token();
    return new RequestToken(
        row.id(),
        row.consumerId(),
        row.projectId(),
        keys.decrypt(handle, row.id(), stored.encrypted()),
        row.expiresAt(),
        row.verifier(),
        row.userId(),
        row.roleIds());
  }

  private static Stored map(ResultSet row) throws SQLException {
    return new Stored(
        new RequestToken(
            row.getString("id"),
            row.getString("consumer_id"),
            row.getString("project_id"),
            "",
            Utc.at(row, "expires_at"),
            Optional.ofNullable(row.getString("verifier")),
            Optional.ofNullable(row.getString("user_id")),
            List.of((String[]) row.getArray("role_ids").getArray())),
        Encrypted.of(row));
  }
}
