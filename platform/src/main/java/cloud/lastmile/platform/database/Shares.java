package cloud.lastmile.platform.database;

import cloud.lastmile.platform.core.ApiException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Divides places among those who want them. Somebody alone may take most, but never all; as soon as
 * others come, the places are for all of them alike. Nobody is kept from the least share, so that a
 * newcomer waits for one piece of work to end at most.
 */
final class Shares {
  private final int places;
  private final int most;
  private final int least;
  private final Duration patience;
  private final ReentrantLock lock = new ReentrantLock();

  /** Of those who have or want a place; guarded by the lock. */
  private final Map<String, Share> shares = new HashMap<>();

  private static final class Share {
    private final Queue<Turn> waiting = new ArrayDeque<>();
    private int taken;
  }

  /** One who waits. */
  private static final class Turn {
    private final Condition came;
    private boolean isHere;

    Turn(Condition came) {
      this.came = came;
    }
  }

  /**
   * @param places how many there are
   * @param most that one may take while nobody else wants any
   * @param least that one may always take
   * @param patience how long one waits for its turn
   */
  Shares(int places, int most, int least, Duration patience) {
    this.places = places;
    this.most = most;
    this.least = least;
    this.patience = patience;
  }

  /**
   * To be followed by {@link #leave}.
   *
   * @throws ApiException unavailable if its turn does not come
   */
  void enter(String who) {
    lock.lock();
    try {
      Share share = shares.computeIfAbsent(who, _ -> new Share());
      if (share.waiting.isEmpty() && share.taken < allowed()) {
        share.taken++;
        return;
      }
      Turn turn = new Turn(lock.newCondition());
      share.waiting.add(turn);
      boolean came = false;
      try {
        came = await(turn);
      } finally {
        if (!came) {
          giveUp(who, share, turn);
        }
      }
      if (!came) {
        throw ApiException.unavailable(
            "Too many requests are under way for you already; try again later.", null);
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean await(Turn turn) {
    long nanos = patience.toNanos();
    try {
      while (!turn.isHere && nanos > 0) {
        nanos = turn.came.awaitNanos(nanos);
      }
      return turn.isHere;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.unavailable("Interrupted while waiting for the database.", e);
    }
  }

  private void giveUp(String who, Share share, Turn turn) {
    if (turn.isHere) {
      // It came in the same moment.
      free(who, share);
    } else {
      share.waiting.remove(turn);
      forget(who, share);
    }
  }

  private int allowed() {
    int each = (places + shares.size() - 1) / shares.size();
    return Math.max(least, Math.min(most, each));
  }

  void leave(String who) {
    lock.lock();
    try {
      Share share = shares.get(who);
      if (share == null) {
        throw new IllegalStateException(who + " has no share");
      }
      free(who, share);
    } finally {
      lock.unlock();
    }
  }

  private void free(String who, Share share) {
    share.taken--;
    admit(share);
    forget(who, share);
  }

  private void admit(Share share) {
    while (!share.waiting.isEmpty() && share.taken < allowed()) {
      Turn next = share.waiting.remove();
      next.isHere = true;
      share.taken++;
      next.came.signal();
    }
  }

  private void forget(String who, Share share) {
    if (share.taken == 0 && share.waiting.isEmpty() && shares.remove(who, share)) {
      // The others may have more now.
      shares.values().forEach(this::admit);
    }
  }
}
