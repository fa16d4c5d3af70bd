package cloud.lastmile.identity.password;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** How many logins were wrong and how many are not over yet, of those that are counted together. */
final class LoginCounter {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private int wrong;
  private int running;

  /**
   * Counts one more, unless it may be one wrong guess too many; while those under way decide that,
   * it waits for them.
   */
  boolean begin(int limit, Duration patience) {
    lock.lock();
    try {
      long left = patience.toNanos();
      while (wrong < limit && wrong + running >= limit && left > 0) {
        left = ended.awaitNanos(left);
      }
      if (wrong + running >= limit) {
        return false;
      }
      running++;
      return true;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  void end(boolean wasWrong) {
    lock.lock();
    try {
      running--;
      if (wasWrong) {
        wrong++;
      }
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
