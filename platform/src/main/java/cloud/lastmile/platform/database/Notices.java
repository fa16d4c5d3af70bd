package cloud.lastmile.platform.database;

import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells other processes something that a {@link Listener} hears. Only a hint: a process may die
 * before it tells.
 *
 * <p>Notices are sent after the commit in transactions of their own, since PostgreSQL lets
 * transactions with NOTIFY commit only one after the other. Nothing else says NOTIFY.
 */
public final class Notices {
  private static final Logger LOG = LoggerFactory.getLogger(Notices.class);

  private final Database database;
  private final String channel;

  public Notices(Database database, String channel) {
    this.database = database;
    this.channel = channel;
  }

  /** Now; not inside database work. */
  public void send(String message) {
    database.read(handle ->
        handle.execute(
            """
            SELECT set_config('synchronous_commit', 'off', TRUE),
              pg_notify(?, ?)\
            """,
            channel,
            message));
  }

  /** Soon, and not at all if the database is away. */
  public void sendAside(String message) {
    Thread.startVirtualThread(() -> {
      try {
        send(message);
      } catch (RuntimeException e) {
        LOG.debug("A notice was lost; the others will look by themselves", e);
      }
    });
  }

  /** If and when the transaction commits. */
  public void afterCommit(Handle handle, String message) {
    handle.afterCommit(() -> sendAside(message));
  }
}
