package cloud.lastmile.compute.job;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.platform.work.Saga;
import org.jdbi.v3.core.Handle;

/** Sends a guest the interrupt at which its kernel may dump its memory. */
public final class ServerCrashDump {
  private final Saga<ServerJob> saga;
  private final JobServer jobServer;
  private final ServerOutcome outcome;

  public ServerCrashDump(JobServer jobServer, ServerOutcome outcome) {
    this.jobServer = jobServer;
    this.outcome = outcome;
    this.saga =
        Saga.named("server-crash-dump", ServerJob.class)
            .step("interrupt", this::interrupt)
            .transaction("done", this::finish)
            .onFailure(this::fail);
  }

  public Saga<ServerJob> saga() {
    return saga;
  }

  private ServerJob interrupt(ServerJob job) {
    Server server = jobServer.wanted(job);
    try {
      jobServer.host(server).interrupt(server.id());
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
