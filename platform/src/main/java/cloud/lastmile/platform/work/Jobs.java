package cloud.lastmile.platform.work;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the {@link Saga}s of this cloud. A job is submitted in the transaction that accepts the
 * request, and runs on some node after it commits, whatever is killed in between. Jobs of one key
 * run one after the other in the order of their submission, whatever their kinds; take the
 * resource's id as the key.
 */
public final class Jobs {

  private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);
  static final String TOPIC = "jobs";
  private static final int DEFAULT_CONCURRENCY = 32;
  private static final Duration FALLBACK = Duration.ofSeconds(2);
  private static final Duration KEPT = Duration.ofDays(7);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

  private static final int NO_SHARES = Integer.MAX_VALUE;

  /**
   * A kind of job as it runs here.
   *
   * @param share jobs of one project that run at once
   * @param running how many do, by project; only those of kinds that have shares
   */
  private record Kind(Saga<?> saga, Semaphore slots, int share, Map<String, Integer> running) {

    boolean isShared() {
      return share != NO_SHARES;
    }

    boolean hasRoomFor(String project) {
      return running.getOrDefault(project, 0) < share;
    }

    void begin(String project) {
      if (isShared()) {
        running.merge(project, 1, Integer::sum);
      }
    }

    void end(String project) {
      if (isShared()) {
        running.computeIfPresent(project, (_, count) -> count == 1 ? null : count - 1);
      }
    }
  }

  private enum Phase {
    NEW,
    RUNNING,
    STOPPING,
    DEAD
  }

  private final Database database;
  private final Node node;
  private final Wakeups wakeups;
  private final JobStore store;
  private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

  /** The jobs that run here. A lease that is ours by mistake, of a lost commit, is let expire. */
  private final Set<Long> held = ConcurrentHashMap.newKeySet();

  private final Semaphore signal = new Semaphore(0);
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("job-", 0).factory());
  private volatile Phase phase = Phase.NEW;
  private volatile boolean backlog = true;

  private final JobRun.Engine engine =
      new JobRun.Engine() {
        @Override
        public boolean isStopping() {
          return phase != Phase.RUNNING;
        }

        @Override
        public boolean isDead() {
          return phase == Phase.DEAD;
        }
      };

  Jobs(Database database, Node node, Wakeups wakeups) {
    this.database = database;
    this.node = node;
    this.wakeups = wakeups;
    this.store = new JobStore(node.owner());
    wakeups.on(TOPIC, this::wake);
  }

  /** Makes a kind known to this node; all are registered before the node starts. */
  public void register(Saga<?> saga) {
    register(saga, DEFAULT_CONCURRENCY);
  }

  /**
   * @param concurrency jobs of the kind that this node runs at once
   */
  public void register(Saga<?> saga, int concurrency) {
    register(saga, concurrency, NO_SHARES);
  }

  /**
   * @param concurrency jobs of the kind that this node runs at once
   * @param share how many of them may be one project's, however many it waits for
   */
  public void register(Saga<?> saga, int concurrency, int share) {
    Kind kind = new Kind(saga, new Semaphore(concurrency), share, new ConcurrentHashMap<>());
    if (kinds.putIfAbsent(saga.name(), kind) != null) {
      throw new IllegalArgumentException("There are two sagas of the name " + saga.name());
    }
  }

  /**
   * Accepts a job if and when the transaction commits.
   *
   * @param key the id of the resource
   * @param requestId goes into all log lines of the job
   * @param projectId whose share it takes, and for operators; may be absent
   */
  public <S> void submit(
      Handle handle,
      Saga<S> saga,
      String key,
      S state,
      String requestId,
      @Nullable String projectId) {
    Kind kind = kinds.get(saga.name());
    if (kind == null) {
      throw new IllegalStateException("The saga " + saga.name() + " is not registered");
    }
    // Those of a kind with shares are claimed one after the other, by {@link #claim} alone.
    boolean lease =
        phase == Phase.RUNNING && !kind.isShared() && kind.slots().availablePermits() > 0;
    String json = Json.mapper().writeValueAsString(state);
    JobStore.Submitted submitted =
        store.insert(handle, saga.name(), key, json, requestId, projectId, lease);
    if (!submitted.leased()) {
      handle.afterCommit(this::wakeAll);
      return;
    }
    // The usual way: this node has the lease from the start and needs to ask nobody for it.
    JobStore.Row row =
        new JobStore.Row(
            submitted.id(), saga.name(), key, json, 0, false, 0, 0, requestId, null, projectId);
    handle.afterCommit(() -> begin(kind, row));
  }

  /** Makes the waiting jobs of these keys look at once at what they wait for. */
  public void nudge(List<String> keys) {
    if (database.read(handle -> store.nudge(handle, keys))) {
      wakeAll();
    }
  }

  /** {@link #nudge(List)} if and when the transaction commits. */
  public void nudge(Handle handle, String key) {
    if (store.nudge(handle, List.of(key))) {
      handle.afterCommit(this::wakeAll);
    }
  }

  /** How many jobs of the key are not finished. */
  public int live(Handle handle, String key) {
    return store.live(handle, key);
  }

  private void wakeAll() {
    wake();
    wakeups.tell(TOPIC);
  }

  private void wake() {
    backlog = true;
    signal.release();
  }

  void start() {
    database.change(handle -> store.freeLeases(handle, node.allBoots()));
    phase = Phase.RUNNING;
    Thread.ofVirtual().name("jobs").start(this::dispatch);
  }

  private void dispatch() {
    while (phase == Phase.RUNNING) {
      try {
        claim();
        if (signal.tryAcquire(FALLBACK.toMillis(), TimeUnit.MILLISECONDS)) {
          signal.drainPermits();
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("Cannot claim jobs", e);
        wakeups.later(Duration.ofMillis(500), signal::release);
        signal.acquireUninterruptibly();
      }
    }
  }

  private void claim() {
    boolean more;
    do {
      more = claimOnce();
    } while (more && phase == Phase.RUNNING);
  }

  /** Whether there may be more of a kind of which one is taken at a time. */
  private boolean claimOnce() {
    Map<String, Integer> room = new HashMap<>();
    Set<String> full = new HashSet<>();
    kinds.forEach((name, kind) -> {
      int slots = kind.slots().availablePermits();
      if (slots > 0) {
        room.put(name, kind.isShared() ? 1 : slots);
      }
      kind.running().keySet().stream()
          .filter(project -> !kind.hasRoomFor(project))
          .forEach(project -> full.add(name + "/" + project));
    });
    backlog = room.size() < kinds.size() || !full.isEmpty();
    if (room.isEmpty()) {
      return false;
    }
    List<JobStore.Row> rows = database.read(handle -> store.claim(handle, room, full));
    rows.forEach(row -> room.merge(row.kind(), -1, Integer::sum));
    if (room.containsValue(0)) {
      backlog = true; // there may be more of a kind that has no room left
    }
    rows.forEach(row -> begin(kind(row.kind()), row));
    return rows.stream().anyMatch(row -> kind(row.kind()).isShared());
  }

  private Kind kind(String name) {
    Kind kind = kinds.get(name);
    if (kind == null) {
      throw new IllegalStateException("No saga " + name);
    }
    return kind;
  }

  private void begin(Kind kind, JobStore.Row row) {
    if (phase == Phase.RUNNING) {
      held.add(row.id());
      boolean taken = kind.isShared() && kind.slots().tryAcquire();
      kind.begin(row.project());
      threads.execute(() -> run(kind, row, taken));
    }
  }

  private void run(Kind kind, JobStore.Row row, boolean taken) {
    JobRun.Outcome outcome = JobRun.Outcome.LOST;
    if (!taken) {
      kind.slots().acquireUninterruptibly();
    }
    try {
      outcome = new JobRun<>(database, store, engine, kind.saga(), row).run();
    } catch (RuntimeException e) {
      LOG.error("Job {} {} of {} cannot be run", row.id(), row.kind(), row.key(), e);
    } finally {
      held.remove(row.id());
      kind.end(row.project());
      kind.slots().release();
    }
    if (outcome.anotherIsDue() || backlog) {
      signal.release();
    }
    outcome.pause().ifPresent(pause -> wakeups.later(pause, signal::release));
  }

  void beat() {
    database.change(handle -> {
      store.extendLeases(handle, held);
      store.freeLeases(handle, node.allBoots());
    });
  }

  /** Forgets jobs that ended long ago. */
  void trim() {
    database.change(handle -> store.trim(handle, KEPT));
  }

  /** Lets the steps under way end, for a short while, and gives the leases back. */
  void stop() {
    phase = Phase.STOPPING;
    signal.release();
    threads.shutdown();
    try {
      if (!threads.awaitTermination(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        threads.shutdownNow();
        threads.awaitTermination(1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    database.change(store::releaseLeases);
  }

  /** For tests: as if the process were killed now. */
  void kill() {
    phase = Phase.DEAD;
    signal.release();
  }
}
