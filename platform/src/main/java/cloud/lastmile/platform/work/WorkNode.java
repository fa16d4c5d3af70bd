package cloud.lastmile.platform.work;

import cloud.lastmile.platform.database.Database;
import java.time.Duration;
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

  private final Wakeups wakeups;
  private final Jobs jobs;
  private volatile boolean stopped;
  private int beats;

  /**
   * @param name unique among the nodes of a cloud and the same after a restart
   */
  public WorkNode(Database database, String name) {
    Node node = Node.booting(name);
    this.wakeups = new Wakeups(database, node);
    this.jobs = new Jobs(database, node, wakeups);
  }

  public Jobs jobs() {
    return jobs;
  }

  public void start() {
    jobs.start();
    wakeups.start();
    wakeups.later(BEAT, this::beat);
  }

  private void beat() {
    Thread.ofVirtual()
        .name("work-beat")
        .start(() -> {
          try {
            jobs.beat(beats++ % BEATS_PER_TRIM == 0);
          } catch (RuntimeException e) {
            LOG.warn("Cannot extend the leases", e);
          }
          if (!stopped) {
            wakeups.later(BEAT, this::beat);
          }
        });
  }

  @Override
  public void close() {
    stopped = true;
    jobs.stop();
    wakeups.stop();
  }

  /** For tests: as if the process were killed now. */
  void kill() {
    stopped = true;
    jobs.kill();
    wakeups.stop();
  }
}
