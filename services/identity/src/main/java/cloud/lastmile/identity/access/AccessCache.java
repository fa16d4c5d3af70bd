package cloud.lastmile.identity.access;

import cloud.lastmile.platform.database.Database;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;

/**
 * What users may do in scopes, kept in memory until it changes. Bounded; a hit needs no SQL and no
 * lock. Refusals are kept too, so that a bad token costs no more than a good one.
 */
public final class AccessCache {
  private static final int MAX_ENTRIES = 20_000;

  private record Entry(Optional<Access> access, long userVersion, long targetVersion) {}

  private final Database database;
  private final Tags tags;
  private final Cache<AccessKey, Entry> entries =
      Caffeine.newBuilder().maximumSize(MAX_ENTRIES).build();

  AccessCache(Database database, Tags tags) {
    this.database = database;
    this.tags = tags;
  }

  /** Empty if the user may not act in the scope: unknown, disabled, or without a role there. */
  public Optional<Access> find(AccessKey key) {
    Entry entry = entries.getIfPresent(key);
    long userVersion = tags.version(key.userId());
    long targetVersion = tags.version(key.scope().id());
    if (entry != null
        && entry.userVersion() == userVersion
        && entry.targetVersion() == targetVersion) {
      return entry.access();
    }
    Optional<Access> access = database.read(handle -> AccessStore.find(handle, key));
    entries.put(key, new Entry(access, userVersion, targetVersion));
    return access;
  }
}
