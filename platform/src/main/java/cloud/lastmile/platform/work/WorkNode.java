package cloud.lastmile.platform.work;

import cloud.lastmile.platform.database.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process as one of the nodes that share the cloud's background work: jobs, reconcilers and
 * event subscribers. Everything is registered first, then {@link #start} takes over at once what a
 * killed predecessor of the same node left, and after some time what dead other nodes left.
 */
public final class WorkNode implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WorkNode.class);
  private static final Duration BEAT = JobStore.LEASE.dividedBy(3);
  private static final int BEATS_PER_TRIM = 60;

  private final Database database;
  private final Node node;
  private final Wakeups wakeups;
  private final Jobs jobs;
  private final Events events;
  private final List<Reconciler> reconcilers = new CopyOnWriteArrayList<>();
  private final AtomicBoolean trimming = new AtomicBoolean();
  private final EachAlone each = new EachAlone("work-beat");
  private volatile boolean stopped;
  private int beats;

  /**
   * @param name unique among the nodes of a cloud and the same after a restart
   */
  public WorkNode(Database database, String name) {
    this.database = database;
    this.node = Node.booting(name);
    this.wakeups = new Wakeups(database, node);
    this.jobs = new Jobs(database, node, wakeups);
    this.events = new Events(database, node, wakeups);
  }

  public Jobs jobs() {
    return jobs;
  }

  public Events events() {
    return events;
  }

  /**
   * @param kind names the marks in the database; unique and the same after an upgrade
   */
  public Reconciler reconciler(String kind, Reconciler.Reconcile reconcile) {
    Reconciler reconciler = new Reconciler(database, node, wakeups, kind, reconcile);
    reconcilers.add(reconciler);
    return reconciler;
  }

  /** What cannot be reconciled at present: failures by key, by the kind of the keys. */
  public Map<String, Map<String, Reconciler.Failure>> failing() {
    Map<String, Map<String, Reconciler.Failure>> all = new TreeMap<>();
    reconcilers.forEach(reconciler -> all.put(reconciler.kind(), reconciler.failing()));
    return all;
  }

  public void start() {
    reconcilers.forEach(Reconciler::start);
    events.start();
    jobs.start();
    wakeups.start();
    wakeups.later(BEAT, this::beat);
  }

  private void beat() {
    Thread.ofVirtual().name("work-beat").start(this::beatOnce);
  }

  private void beatOnce() {
    // The leases first and at every beat: what else fails must not cost them.
    try {
      jobs.beat();
    } catch (RuntimeException e) {
      LOG.warn("Cannot extend the leases", e);
    }
    for (Reconciler reconciler : reconcilers) {
      each.run(reconciler.kind(), reconciler::adopt);
    }
    if (beats++ % BEATS_PER_TRIM == 0) {
      each.run("trimming of jobs", jobs::trim);
      if (trimming.compareAndSet(false, true)) {
        // It may take longer than the leases last.
        Thread.ofVirtual().name("work-trim").start(this::trim);
      }
    }
    if (!stopped) {
      wakeups.later(BEAT, this::beat);
    }
  }

  private void trim() {
    try {
      events.trim();
    } catch (RuntimeException e) {
      LOG.warn("Old events cannot be removed; it is tried again later", e);
    } finally {
      trimming.set(false);
    }
  }

  /** Lets what is under way end, for a short while, and leaves the rest to the next start. */
  @Override
  public void close() {
    stopped = true;
    wakeups.stop();
    for (Runnable stop : stops()) {
      try {
        stop.run();
      } catch (RuntimeException e) {
        LOG.warn("Cannot give back leases; they are taken over at the next start", e);
      }
    }
  }

  private List<Runnable> stops() {
    List<Runnable> stops = new ArrayList<>();
    stops.add(jobs::stop);
    reconcilers.forEach(reconciler -> stops.add(reconciler::stop));
    stops.add(events::stop);
    return stops;
  }

  /** For tests: as if the process were killed now. */
  void kill() {
    stopped = true;
    wakeups.stop();
    jobs.kill();
    reconcilers.forEach(Reconciler::kill);
    events.kill();
  }
}
