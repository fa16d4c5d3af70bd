package cloud.lastmile.platform.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what is told with {@code pg_notify} on one channel, over a connection of its own, which it
 * opens again whenever it is lost. What is told while it is away is missed: {@code onConnected}
 * runs each time it listens again and must assume anything.
 */
public final class Listener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final Duration RECONNECT = Duration.ofMillis(500);

  /** A connection that died without a word is found out after this and the check's own limit. */
  private static final int CHECK_MILLIS = 5_000;

  private static final int CHECK_LIMIT_SECONDS = 2;

  private final Database database;
  private final String channel;
  private final Consumer<String> onNotice;
  private final Runnable onConnected;
  private volatile @Nullable Connection listening;
  private volatile boolean connected;
  private volatile boolean stopped;

  private Listener(
      Database database, String channel, Consumer<String> onNotice, Runnable onConnected) {
    this.database = database;
    this.channel = channel;
    this.onNotice = onNotice;
    this.onConnected = onConnected;
  }

  /**
   * Both actions run on the listening thread and must be quick.
   *
   * @param channel an SQL identifier, from code only
   */
  public static Listener start(
      Database database, String channel, Consumer<String> onNotice, Runnable onConnected) {
    Listener listener = new Listener(database, channel, onNotice, onConnected);
    Thread.ofVirtual().name("listen-" + channel).start(listener::run);
    return listener;
  }

  /** Whether notices arrive, as far as is known. */
  public boolean connected() {
    return connected;
  }

  private void run() {
    while (!stopped) {
      try (Connection connection = database.connectAside();
          Statement statement = connection.createStatement()) {
        listening = connection;
        statement.execute("LISTEN " + channel);
        onConnected.run();
        connected = true;
        hear(connection);
      } catch (SQLException | RuntimeException failure) {
        if (!stopped) {
          LOG.warn("The connection that listens on {} was lost", channel, failure);
        }
      } finally {
        connected = false;
      }
      pause();
    }
  }

  private void hear(Connection connection) throws SQLException {
    PGConnection notices = connection.unwrap(PGConnection.class);
    while (!stopped) {
      PGNotification[] received = notices.getNotifications(CHECK_MILLIS);
      if (received == null || received.length == 0) {
        if (!connection.isValid(CHECK_LIMIT_SECONDS)) {
          return;
        }
        continue;
      }
      for (PGNotification notice : received) {
        onNotice.accept(notice.getParameter());
      }
    }
  }

  private void pause() {
    if (stopped) {
      return;
    }
    try {
      Thread.sleep(RECONNECT);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stopped = true;
    Connection connection = listening;
    if (connection == null) {
      return;
    }
    try {
      connection.abort(Runnable::run);
    } catch (SQLException failure) {
      LOG.debug("Closing the listening connection failed", failure);
    }
  }
}
