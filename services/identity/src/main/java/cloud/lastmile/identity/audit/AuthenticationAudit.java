package cloud.lastmile.identity.audit;

import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.Event;
import cloud.lastmile.platform.work.Events;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries events of authentications to the outbox, many in one transaction, so that a login need
 * not wait for the disk. Waiting events are bounded: beyond that a login waits, none is dropped.
 * What waits when the process is killed, some milliseconds' worth, is lost.
 */
public final class AuthenticationAudit implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuthenticationAudit.class);
  private static final int MOST_WAITING = 20_000;
  private static final int MOST_AT_ONCE = 1_000;
  private static final long PAUSE_MILLIS = 1_000;
  private static final Duration CLOSING = Duration.ofSeconds(10);

  private final Database database;
  private final Events events;
  private final BlockingQueue<Event> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
  private volatile @Nullable Thread writer;

  public AuthenticationAudit(Database database, Events events) {
    this.database = database;
    this.events = events;
  }

  public void start() {
    writer = Thread.ofVirtual().name("authentication-audit").start(this::run);
  }

  void add(Event event) throws InterruptedException {
    waiting.put(event);
  }

  private void run() {
    List<Event> batch = new ArrayList<>();
    try {
      while (true) {
        batch.add(waiting.take());
        waiting.drainTo(batch, MOST_AT_ONCE - 1);
        while (!write(batch)) {
          Thread.sleep(PAUSE_MILLIS);
        }
        batch.clear();
      }
    } catch (InterruptedException closed) {
      waiting.drainTo(batch);
      write(batch);
    }
  }

  private boolean write(List<Event> batch) {
    try {
      database.change(handle -> events.append(handle, batch));
      return true;
    } catch (RuntimeException failure) {
      LOG.warn("{} events of authentications wait for the database", batch.size(), failure);
      return false;
    }
  }

  /** Writes what waits. */
  @Override
  public void close() {
    Thread running = writer;
    if (running == null) {
      return;
    }
    running.interrupt();
    try {
      if (!running.join(CLOSING)) {
        LOG.warn("{} events of authentications could not be written", waiting.size());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
