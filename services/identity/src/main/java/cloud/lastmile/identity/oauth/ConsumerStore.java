package cloud.lastmile.identity.oauth;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.identity.credential.CredentialKeys;
import cloud.lastmile.identity.credential.CredentialKeys.Encrypted;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The SQL of consumers, whose secrets are encrypted at rest. */
final class ConsumerStore {
  private static final String SELECT = "c.id, c.description, c.extra::text AS extra";

  private static final ListQuery<Consumer> LIST =
      ListQuery.of("identity.consumer c", SELECT, (row, _) -> map(row))
          .column(text("id", "c.id"))
          .column(text("description", "c.description"));

  private final CredentialKeys keys;

  ConsumerStore(CredentialKeys keys) {
    this.keys = keys;
  }

  static ListPage<Consumer> list(Handle handle, Map<String, List<String>> query) {
    return LIST.asked(query, Filters.dialect()).run(handle);
  }

  static Optional<Consumer> find(Handle handle, String id) {
    return LIST.find(handle, id);
  }

  Optional<String> secret(Handle handle, String id) {
    return keys.find(handle, "identity.consumer", id);
  }

  void insert(Handle handle, Consumer consumer, String secret) {
    Encrypted encrypted = keys.encrypt(consumer.id(), secret);
    handle
        .createUpdate(
            """
            INSERT INTO identity.consumer (id, description, key_id, encrypted, extra)
            VALUES (:id, :description, :key, :encrypted, :extra::jsonb)
            """)
        .bind("id", consumer.id())
        .bind("description", consumer.description().orElse(null))
        .bind("key", encrypted.keyId())
        .bind("encrypted", encrypted.bytes())
        .bind("extra", consumer.extra().toString())
        .execute();
  }

  static void update(Handle handle, Consumer consumer) {
    handle.execute(
        "UPDATE identity.consumer SET description = ?, extra = ?::jsonb WHERE id = ?",
        consumer.description().orElse(null),
        consumer.extra().toString(),
        consumer.id());
  }

  /** With all tokens that it has. */
  static boolean delete(Handle handle, String id) {
    return handle.execute("DELETE FROM identity.consumer WHERE id = ?", id) == 1;
  }

  private static Consumer map(ResultSet row) throws SQLException {
    return new Consumer(
        row.getString("id"),
        Optional.ofNullable(row.getString("description")),
        Attributes.stored(row.getString("extra")));
  }
}
