package cloud.lastmile.identity.password;

import java.time.Duration;

/**
 * How many logins were wrong and how many are not over yet, of those that are counted together.
 * There may be very many of these.
 */
final class LoginCounter {
  private int wrong;
  private int running;

  /**
   * Counts one more, unless it may be one wrong guess too many; while those under way decide that,
   * it waits for them.
   *
   * @param atOnce how many may be under way
   */
  synchronized boolean begin(int limit, int atOnce, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      while (wrong < limit && (wrong + running >= limit || running >= atOnce)) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        wait(left);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
    if (wrong >= limit) {
      return false;
    }
    running++;
    return true;
  }

  synchronized void end(boolean wasWrong) {
    running--;
    if (wasWrong) {
      wrong++;
    }
    notifyAll();
  }
}
