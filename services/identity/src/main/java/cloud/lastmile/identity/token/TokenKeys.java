package cloud.lastmile.identity.token;

import cloud.lastmile.platform.database.Database;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;

/**
 * The keys that sign tokens, shared through the database. The newest signs. A node that meets an
 * unknown key id reads the keys again, so that tokens signed with a new key are good on every node
 * at once.
 */
public final class TokenKeys {
  /** A made-up key id must not become a query for each request. */
  private static final Duration RELOAD_PAUSE = Duration.ofSeconds(1);

  private record Ring(Map<Integer, TokenKey> keys, TokenKey current) {}

  private final Database database;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final AtomicLong nextReload = new AtomicLong();
  private volatile Ring ring;

  /** Reads the keys; makes the first one in an empty database. */
  public TokenKeys(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
    this.ring =
        database.transact(handle -> {
          // Two nodes that start at once must agree on the first key.
          handle.execute("LOCK TABLE identity.token_key IN SHARE ROW EXCLUSIVE MODE");
          List<TokenKey> found = load(handle);
          return ring(found.isEmpty() ? List.of(insert(handle, 1)) : found);
        });
  }

  TokenKey current() {
    return ring.current();
  }

  Optional<TokenKey> find(int id) {
    TokenKey known = ring.keys().get(id);
    if (known != null) {
      return Optional.of(known);
    }
    long now = clock.millis();
    long allowed = nextReload.get();
    if (now < allowed || !nextReload.compareAndSet(allowed, now + RELOAD_PAUSE.toMillis())) {
      return Optional.empty();
    }
    reload();
    return Optional.ofNullable(ring.keys().get(id));
  }

  /** Makes a new signing key. Tokens signed with older keys stay good. */
  public void rotate() {
    database.change(handle -> {
      handle.execute("LOCK TABLE identity.token_key IN SHARE ROW EXCLUSIVE MODE");
      int newest = load(handle).getFirst().id();
      if (newest == 0xffff) {
        throw new IllegalStateException("all ids of token keys are used");
      }
      insert(handle, newest + 1);
    });
    reload();
  }

  /** Forgets keys under which no live token can be signed any more, the current one excepted. */
  public void dropOlderThan(Instant replacedBefore) {
    database.change(handle ->
        handle
            .createUpdate(
                """
                DELETE FROM identity.token_key k WHERE EXISTS (
                  SELECT 1 FROM identity.token_key n
                  WHERE n.id > k.id AND n.created_at < :before)
                """)
            .bind("before", OffsetDateTime.ofInstant(replacedBefore, ZoneOffset.UTC))
            .execute());
    reload();
  }

  void reload() {
    ring = ring(database.read(TokenKeys::load));
  }

  private static Ring ring(List<TokenKey> newestFirst) {
    Map<Integer, TokenKey> byId = new HashMap<>();
    newestFirst.forEach(key -> byId.put(key.id(), key));
    return new Ring(Map.copyOf(byId), newestFirst.getFirst());
  }

  private static List<TokenKey> load(Handle handle) {
    return handle
        .createQuery("SELECT id, secret FROM identity.token_key ORDER BY id DESC")
        .map((row, _) -> new TokenKey(row.getInt("id"), row.getBytes("secret")))
        .list();
  }

  private TokenKey insert(Handle handle, int id) {
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    handle
        .createUpdate(
            "INSERT INTO identity.token_key (id, secret, created_at) VALUES (:id, :secret, :now)")
        .bind("id", id)
        .bind("secret", secret)
        .bind("now", OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
        .execute();
    return new TokenKey(id, secret);
  }
}
