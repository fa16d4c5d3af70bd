package cloud.lastmile.ovn;

import cloud.lastmile.ovn.rows.Owner;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers which resources were changed lately, so that a comparison with a desired state that was
 * read a moment before does not undo the change.
 */
final class RecentOwners {
  private static final long LATELY = Duration.ofMinutes(1).toNanos();
  private static final int MANY = 4096;

  private final Map<Owner, Long> touched = new ConcurrentHashMap<>();

  void touch(Owner owner) {
    long now = System.nanoTime();
    if (touched.size() > MANY) {
      touched.values().removeIf(when -> now - when > LATELY);
    }
    touched.put(owner, now);
  }

  /** A change that failed is not newer than anything. */
  void forget(Owner owner) {
    touched.remove(owner);
  }

  boolean contains(Owner owner) {
    Long when = touched.get(owner);
    return when != null && System.nanoTime() - when <= LATELY;
  }
}
