package cloud.lastmile.platform.database;

import java.sql.SQLException;
import org.jdbi.v3.core.Handle;

/**
 * What is done with a database connection. It may be run again from the start after a conflict or a
 * lost connection, so it must have no other effect than its SQL.
 */
@FunctionalInterface
public interface Work<T> {
  T run(Handle handle) throws SQLException;
}
