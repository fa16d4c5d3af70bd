package cloud.lastmile.platform.database;

import java.sql.SQLException;
import org.jdbi.v3.core.Handle;

/** {@link Work} without a result. */
@FunctionalInterface
public interface Change {
  void run(Handle handle) throws SQLException;
}
