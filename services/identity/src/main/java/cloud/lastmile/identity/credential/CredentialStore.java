package cloud.lastmile.identity.credential;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.identity.credential.CredentialKeys.Encrypted;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListQuery;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The SQL of credentials, which are encrypted at rest. */
public final class CredentialStore {
  private static final String SELECT =
      """
      c.id, c.user_id, c.project_id, c.type, c.key_id, c.encrypted, c.extra::text AS extra
      """;

  private static final ListQuery<Stored> LIST =
      ListQuery.of("identity.credential c", SELECT, (row, _) -> map(row))
          .column(text("id", "c.id"))
          .column(text("user_id", "c.user_id"))
          .column(text("type", "c.type"));

  private final CredentialKeys keys;

  /** A row; its blob is empty, for it is still encrypted. */
  record Stored(Credential credential, Encrypted encrypted) {}

  public CredentialStore(CredentialKeys keys) {
    this.keys = keys;
  }

  ListQuery.Asked<Stored> asked(Map<String, List<String>> query, Condition within) {
    return LIST.asked(query, Filters.dialect()).within(within);
  }

  public List<Credential> ofUser(Handle handle, String userId, String type) {
    return handle
        .createQuery(
            "SELECT "
                + SELECT
                + " FROM identity.credential c"
                + " WHERE c.user_id = :user AND c.type = :type ORDER BY c.id")
        .bind("user", userId)
        .bind("type", type)
        .map((row, _) -> map(row))
        .list()
        .stream()
        .map(stored -> decrypted(handle, stored))
        .toList();
  }

  public Optional<Credential> find(Handle handle, String id) {
    return LIST.find(handle, id).map(stored -> decrypted(handle, stored));
  }

  Optional<Credential> lock(Handle handle, String id) {
    return LIST.lock(handle, id).map(stored -> decrypted(handle, stored));
  }

  void insert(Handle handle, Credential credential) {
    write(
        handle,
        """
        INSERT INTO identity.credential (id, user_id, project_id, type, key_id, encrypted, extra)
        VALUES (:id, :user, :project, :type, :key, :encrypted, :extra::jsonb)
        """,
        credential);
  }

  void update(Handle handle, Credential credential) {
    write(
        handle,
        """
        UPDATE identity.credential SET user_id = :user, project_id = :project, type = :type,
          key_id = :key, encrypted = :encrypted, extra = :extra::jsonb WHERE id = :id
        """,
        credential);
  }

  private void write(Handle handle, String statement, Credential credential) {
    Encrypted encrypted = keys.encrypt(credential.id(), credential.blob());
    handle
        .createUpdate(statement)
        .bind("id", credential.id())
        .bind("user", credential.userId())
        .bind("project", credential.projectId().orElse(null))
        .bind("type", credential.type())
        .bind("key", encrypted.keyId())
        .bind("encrypted", encrypted.bytes())
        .bind("extra", credential.extra().toString())
        .execute();
  }

  static boolean delete(Handle handle, String id) {
    return handle.execute("DELETE FROM identity.credential WHERE id = ?", id) == 1;
  }

  /** Marks a one-time password's time step as used; false if it or a later one was before. */
  static boolean useStep(Handle handle, String credentialId, long step) {
    return handle
            .createUpdate(
                """
                INSERT INTO identity.totp_use AS used (credential_id, step) VALUES (:id, :step)
                ON CONFLICT (credential_id) DO UPDATE SET step = excluded.step
                WHERE used.step < excluded.step
                """)
            .bind("id", credentialId)
            .bind("step", step)
            .execute()
        == 1;
  }

  Credential decrypted(Handle handle, Stored stored) {
    Credential row = stored.credential();
    return new Credential(
        row.id(),
        row.userId(),
        row.projectId(),
        row.type(),
        keys.decrypt(handle, row.id(), stored.encrypted()),
        row.extra());
  }

  private static Stored map(ResultSet row) throws SQLException {
    return new Stored(
        new Credential(
            row.getString("id"),
            row.getString("user_id"),
            Optional.ofNullable(row.getString("project_id")),
            row.getString("type"),
            "",
            Attributes.stored(row.getString("extra"))),
        Encrypted.of(row));
  }
}
