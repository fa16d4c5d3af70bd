package cloud.lastmile.platform.work;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The keys that are due, each once, in the order in which they became so. */
final class ReconcileQueue {

  /**
   * @param generation the latest mark; 0 if there is none in the database
   */
  record Entry(long generation, List<CompletableFuture<Boolean>> waiting) {
    void complete(boolean reconciled) {
      waiting.forEach(future -> future.complete(reconciled));
    }

    private Entry and(long another, List<CompletableFuture<Boolean>> more) {
      List<CompletableFuture<Boolean>> all = new ArrayList<>(waiting);
      all.addAll(more);
      return new Entry(Math.max(generation, another), all);
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition due = lock.newCondition();
  private final Condition done = lock.newCondition();
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private Map<String, Long> reconciled = new HashMap<>();
  private Map<String, Entry> running = Map.of();
  private boolean closed;

  void add(String key, long generation, List<CompletableFuture<Boolean>> waiting) {
    lock.lock();
    try {
      Entry before = entries.getOrDefault(key, new Entry(0, List.of()));
      entries.put(key, before.and(generation, waiting));
      due.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Not if the same mark is queued or just being reconciled. */
  void addIfAbsent(String key, long generation) {
    lock.lock();
    try {
      boolean known =
          isKnown(entries.get(key), generation)
              || isKnown(running.get(key), generation)
              || reconciled.getOrDefault(key, -1L) >= generation;
      if (!known) {
        add(key, generation, List.of());
      }
    } finally {
      lock.unlock();
    }
  }

  private static boolean isKnown(@org.jspecify.annotations.Nullable Entry entry, long generation) {
    return entry != null && entry.generation() >= generation;
  }

  /** Waits for at least one key. */
  void awaitOne() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      running = Map.of();
      while (entries.isEmpty()) {
        ending();
        due.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits for so many keys, but not for longer than this. */
  void awaitMore(int keys, Duration limit) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = limit.toNanos();
      while (entries.size() < keys && left > 0) {
        ending();
        left = due.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The keys that are due, the first ones if there are more. */
  Map<String, Entry> take(int most) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      ending();
      Map<String, Entry> batch = new LinkedHashMap<>();
      Iterator<Map.Entry<String, Entry>> all = entries.entrySet().iterator();
      while (all.hasNext() && batch.size() < most) {
        Map.Entry<String, Entry> entry = all.next();
        batch.put(entry.getKey(), entry.getValue());
        all.remove();
      }
      running = batch;
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /** These marks can be removed. */
  void done(Map<String, Entry> batch) {
    lock.lock();
    try {
      batch.forEach((key, entry) -> {
        if (entry.generation() > 0) {
          reconciled.put(key, entry.generation());
        }
      });
      done.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for marks that can be removed. */
  Map<String, Long> takeDone() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (reconciled.isEmpty()) {
        ending();
        done.await();
      }
      Map<String, Long> all = reconciled;
      reconciled = new HashMap<>();
      return all;
    } finally {
      lock.unlock();
    }
  }

  private void ending() throws InterruptedException {
    if (closed) {
      throw new InterruptedException("The node stops");
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      due.signalAll();
      done.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
