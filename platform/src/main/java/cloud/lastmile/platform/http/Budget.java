package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What requests may take of the process together: how many are answered at once, and how many bytes
 * their bodies and answers hold. Who comes when there is nothing left waits briefly and is then
 * told to come again. Nobody, an address or who is known by then, gets more than half; what becomes
 * free is for whoever has least.
 *
 * <p>Who waits for its own client takes no place meanwhile, else slow clients would take them all.
 * What it must keep, bytes and transfers, it loses when others need them: the slowest goes first.
 */
final class Budget {
  /** Bodies that cost less need no place of their own: the number of requests bounds them. */
  static final int SMALL = 16 * 1024;

  private enum Kind {
    REQUESTS,
    TRANSFERS,
    BYTES
  }

  private static final class Share {
    final EnumMap<Kind, Long> taken = new EnumMap<>(Kind.class);
    int waiting;

    long has(Kind kind) {
      return taken.getOrDefault(kind, 0L);
    }

    void add(Kind kind, long count) {
      taken.merge(kind, count, Long::sum);
    }

    boolean isEmpty() {
      return waiting == 0 && taken.values().stream().allMatch(count -> count == 0);
    }
  }

  /** One who waits. */
  private static final class Turn {
    final Share share;
    final Kind kind;
    final long count;
    final Condition came;
    boolean isHere;

    Turn(Share share, Kind kind, long count, Condition came) {
      this.share = share;
      this.kind = kind;
      this.count = count;
      this.came = came;
    }
  }

  private final HttpLimits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Share> shares = new HashMap<>();
  private final Share all = new Share();
  private final List<Turn> waiting = new ArrayList<>();

  /** Those that wait for their clients. */
  private final Set<Lease> slow = new HashSet<>();

  private int open;

  Budget(HttpLimits limits) {
    this.limits = limits;
  }

  /**
   * Waits for a place.
   *
   * @param cut ends the request, from outside, if it keeps others waiting for its slow client
   * @throws ApiException unavailable, if there is none in time
   */
  Lease enter(String address, Runnable cut) {
    Lease lease = new Lease(address, cut);
    lock.lock();
    try {
      lease.take(Kind.REQUESTS, 1);
      open++;
      lease.isOpen = true;
      return lease;
    } finally {
      lock.unlock();
    }
  }

  private long limit(Kind kind) {
    return switch (kind) {
      case REQUESTS -> limits.requests();
      case TRANSFERS -> limits.transfers();
      case BYTES -> limits.bodyBytes();
    };
  }

  private boolean fits(Share share, Kind kind, long count) {
    long limit = limit(kind);
    return all.has(kind) + count <= limit && share.has(kind) + count <= Math.max(limit / 2, 1);
  }

  /** With the lock held: hands on what has become free. */
  private void admit(Kind kind) {
    while (!waiting.isEmpty()) {
      Turn next =
          waiting.stream()
              .filter(turn -> turn.kind == kind && fits(turn.share, kind, turn.count))
              .min(Comparator.comparingLong(turn -> turn.share.has(kind)))
              .orElse(null);
      if (next == null) {
        return;
      }
      waiting.remove(next);
      // At once, not when its thread wakes: who comes in between must not find the room full.
      next.share.waiting--;
      next.share.add(kind, next.count);
      all.add(kind, next.count);
      next.isHere = true;
      next.came.signal();
    }
  }

  /** With the lock held: cuts off the slowest of those that keep what others need. */
  private void evict(Kind kind) {
    long now = System.nanoTime();
    Lease slowest =
        slow.stream()
            .filter(lease -> lease.has(kind) > 0 && now - lease.slowSince >= HttpLimits.SLOW_NANOS)
            .max(Comparator.comparingLong(lease -> now - lease.slowSince))
            .orElse(null);
    if (slowest != null) {
      slow.remove(slowest);
      // It gives back what it has itself, when it sees that its client is gone.
      Thread.ofVirtual().name("http-cut").start(slowest.cut);
    }
  }

  /** What one request has taken. Given back once, whoever ends it. */
  final class Lease {
    private final EnumMap<Kind, Long> mine = new EnumMap<>(Kind.class);
    private final Runnable cut;
    private String owner;
    private long slowSince;
    private boolean isOpen;

    private Lease(String owner, Runnable cut) {
      this.owner = owner;
      this.cut = cut;
    }

    private long has(Kind kind) {
      return mine.getOrDefault(kind, 0L);
    }

    /** With the lock held. */
    private void take(Kind kind, long count) {
      Share share = shares.computeIfAbsent(owner, _ -> new Share());
      if (fits(share, kind, count)) {
        share.add(kind, count);
        all.add(kind, count);
      } else {
        await(share, kind, count);
      }
      mine.merge(kind, count, Long::sum);
    }

    private void await(Share share, Kind kind, long count) {
      Turn turn = new Turn(share, kind, count, lock.newCondition());
      try {
        // More would only wait for each other.
        int room = 4 * limits.requests();
        if (waiting.size() < room && share.waiting < room / 4) {
          share.waiting++;
          waiting.add(turn);
          try {
            long deadline = System.nanoTime() + limits.patience().toNanos();
            for (long left = deadline - System.nanoTime();
                !turn.isHere && left > 0;
                left = deadline - System.nanoTime()) {
              evict(kind);
              long _ = turn.came.awaitNanos(Math.min(left, HttpLimits.SLOW_NANOS / 4));
            }
          } finally {
            if (waiting.remove(turn)) {
              share.waiting--;
            }
          }
        }
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
      if (!turn.isHere) {
        forgetIfEmpty(share);
        throw ApiException.unavailable(
            "The service is busy with other requests. Please try again.", null);
      }
    }

    /** With the lock held. */
    private void give(Kind kind) {
      long count = has(kind);
      Share share = shares.get(owner);
      if (count == 0 || share == null) {
        return;
      }
      mine.put(kind, 0L);
      share.add(kind, -count);
      all.add(kind, -count);
      forgetIfEmpty(share);
      admit(kind);
    }

    private void forgetIfEmpty(Share share) {
      if (share.isEmpty()) {
        shares.remove(owner, share);
      }
    }

    /**
     * From now on it is known whose this is: it counts for that one, and for its address no more.
     *
     * @throws ApiException unavailable, if that one has too many
     */
    void charge(String payer) {
      lock.lock();
      try {
        give(Kind.REQUESTS);
        owner = payer;
        take(Kind.REQUESTS, 1);
      } finally {
        lock.unlock();
      }
    }

    /**
     * Takes so many bytes in all, at least.
     *
     * @throws ApiException unavailable, if they are not to be had in time
     */
    void bytes(long wanted) {
      lock.lock();
      try {
        if (isOpen && wanted > SMALL && wanted > has(Kind.BYTES)) {
          take(Kind.BYTES, wanted - has(Kind.BYTES));
        }
      } finally {
        lock.unlock();
      }
    }

    /**
     * From now on this is a transfer: it may last long, holds little, and keeps no place that
     * others wait for.
     */
    void transfer() {
      lock.lock();
      try {
        if (isOpen && has(Kind.TRANSFERS) == 0) {
          take(Kind.TRANSFERS, 1);
          give(Kind.REQUESTS);
        }
      } finally {
        lock.unlock();
      }
    }

    /**
     * The answer is there, in memory; the rest is the client's to take. Refuses nothing, for the
     * work is done, but whoever takes no answers goes when there are too many.
     */
    void answering(long bytes) {
      lock.lock();
      try {
        give(Kind.REQUESTS);
        if (isOpen && bytes > SMALL) {
          shares.computeIfAbsent(owner, _ -> new Share()).add(Kind.BYTES, bytes);
          all.add(Kind.BYTES, bytes);
          mine.merge(Kind.BYTES, bytes, Long::sum);
        }
        if (all.has(Kind.BYTES) > limits.bodyBytes()) {
          evict(Kind.BYTES);
        }
        waitsForClient(0);
      } finally {
        lock.unlock();
      }
    }

    /**
     * Gives up the place while the client is waited for.
     *
     * @param before how long it has been already
     */
    void pause(long before) {
      lock.lock();
      try {
        give(Kind.REQUESTS);
        waitsForClient(before);
      } finally {
        lock.unlock();
      }
    }

    private void waitsForClient(long before) {
      if (isOpen) {
        slowSince = System.nanoTime() - before;
        slow.add(this);
      }
    }

    /**
     * The client is here again.
     *
     * @throws ApiException unavailable, if there is no place any more
     */
    void resume() {
      lock.lock();
      try {
        slow.remove(this);
        if (isOpen && has(Kind.TRANSFERS) == 0) {
          take(Kind.REQUESTS, 1);
        }
      } finally {
        lock.unlock();
      }
    }

    /** The client is here again, for more of its answer. */
    void reads() {
      lock.lock();
      try {
        slow.remove(this);
      } finally {
        lock.unlock();
      }
    }

    void close() {
      lock.lock();
      try {
        if (isOpen) {
          isOpen = false;
          open--;
          slow.remove(this);
          for (Kind kind : Kind.values()) {
            give(kind);
          }
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** How many requests are being answered, transfers and those that wait for clients too. */
  int count() {
    lock.lock();
    try {
      return open;
    } finally {
      lock.unlock();
    }
  }

  /** How many bytes bodies and answers take. */
  long bytes() {
    lock.lock();
    try {
      return all.has(Kind.BYTES);
    } finally {
      lock.unlock();
    }
  }
}
