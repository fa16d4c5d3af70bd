package cloud.lastmile.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Waits in a test for a condition, never for a time. The bound only ends a test that is broken. */
public final class Await {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Await() {}

  /** Returns when the condition holds; an exception of it counts as not yet. */
  public static void until(String what, Callable<Boolean> condition) {
    value(what, condition, holds -> holds);
  }

  /** The first value that is as wanted; the failure shows the last one seen. */
  public static <T> T value(String what, Callable<T> supplier, Predicate<T> wanted) {
    return value(what, LIMIT, supplier, wanted);
  }

  public static <T> T value(
      String what, Duration limit, Callable<T> supplier, Predicate<T> wanted) {
    long deadline = System.nanoTime() + limit.toNanos();
    long pause = 1_000_000;
    @Nullable T last = null;
    @Nullable Exception failure = null;
    do {
      try {
        failure = null;
        last = supplier.call();
        if (wanted.test(last)) {
          return last;
        }
      } catch (Exception e) {
        failure = e;
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(pause * 2, 50_000_000);
    } while (System.nanoTime() < deadline);
    throw new AssertionError(
        "Waited " + limit.toSeconds() + " s in vain: " + what + "; last seen: " + last, failure);
  }
}
