package cloud.lastmile.ovn.ovsdb;

/**
 * Is told of every change of a monitored table, in the order of commits, on the thread that reads
 * the connection: it must be quick and must not call the client. After a reconnection it hears only
 * of what really changed in between.
 */
@FunctionalInterface
public interface RowListener {
  void changed(RowChange change);
}
