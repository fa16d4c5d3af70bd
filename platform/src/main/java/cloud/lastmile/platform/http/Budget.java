package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * What requests may take of the process together: how many are answered at once, and how many bytes
 * their bodies hold. Who comes when there is nothing left waits briefly and is then told to come
 * again. No address gets more than half.
 */
final class Budget {
  /** Bodies that cost less need no place of their own: the number of requests bounds them. */
  private static final long SMALL = 16 * 1024;

  private static final class Share {
    int requests;
    int transfers;
    long bytes;
    int waiting;

    boolean isEmpty() {
      return requests == 0 && transfers == 0 && bytes == 0 && waiting == 0;
    }
  }

  private final HttpLimits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition freed = lock.newCondition();
  private final Map<String, Share> shares = new HashMap<>();
  private final Share all = new Share();
  private int waiting;

  Budget(HttpLimits limits) {
    this.limits = limits;
  }

  /**
   * Waits for a place.
   *
   * @throws ApiException unavailable, if there is none in time
   */
  Lease enter(String address) {
    Lease lease = new Lease(address);
    lock.lock();
    try {
      Share share = shares.computeIfAbsent(address, _ -> new Share());
      lease.share = share;
      await(
          share,
          () -> all.requests < limits.requests() && share.requests < most(limits.requests()));
      all.requests++;
      share.requests++;
      lease.requests = 1;
      return lease;
    } finally {
      forgetIfEmpty(lease);
      lock.unlock();
    }
  }

  private static int most(int all) {
    return Math.max(all / 2, 1);
  }

  /** With the lock held. */
  private void await(Share share, BooleanSupplier free) {
    long left = limits.patience().toNanos();
    // More would only wait for each other.
    boolean mayWait = waiting < 4 * limits.requests();
    waiting++;
    share.waiting++;
    try {
      while (!free.getAsBoolean()) {
        if (!mayWait || left <= 0) {
          throw ApiException.unavailable(
              "The service is busy with other requests. Please try again.", null);
        }
        left = freed.awaitNanos(left);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw ApiException.unavailable("The service is stopping.", null);
    } finally {
      waiting--;
      share.waiting--;
    }
  }

  private void forgetIfEmpty(Lease lease) {
    if (lease.share.isEmpty()) {
      shares.remove(lease.address, lease.share);
    }
  }

  /** What one request has taken. Given back once, whoever ends it. */
  final class Lease {
    private final String address;
    private Share share = new Share();
    private int requests;
    private int transfers;
    private long bytes;

    private Lease(String address) {
      this.address = address;
    }

    /**
     * Takes so many bytes in all, at least.
     *
     * @throws ApiException unavailable, if they are not to be had in time
     */
    void bytes(long wanted) {
      if (wanted <= SMALL || wanted <= bytes) {
        return;
      }
      lock.lock();
      try {
        long more = wanted - bytes;
        rejoin();
        await(
            share,
            () ->
                all.bytes + more <= limits.bodyBytes()
                    && share.bytes + more <= limits.bodyBytes() / 2);
        all.bytes += more;
        share.bytes += more;
        bytes += more;
      } finally {
        forgetIfEmpty(this);
        lock.unlock();
      }
    }

    /**
     * From now on this is a transfer: it may last long, holds little, and keeps no place that
     * others wait for.
     */
    void transfer() {
      if (transfers == 1) {
        return;
      }
      lock.lock();
      try {
        rejoin();
        await(
            share,
            () -> all.transfers < limits.transfers() && share.transfers < most(limits.transfers()));
        all.transfers++;
        share.transfers++;
        transfers = 1;
        all.requests -= requests;
        share.requests -= requests;
        requests = 0;
        freed.signalAll();
      } finally {
        forgetIfEmpty(this);
        lock.unlock();
      }
    }

    private void rejoin() {
      Share known = shares.putIfAbsent(address, share);
      share = known == null ? share : known;
    }

    void close() {
      lock.lock();
      try {
        all.requests -= requests;
        all.transfers -= transfers;
        all.bytes -= bytes;
        share.requests -= requests;
        share.transfers -= transfers;
        share.bytes -= bytes;
        requests = 0;
        transfers = 0;
        bytes = 0;
        forgetIfEmpty(this);
        if (waiting > 0) {
          freed.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** How many requests are being answered, transfers too. */
  int count() {
    lock.lock();
    try {
      return all.requests + all.transfers;
    } finally {
      lock.unlock();
    }
  }

  /** How many bytes bodies take. */
  long bytes() {
    lock.lock();
    try {
      return all.bytes;
    } finally {
      lock.unlock();
    }
  }
}
