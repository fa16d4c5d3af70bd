package cloud.lastmile.compute;

import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.StepException;
import java.util.Optional;

/** The server that a job is about. */
final class JobServer {
  private JobServer() {}

  /**
   * The server, unless it shall be deleted: then there is nothing left to do to it.
   *
   * @throws StepException terminal
   */
  static Server wanted(Database database, ServerStore servers, ServerJob job) {
    Server server =
        database
            .read(handle -> servers.find(handle, job.server()))
            .filter(row -> !row.isDeleted())
            .orElseThrow(() -> StepException.terminal("The server is gone."));
    if (server.state().task().equals(Optional.of(TaskState.DELETING))) {
      throw StepException.terminal("The server is being deleted.");
    }
    return server;
  }
}
