package cloud.lastmile.platform.work;

import cloud.lastmile.platform.database.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the outside state of things in line with the database: OVN's rows of a port, for example.
 * Marking a key in the transaction that changes it makes sure that the key is reconciled after the
 * commit, whatever is killed. All keys that are due at once are given together, so that a busy
 * cloud pays for one round trip and not for one per key; one call runs at a time.
 *
 * <pre>{@code
 * Reconciler ports = work.reconciler("port", keys -> ovn.write(portStore.desired(keys)));
 * ...
 * Reconciler.Mark mark = database.transact(handle -> {
 *   portStore.insert(handle, port);
 *   return ports.mark(handle, port.id());
 * });
 * boolean acknowledged = ports.await(mark, Duration.ofSeconds(10));
 * }</pre>
 */
public final class Reconciler {

  /**
   * Reads the present state of all these keys, also of those that are gone, and makes it so. If it
   * fails, fewer keys are tried at once until those that are at fault stand alone; {@link Away}
   * says that there is no use in that.
   */
  @FunctionalInterface
  public interface Reconcile {
    void run(Set<String> keys) throws Exception;
  }

  /** Nothing at all can be reconciled now; no key is at fault. */
  public static final class Away extends Exception {
    private static final long serialVersionUID = 1L;

    public Away(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * A key that cannot be reconciled, tried again ever more seldom.
   *
   * @param attempts in a row, all in vain
   * @param reason why the latest was
   */
  public record Failure(int attempts, Instant since, String reason) {}

  /** Marks whose reconciliation can be awaited after the commit. */
  public record Mark(Map<String, Long> generations, List<CompletableFuture<Boolean>> ours) {}

  private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
  private static final int LARGEST_BATCH = 500;
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;
  private static final Duration LOOK = Duration.ofMillis(50);

  /** When several keys came at once, as many are about to come again, and go together. */
  private static final Duration GATHER = Duration.ofMillis(30);

  private static final int WORTH_WAITING = 16;

  private static final Duration UNHURRIED = Duration.ofMillis(25);

  private final Database database;
  private final Wakeups wakeups;
  private final DirtyStore store;
  private final String kind;
  private final Reconcile reconcile;
  private final ReconcileQueue queue = new ReconcileQueue();
  private final Map<String, Failure> failures = new ConcurrentHashMap<>();

  /** Generations of keys that wait for another attempt. */
  private final Map<String, Long> postponed = new ConcurrentHashMap<>();

  private volatile boolean running;

  Reconciler(Database database, Node node, Wakeups wakeups, String kind, Reconcile reconcile) {
    this.database = database;
    this.wakeups = wakeups;
    this.store = new DirtyStore(kind, node);
    this.kind = kind;
    this.reconcile = reconcile;
    wakeups.on(topic(), () -> Thread.startVirtualThread(this::adopt));
  }

  String kind() {
    return kind;
  }

  private String topic() {
    return "dirty:" + kind;
  }

  public Mark mark(Handle handle, String key) {
    return mark(handle, List.of(key));
  }

  /** The keys are reconciled if and when the transaction commits. */
  public Mark mark(Handle handle, Collection<String> keys) {
    Map<String, Long> theirs = new HashMap<>();
    List<CompletableFuture<Boolean>> ours = new ArrayList<>();
    for (DirtyStore.Row row : store.mark(handle, keys)) {
      if (row.ours()) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        ours.add(done);
        handle.afterCommit(() -> queue.add(row.key(), row.generation(), List.of(done)));
      } else {
        theirs.put(row.key(), row.generation());
      }
    }
    if (!theirs.isEmpty()) {
      handle.afterCommit(() -> wakeups.tell(topic()));
    }
    return new Mark(Map.copyOf(theirs), List.copyOf(ours));
  }

  /** Reconciles soon, without a promise that survives a crash. */
  public void nudge(String key) {
    queue.add(key, 0, List.of());
  }

  /**
   * Waits until what was committed with the mark is reconciled.
   *
   * @return false if the first attempt failed or the time is over; it is tried on all the same
   */
  public boolean await(Mark mark, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      for (CompletableFuture<Boolean> done : mark.ours()) {
        if (!done.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          return false;
        }
      }
      for (Map.Entry<String, Long> their : mark.generations().entrySet()) {
        while (!isSettled(their)) {
          if (System.nanoTime() > deadline) {
            return false;
          }
          Thread.sleep(LOOK);
        }
      }
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private boolean isSettled(Map.Entry<String, Long> mark) {
    return database.read(handle -> store.isSettled(handle, mark.getKey(), mark.getValue()));
  }

  /** From the start of the node on, all these keys are reconciled again and again. */
  public Reconciler every(Duration interval, Supplier<? extends Collection<String>> keys) {
    wakeups.later(interval, () -> Thread.startVirtualThread(() -> resync(interval, keys)));
    return this;
  }

  private void resync(Duration interval, Supplier<? extends Collection<String>> keys) {
    try {
      if (running) {
        keys.get().forEach(this::nudge);
      }
    } catch (RuntimeException e) {
      LOG.warn("Cannot list what to reconcile of {}", kind, e);
    }
    every(interval, keys);
  }

  void start() {
    running = true;
    adopt();
    Thread.ofVirtual().name("reconcile-" + kind).start(this::loop);
    Thread.ofVirtual().name("settle-" + kind).start(this::settle);
  }

  /** Takes what a dead predecessor or another node left, and what we ourselves lost sight of. */
  void adopt() {
    if (running) {
      database.<List<DirtyStore.Row>>read(store::adopt).forEach(this::adopt);
    }
  }

  /** Not before its time if it failed. */
  private void adopt(DirtyStore.Row row) {
    if (postponed.getOrDefault(row.key(), -1L) < row.generation()) {
      queue.addIfAbsent(row.key(), row.generation());
    }
  }

  private void loop() {
    try {
      int expected = 1;
      while (running) {
        queue.awaitOne();
        queue.awaitMore(expected, GATHER);
        Map<String, ReconcileQueue.Entry> batch = queue.take(LARGEST_BATCH);
        // Less by little, for a few that are late would else make two small batches for good.
        expected = Math.min(Math.max(batch.size(), expected - 1), WORTH_WAITING);
        attempt(batch);
      }
    } catch (InterruptedException e) {
      LOG.debug("Reconciling {} ends", kind);
    }
  }

  /** A bad key must not keep the others: halves are tried until each that is bad stands alone. */
  private void attempt(Map<String, ReconcileQueue.Entry> batch) {
    try {
      reconcile.run(Set.copyOf(batch.keySet()));
    } catch (Exception e) {
      if (batch.size() == 1 || e instanceof Away || !running) {
        report(batch.keySet(), e);
        batch.forEach((key, entry) -> postpone(key, entry, e));
      } else {
        List<Map.Entry<String, ReconcileQueue.Entry>> all = List.copyOf(batch.entrySet());
        attempt(inOrder(all.subList(0, all.size() / 2)));
        attempt(inOrder(all.subList(all.size() / 2, all.size())));
      }
      return;
    }
    if (running) {
      batch.forEach((key, entry) -> entry.complete(true));
      failures.keySet().removeAll(batch.keySet());
      queue.done(batch);
    }
  }

  private static Map<String, ReconcileQueue.Entry> inOrder(
      List<Map.Entry<String, ReconcileQueue.Entry>> entries) {
    Map<String, ReconcileQueue.Entry> map = new LinkedHashMap<>();
    entries.forEach(entry -> map.put(entry.getKey(), entry.getValue()));
    return map;
  }

  /** In full when it is new, in a line when it was known. */
  private void report(Set<String> keys, Exception e) {
    if (keys.stream().allMatch(failures::containsKey)) {
      LOG.warn("Still cannot reconcile {} {}: {}", kind, keys, e.toString());
    } else {
      LOG.warn("Cannot reconcile {} {}", kind, keys, e);
    }
  }

  /** What cannot be reconciled at present, by key. */
  public Map<String, Failure> failing() {
    return Map.copyOf(failures);
  }

  private void postpone(String key, ReconcileQueue.Entry entry, Exception reason) {
    entry.complete(false);
    Failure failure =
        failures.merge(
            key,
            new Failure(1, Instant.now(), reason.toString()),
            (before, now) -> new Failure(before.attempts() + 1, before.since(), now.reason()));
    long pause =
        Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failure.attempts(), 10));
    postponed.put(key, entry.generation());
    wakeups.later(
        Duration.ofMillis(pause),
        () -> {
          postponed.remove(key);
          queue.add(key, entry.generation(), List.of());
        });
  }

  /** Beside the loop, so that the next batch does not wait for the database. */
  private void settle() {
    while (running) {
      try {
        Thread.sleep(UNHURRIED);
        Map<String, Long> done = new LinkedHashMap<>();
        queue.takeDone().forEach(done::put);
        database.read(handle -> store.settle(handle, done));
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("Cannot remove marks of {}; they are reconciled again", kind, e);
      }
    }
  }

  void stop() {
    running = false;
    queue.close();
    database.change(store::release);
  }

  /** For tests: as if the process were killed now. */
  void kill() {
    running = false;
    queue.close();
  }
}
