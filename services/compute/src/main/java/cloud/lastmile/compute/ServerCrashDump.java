package cloud.lastmile.compute;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.Saga;
import org.jdbi.v3.core.Handle;

/** Sends a guest the interrupt at which its kernel may dump its memory. */
final class ServerCrashDump {
  private final Saga<ServerJob> saga;
  private final Database database;
  private final ServerStore servers;
  private final Hosts hosts;
  private final ServerOutcome outcome;

  ServerCrashDump(Database database, ServerStore servers, Hosts hosts, ServerOutcome outcome) {
    this.database = database;
    this.servers = servers;
    this.hosts = hosts;
    this.outcome = outcome;
    this.saga =
        Saga.named("server-crash-dump", ServerJob.class)
            .step("interrupt", this::interrupt)
            .transaction("done", this::finish)
            .onFailure(this::fail);
  }

  Saga<ServerJob> saga() {
    return saga;
  }

  private ServerJob interrupt(ServerJob job) {
    Server server = JobServer.wanted(database, servers, job);
    try {
      hosts.require(server.where().host().orElseThrow()).interrupt(server.id());
      return job;
    } catch (HostException problem) {
      throw ServerCreate.judged(problem);
    }
  }

  private ServerJob finish(Handle handle, ServerJob job) {
    outcome.doneBeside(handle, job, _ -> ServerChange.none());
    return job;
  }

  private void fail(Handle handle, ServerJob job, String error) {
    outcome.failedBeside(handle, job, error, _ -> ServerChange.none());
  }
}
