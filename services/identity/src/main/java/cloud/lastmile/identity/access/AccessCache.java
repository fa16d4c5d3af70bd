package cloud.lastmile.identity.access;

import cloud.lastmile.platform.database.Database;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What users may do in scopes, kept in memory until it changes. Bounded; a hit needs no SQL and no
 * lock. Refusals are kept too, so that a bad token costs no more than a good one.
 */
public final class AccessCache {
  private static final int MAX_ENTRIES = 20_000;

  /** How long an entry is believed while changes on other nodes cannot be heard. */
  static final long DEAF_NANOS = Duration.ofSeconds(1).toNanos();

  private record Entry(
      Optional<Access> access, long userVersion, long targetVersion, long readAt) {}

  private final Database database;
  private final Tags tags;
  private final BooleanSupplier hearing;
  private final Cache<AccessKey, Entry> entries =
      Caffeine.newBuilder().maximumSize(MAX_ENTRIES).build();

  /**
   * @param hearing whether changes on other nodes are heard of
   */
  AccessCache(Database database, Tags tags, BooleanSupplier hearing) {
    this.database = database;
    this.tags = tags;
    this.hearing = hearing;
  }

  /** Empty if the user may not act in the scope: unknown, disabled, or without a role there. */
  public Optional<Access> find(AccessKey key) {
    Entry entry = entries.getIfPresent(key);
    long userVersion = tags.version(key.userId());
    long targetVersion = tags.version(key.scope().id());
    if (entry != null
        && entry.userVersion() == userVersion
        && entry.targetVersion() == targetVersion
        && (hearing.getAsBoolean() || System.nanoTime() - entry.readAt() < DEAF_NANOS)) {
      return entry.access();
    }
    long readAt = System.nanoTime();
    Optional<Access> access = database.read(handle -> AccessStore.find(handle, key));
    entries.put(key, new Entry(access, userVersion, targetVersion, readAt));
    return access;
  }
}
