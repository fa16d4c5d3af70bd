package cloud.lastmile.platform.work;

import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Listener;
import cloud.lastmile.platform.database.Notices;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes the nodes of a cloud when there is something to do. One connection listens; what happens in
 * quick succession is told once. A notice is only a hint: whoever waits also looks from time to
 * time.
 *
 * <p>Notices are sent after the commit, see {@link Notices}.
 */
final class Wakeups {

  private static final Logger LOG = LoggerFactory.getLogger(Wakeups.class);
  private static final String CHANNEL = "lastmile_work";
  private static final Duration GATHER = Duration.ofMillis(50);

  private final Database database;
  private final Node node;
  private final Notices notices;
  private final Map<String, Runnable> actions = new ConcurrentHashMap<>();
  private final Set<String> untold = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("wakeups").factory());
  private volatile @Nullable Listener listener;

  Wakeups(Database database, Node node) {
    this.database = database;
    this.node = node;
    this.notices = new Notices(database, CHANNEL);
  }

  /** The action must be quick; it runs on the thread that listens. */
  void on(String topic, Runnable action) {
    actions.put(topic, action);
  }

  /** Wakes the other nodes. */
  void tell(String topic) {
    if (untold.add(topic)) {
      later(GATHER, () -> send(topic));
    }
  }

  private void send(String topic) {
    untold.remove(topic);
    notices.sendAside(node.owner() + " " + topic);
  }

  void later(Duration delay, Runnable action) {
    try {
      var _ = timer.schedule(action, delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("The node stops", e);
    }
  }

  void start() {
    // What was told while nobody listened is not known: everyone looks.
    listener =
        Listener.start(
            database, CHANNEL, this::hear, () -> actions.values().forEach(Runnable::run));
  }

  private void hear(String notice) {
    String[] parts = notice.split(" ", 2);
    Runnable action = parts.length == 2 ? actions.get(parts[1]) : null;
    if (action != null && !parts[0].equals(node.owner())) {
      action.run();
    }
  }

  void stop() {
    timer.shutdownNow();
    Listener open = listener;
    if (open != null) {
      open.close();
    }
  }
}
