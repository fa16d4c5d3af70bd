package cloud.lastmile.ovn;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;

/** Waits for a condition of the world outside, which cannot notify. */
final class Await {
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private Await() {}

  static void until(String what, Callable<Boolean> condition) throws Exception {
    Instant deadline = Instant.now().plus(LONGEST);
    while (!condition.call()) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError("waited in vain for " + what);
      }
      Thread.sleep(10);
    }
  }
}
