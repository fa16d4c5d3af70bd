package cloud.lastmile.compute.job;

import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.StepException;
import java.util.Optional;

/** The server that a job is about, and its host. */
public final class JobServer {
  private final Database database;
  private final ServerStore servers;
  private final Hosts hosts;

  public JobServer(Database database, ServerStore servers, Hosts hosts) {
    this.database = database;
    this.servers = servers;
    this.hosts = hosts;
  }

  /**
   * The server, unless it shall be deleted: then there is nothing left to do to it.
   *
   * @throws StepException terminal
   */
  Server wanted(ServerJob job) {
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

  /** The host of a server that has been placed. */
  Host host(Server server) throws HostException {
    return hosts.require(server.where().host().orElseThrow());
  }
}
