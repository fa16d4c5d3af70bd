package cloud.lastmile.identity.access;

import cloud.lastmile.identity.token.TokenVia;
import cloud.lastmile.platform.database.Database;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What users may do in scopes, kept in memory until it changes. Bounded; a hit needs no SQL and no
 * lock. Refusals are kept too, so that a bad token costs no more than a good one.
 */
public final class AccessCache {
  /** Tens of thousands of users; what a delegation may do can be long and is its maker's choice. */
  private static final long MAX_BYTES = 32 << 20;

  private static final int ENTRY_BYTES = 500;

  /** How long an entry is believed while changes on other nodes cannot be heard. */
  static final long DEAF_NANOS = Duration.ofSeconds(1).toNanos();

  /**
   * What was found.
   *
   * @param others what it depends on besides what the key names
   * @param version of all that it depends on, see {@link #version}
   */
  private record Entry(Optional<Access> access, List<String> others, long version, long readAt) {
    boolean validAt(Instant now) {
      return access.isEmpty() || now.isBefore(access.get().validUntil());
    }
  }

  private final Database database;
  private final Tags tags;
  private final BooleanSupplier hearing;
  private final InstantSource clock;
  private final Cache<AccessKey, Entry> entries =
      Caffeine.newBuilder()
          .maximumWeight(MAX_BYTES)
          .weigher((AccessKey key, Entry entry) -> weight(key, entry))
          .build();

  /**
   * @param hearing whether changes on other nodes are heard of
   */
  AccessCache(Database database, Tags tags, BooleanSupplier hearing, InstantSource clock) {
    this.database = database;
    this.tags = tags;
    this.hearing = hearing;
    this.clock = clock;
  }

  /** About how many bytes of memory: nearly all is text. */
  private static int weight(AccessKey key, Entry entry) {
    return ENTRY_BYTES
        + key.toString().length()
        + entry.access().toString().length()
        + entry.others().toString().length();
  }

  /** Empty if the user may not act in the scope: unknown, disabled, or without a role there. */
  public Optional<Access> find(AccessKey key) {
    Entry entry = entries.getIfPresent(key);
    List<String> others = entry == null ? others(key) : entry.others();
    long version = version(key, others);
    if (entry != null
        && entry.version() == version
        && entry.validAt(clock.instant())
        && (hearing.getAsBoolean() || System.nanoTime() - entry.readAt() < DEAF_NANOS)) {
      return entry.access();
    }
    long readAt = System.nanoTime();
    Instant now = clock.instant();
    Optional<Access> access = database.read(handle -> AccessStore.find(handle, key, now));
    entries.put(key, new Entry(access, others, version, readAt));
    return access;
  }

  /**
   * A trust that was made from another lends what its first trustor has, as long as everyone
   * between is there. Who they are never changes.
   */
  private List<String> others(AccessKey key) {
    return key.via().lender() instanceof TokenVia.Trust trust
        ? database.read(handle -> AccessStore.chain(handle, trust.id()))
        : List.of();
  }

  /** Versions only grow, so their sum is the same only if each is. */
  private long version(AccessKey key, List<String> others) {
    long own = tags.version(key.userId()) + tags.version(key.scope().id());
    for (String other : others) {
      own += tags.version(other);
    }
    return own + version(key.via());
  }

  private long version(TokenVia via) {
    return switch (via) {
      case TokenVia.Own _ -> 0;
      case TokenVia.Credential credential -> tags.version(credential.id());
      case TokenVia.Trust trust -> tags.version(trust.id()) + tags.version(trust.otherId());
      case TokenVia.AccessToken token ->
          tags.version(token.id()) + tags.version(token.consumerId());
      case TokenVia.Ec2Keys keys -> tags.version(keys.credentialId()) + version(keys.made());
      case TokenVia.Federation federation -> tags.version(federation.providerId());
    };
  }
}
