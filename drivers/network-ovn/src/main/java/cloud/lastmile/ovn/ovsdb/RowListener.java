package cloud.lastmile.ovn.ovsdb;

import java.util.Optional;

/**
 * Is told of every change of a monitored table, in the order of commits, on the thread that reads
 * the connection: it must be quick and must not call the client. After a reconnection it hears only
 * of what really changed in between.
 */
@FunctionalInterface
public interface RowListener {

  /**
   * @param before empty for a new row
   * @param after empty for a deleted row
   */
  void changed(String table, Optional<Row> before, Optional<Row> after);
}
