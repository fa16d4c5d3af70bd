package cloud.lastmile.platform.work;

import cloud.lastmile.platform.database.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes the nodes of a cloud when there is something to do. One connection listens; what happens in
 * quick succession is told once. A notice is only a hint: whoever waits also looks from time to
 * time.
 *
 * <p>Notices are sent after the commit in transactions of their own, since PostgreSQL lets
 * transactions with NOTIFY commit only one after the other.
 */
final class Wakeups {

  private static final Logger LOG = LoggerFactory.getLogger(Wakeups.class);
  private static final String CHANNEL = "lastmile_work";
  private static final Duration GATHER = Duration.ofMillis(10);
  private static final Duration RECONNECT = Duration.ofMillis(500);

  private final Database database;
  private final Node node;
  private final Map<String, Runnable> listeners = new ConcurrentHashMap<>();
  private final Set<String> untold = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("wakeups").factory());
  private volatile @Nullable Connection listening;
  private volatile boolean stopped;

  Wakeups(Database database, Node node) {
    this.database = database;
    this.node = node;
  }

  /** The action must be quick; it runs on the thread that listens. */
  void on(String topic, Runnable action) {
    listeners.put(topic, action);
  }

  /** Wakes the other nodes. */
  void tell(String topic) {
    if (untold.add(topic)) {
      later(GATHER, () -> send(topic));
    }
  }

  private void send(String topic) {
    untold.remove(topic);
    // In a thread of its own, for the database may be away.
    Thread.startVirtualThread(() -> {
      try {
        database.read(handle ->
            handle.execute(
                """
                SELECT set_config('synchronous_commit', 'off', TRUE),
                  pg_notify(?, ?)\
                """,
                CHANNEL,
                node.owner() + " " + topic));
      } catch (RuntimeException e) {
        LOG.debug("A notice was lost; the others will look by themselves", e);
      }
    });
  }

  void later(Duration delay, Runnable action) {
    try {
      var _ = timer.schedule(action, delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("The node stops", e);
    }
  }

  void start() {
    Thread.ofVirtual().name("wakeups").start(this::listen);
  }

  private void listen() {
    while (!stopped) {
      try (Connection connection = database.connectAside();
          Statement statement = connection.createStatement()) {
        listening = connection;
        statement.execute("LISTEN " + CHANNEL);
        listeners.values().forEach(Runnable::run); // for what was told while nobody listened
        PGConnection notices = connection.unwrap(PGConnection.class);
        while (!stopped) {
          PGNotification[] received = notices.getNotifications(0);
          for (PGNotification notice : received) {
            hear(notice.getParameter());
          }
        }
      } catch (SQLException | RuntimeException e) {
        if (!stopped) {
          LOG.debug("The listening connection was lost", e);
          pause();
        }
      }
    }
  }

  private void hear(String notice) {
    String[] parts = notice.split(" ", 2);
    Runnable listener = parts.length == 2 ? listeners.get(parts[1]) : null;
    if (listener != null && !parts[0].equals(node.owner())) {
      listener.run();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(RECONNECT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void stop() {
    stopped = true;
    timer.shutdownNow();
    Connection connection = listening;
    if (connection != null) {
      try {
        connection.abort(Runnable::run);
      } catch (SQLException e) {
        LOG.debug("Closing the listening connection failed", e);
      }
    }
  }
}
