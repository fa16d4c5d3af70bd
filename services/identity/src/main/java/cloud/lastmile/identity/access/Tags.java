package cloud.lastmile.identity.access;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Versions of what cached entries were made from, by tag, in a fixed amount of memory: tags share
 * counters, so that a change sometimes refreshes an entry in vain but never spares a stale one.
 *
 * <p>A reader takes the versions before it reads the database and keeps them with what it read. A
 * writer raises them after its commit. Then whatever was read before the commit has an old version,
 * without any lock.
 */
final class Tags {
  private static final int COUNTERS = 1 << 14;

  private final AtomicLongArray counters = new AtomicLongArray(COUNTERS);
  private final AtomicLong all = new AtomicLong();

  long version(String tag) {
    return counters.get(index(tag)) + all.get();
  }

  void raise(String tag) {
    counters.incrementAndGet(index(tag));
  }

  void raiseAll() {
    all.incrementAndGet();
  }

  private static int index(String tag) {
    int hash = tag.hashCode();
    return (hash ^ (hash >>> 15)) & (COUNTERS - 1);
  }
}
