package cloud.lastmile.identity.credential;

import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Utc;
import cloud.lastmile.platform.secret.Cipher256;
import cloud.lastmile.platform.secret.MasterKey;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * The keys of credentials, shared through the database, where the operator's key encrypts them. A
 * node that meets a key it does not know reads them again.
 */
public final class CredentialKeys {
  private static final int BATCH = 100;

  /**
   * Where encrypted texts are, in columns {@code key_id} and {@code encrypted}, which are null
   * where nothing is.
   *
   * @param id what a row's text is bound to, in SQL
   */
  private record Place(String table, String id) {}

  private static final List<Place> PLACES =
      List.of(
          new Place("identity.credential", "id"),
          new Place("identity.consumer", "id"),
          new Place("identity.request_token", "id"),
          new Place("identity.access_token", "id"),
          new Place("identity.domain_config", "domain_id || '/' || option_group || '/' || option"));

  private final Database database;
  private final MasterKey master;
  private final InstantSource clock;
  private volatile NavigableMap<Integer, Cipher256> ring;

  /** A text as stored. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Encrypted(int keyId, byte[] bytes) {

    /** Of the row's columns {@code key_id} and {@code encrypted}. */
    public static Encrypted of(ResultSet row) throws SQLException {
      return new Encrypted(row.getInt("key_id"), row.getBytes("encrypted"));
    }
  }

  /**
   * Reads the keys; makes the first one in an empty database.
   *
   * @throws IllegalStateException if the operator's key is not the one they were encrypted with
   */
  public CredentialKeys(Database database, MasterKey master, InstantSource clock) {
    this.database = database;
    this.master = master;
    this.clock = clock;
    this.ring =
        database.transact(handle -> {
          handle.execute("LOCK TABLE identity.credential_key IN SHARE ROW EXCLUSIVE MODE");
          NavigableMap<Integer, Cipher256> found = load(handle);
          if (found.isEmpty()) {
            insert(handle, 1);
          }
          return found.isEmpty() ? load(handle) : found;
        });
  }

  /**
   * @param id of what the text belongs to; it can be read as no other's
   */
  public Encrypted encrypt(String id, String text) {
    Map.Entry<Integer, Cipher256> newest = ring.lastEntry();
    return new Encrypted(
        newest.getKey(), newest.getValue().encrypt(text.getBytes(StandardCharsets.UTF_8), id));
  }

  public String decrypt(Handle handle, String id, Encrypted encrypted) {
    Cipher256 cipher = ring.get(encrypted.keyId());
    if (cipher == null) {
      ring = load(handle);
      cipher =
          Optional.ofNullable(ring.get(encrypted.keyId()))
              .orElseThrow(
                  () -> new IllegalStateException("no credential key " + encrypted.keyId()));
    }
    return new String(cipher.decrypt(encrypted.bytes(), id), StandardCharsets.UTF_8);
  }

  /**
   * The text of the row that has this id, if there is one.
   *
   * @param table with columns {@code id}, {@code key_id} and {@code encrypted}
   */
  public Optional<String> find(Handle handle, String table, String id) {
    return handle
        .createQuery("SELECT key_id, encrypted FROM %s WHERE id = :id".formatted(table))
        .bind("id", id)
        .map((row, _) -> Encrypted.of(row))
        .findOne()
        .map(encrypted -> decrypt(handle, id, encrypted));
  }

  /** Makes a new key, encrypts everything anew with it, and forgets the keys that none uses. */
  public void rotate() {
    database.change(handle -> {
      handle.execute("LOCK TABLE identity.credential_key IN SHARE ROW EXCLUSIVE MODE");
      insert(handle, load(handle).lastKey() + 1);
    });
    ring = database.read(this::load);
    for (Place place : PLACES) {
      boolean more = true;
      while (more) {
        more = database.transact(handle -> renewSome(handle, place));
      }
    }
    // Another node may still encrypt with the key before: it stays until the next time.
    database.change(handle ->
        handle.execute(
            """
            DELETE FROM identity.credential_key k
            WHERE k.id < (SELECT max(id) - 1 FROM identity.credential_key)
            """
                + PLACES.stream()
                    .map(place ->
                        " AND NOT EXISTS (SELECT 1 FROM "
                            + place.table()
                            + " c WHERE c.key_id = k.id)")
                    .collect(Collectors.joining())));
    ring = database.read(this::load);
  }

  private boolean renewSome(Handle handle, Place place) {
    int newest = ring.lastKey();
    Map<String, Encrypted> old = new TreeMap<>();
    handle
        .createQuery(
            """
            SELECT %1$s AS id, key_id, encrypted FROM %2$s WHERE key_id < :newest
            ORDER BY 1 LIMIT :batch FOR UPDATE
            """
                .formatted(place.id(), place.table()))
        .bind("newest", newest)
        .bind("batch", BATCH)
        .map((row, _) -> Map.entry(row.getString("id"), Encrypted.of(row)))
        .forEach(entry -> old.put(entry.getKey(), entry.getValue()));
    old.forEach((id, encrypted) -> {
      Encrypted renewed = encrypt(id, decrypt(handle, id, encrypted));
      handle.execute(
          "UPDATE %2$s SET key_id = ?, encrypted = ? WHERE %1$s = ?"
              .formatted(place.id(), place.table()),
          renewed.keyId(),
          renewed.bytes(),
          id);
    });
    return old.size() == BATCH;
  }

  private NavigableMap<Integer, Cipher256> load(Handle handle) {
    NavigableMap<Integer, Cipher256> keys = new TreeMap<>();
    List<Encrypted> rows =
        handle
            .createQuery("SELECT id, wrapped FROM identity.credential_key")
            .map((row, _) -> new Encrypted(row.getInt("id"), row.getBytes("wrapped")))
            .list();
    rows.forEach(
        row -> keys.put(row.keyId(), new Cipher256(master.unwrap(row.keyId(), row.bytes()))));
    return keys;
  }

  private void insert(Handle handle, int id) {
    byte[] secret = new byte[Cipher256.KEY_LENGTH];
    new SecureRandom().nextBytes(secret);
    handle.execute(
        "INSERT INTO identity.credential_key (id, wrapped, created_at) VALUES (?, ?, ?)",
        id,
        master.wrap(id, secret),
        Utc.of(clock.instant()));
  }
}
