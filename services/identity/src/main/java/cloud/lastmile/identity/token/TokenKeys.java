package cloud.lastmile.identity.token;

import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Utc;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;

/**
 * The keys that sign tokens, shared through the database. A new key does not sign before every node
 * has had time to read it, so that no node refuses what it signed, even while made-up key ids keep
 * a node from reading again at once.
 */
public final class TokenKeys {
  /** A made-up key id must not become a query for each request. */
  private static final Duration RELOAD_PAUSE = Duration.ofSeconds(1);

  /** Every node reads the keys again at least so often before it signs. */
  private static final Duration READ_EVERY = Duration.ofSeconds(30);

  /** How old a key must be to sign, unless there is no other. */
  private static final Duration SIGNS_AFTER = READ_EVERY.multipliedBy(2);

  private record Dated(TokenKey key, Instant createdAt) {}

  private record Ring(Map<Integer, TokenKey> keys, List<Dated> newestFirst, long readAt) {}

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
          if (load(handle).isEmpty()) {
            insert(handle, 1);
          }
          return ring(load(handle));
        });
  }

  /** The key that signs now. Not inside database work. */
  TokenKey current() {
    Ring known = ring;
    long now = clock.millis();
    long allowed = nextReload.get();
    if (now - known.readAt() >= READ_EVERY.toMillis()
        && now >= allowed
        && nextReload.compareAndSet(allowed, now + RELOAD_PAUSE.toMillis())) {
      reload();
      known = ring;
    }
    Instant youngest = clock.instant().minus(SIGNS_AFTER);
    return known.newestFirst().stream()
        .filter(dated -> !dated.createdAt().isAfter(youngest))
        .findFirst()
        .orElseGet(known.newestFirst()::getLast)
        .key();
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

  /** Makes a new key, which signs a minute later. Tokens signed with older keys stay good. */
  public void rotate() {
    rotate(Duration.ZERO);
  }

  /** The same, unless the newest key is younger; on several nodes at once, one makes it. */
  public void rotate(Duration unlessYounger) {
    database.change(handle -> {
      handle.execute("LOCK TABLE identity.token_key IN SHARE ROW EXCLUSIVE MODE");
      Dated newest = load(handle).getFirst();
      if (clock.instant().isBefore(newest.createdAt().plus(unlessYounger))) {
        return;
      }
      if (newest.key().id() == 0xffff) {
        throw new IllegalStateException("all ids of token keys are used");
      }
      insert(handle, newest.key().id() + 1);
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
            .bind("before", Utc.of(replacedBefore))
            .execute());
    reload();
  }

  void reload() {
    ring = ring(database.read(TokenKeys::load));
  }

  private Ring ring(List<Dated> newestFirst) {
    Map<Integer, TokenKey> byId = new HashMap<>();
    newestFirst.forEach(dated -> byId.put(dated.key().id(), dated.key()));
    return new Ring(Map.copyOf(byId), List.copyOf(newestFirst), clock.millis());
  }

  private static List<Dated> load(Handle handle) {
    return handle
        .createQuery("SELECT id, secret, created_at FROM identity.token_key ORDER BY id DESC")
        .map((row, _) ->
            new Dated(
                new TokenKey(row.getInt("id"), row.getBytes("secret")), Utc.at(row, "created_at")))
        .list();
  }

  private void insert(Handle handle, int id) {
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    handle
        .createUpdate(
            "INSERT INTO identity.token_key (id, secret, created_at) VALUES (:id, :secret, :now)")
        .bind("id", id)
        .bind("secret", secret)
        .bind("now", Utc.of(clock.instant()))
        .execute();
  }
}
