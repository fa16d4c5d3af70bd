package cloud.lastmile.compute.job;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.server.PowerState;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.Saga;
import cloud.lastmile.platform.work.StepException;
import java.io.IOException;
import java.time.InstantSource;
import org.jdbi.v3.core.Handle;

/** Gives a guest a new root disk; the row names the image and a higher disk generation. */
public final class ServerRebuild {
  private final Saga<ServerJob> saga;
  private final Database database;
  private final ServerStore servers;
  private final JobServer jobServer;
  private final GuestSpecs specs;
  private final ServerOutcome outcome;
  private final InstantSource clock;

  public ServerRebuild(
      Database database,
      ServerStore servers,
      JobServer jobServer,
      GuestSpecs specs,
      ServerOutcome outcome,
      InstantSource clock) {
    this.database = database;
    this.servers = servers;
    this.jobServer = jobServer;
    this.specs = specs;
    this.outcome = outcome;
    this.clock = clock;
    this.saga =
        Saga.named("server-rebuild", ServerJob.class)
            .step("guest", this::rebuild)
            .transaction("done", this::finish)
            .onFailure(this::fail);
  }

  public Saga<ServerJob> saga() {
    return saga;
  }

  /** A stopped server stays so. */
  private static GuestSpec.PowerState power(Server server) {
    return server.state().vm() == VmState.STOPPED
        ? GuestSpec.PowerState.STOPPED
        : GuestSpec.PowerState.RUNNING;
  }

  private ServerJob rebuild(ServerJob job) throws HostException {
    Server server = jobServer.wanted(job);
    database.change(handle ->
        outcome.advance(handle, job.server(), TaskState.REBUILDING, TaskState.REBUILD_SPAWNING));
    try {
      jobServer.host(server).ensure(specs.forNewDisk(server, power(server)));
    } catch (IOException imageGone) {
      throw StepException.terminal(
          "Image " + server.image().map(Server.Image::id).orElse(null) + " is not available.",
          imageGone);
    }
    return job;
  }

  private ServerJob finish(Handle handle, ServerJob job) {
    Server server = servers.find(handle, job.server()).orElseThrow();
    boolean stopped = power(server) == GuestSpec.PowerState.STOPPED;
    outcome.done(
        handle,
        job,
        ServerChange.none()
            .vm(stopped ? VmState.STOPPED : VmState.ACTIVE)
            .power(stopped ? PowerState.SHUTDOWN : PowerState.RUNNING)
            .launched(Timestamps.truncate(clock.instant()))
            .noAdminPassword()
            .noFault());
    return job;
  }

  private void fail(Handle handle, ServerJob job, String error) {
    outcome.failed(handle, job, error, clock.instant(), ServerChange.none().vm(VmState.ERROR));
  }
}
