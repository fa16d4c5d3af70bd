package cloud.lastmile.compute.job;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.server.PowerState;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.work.Saga;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/**
 * Starts and stops guests, holds them still in memory and lets them go on. What fails leaves the
 * server as it was, with the reason noted.
 */
public final class ServerPower {
  private final Saga<ServerJob> start;
  private final Saga<ServerJob> stop;
  private final Saga<ServerJob> pause;
  private final Saga<ServerJob> unpause;
  private final JobServer jobServer;
  private final GuestSpecs specs;
  private final ServerOutcome outcome;
  private final InstantSource clock;

  public ServerPower(
      JobServer jobServer, GuestSpecs specs, ServerOutcome outcome, InstantSource clock) {
    this.jobServer = jobServer;
    this.specs = specs;
    this.outcome = outcome;
    this.clock = clock;
    this.start = saga("start", GuestSpec.PowerState.RUNNING, "active", this::started);
    this.stop =
        saga(
            "stop",
            GuestSpec.PowerState.STOPPED,
            "stopped",
            () -> ServerChange.none().vm(VmState.STOPPED).power(PowerState.SHUTDOWN));
    this.pause =
        saga(
            "pause",
            GuestSpec.PowerState.PAUSED,
            "paused",
            () -> ServerChange.none().vm(VmState.PAUSED).power(PowerState.PAUSED));
    this.unpause =
        saga(
            "unpause",
            GuestSpec.PowerState.RUNNING,
            "active",
            () -> ServerChange.none().vm(VmState.ACTIVE).power(PowerState.RUNNING));
  }

  public Saga<ServerJob> start() {
    return start;
  }

  public Saga<ServerJob> stop() {
    return stop;
  }

  public Saga<ServerJob> pause() {
    return pause;
  }

  public Saga<ServerJob> unpause() {
    return unpause;
  }

  private Saga<ServerJob> saga(
      String verb, GuestSpec.PowerState power, String reached, Supplier<ServerChange> change) {
    return Saga.named("server-" + verb, ServerJob.class)
        .step(verb, job -> ensure(job, power))
        .transaction(
            reached,
            (handle, job) -> {
              outcome.done(handle, job, change.get());
              return job;
            })
        .onFailure(this::fail);
  }

  private ServerJob ensure(ServerJob job, GuestSpec.PowerState power) throws HostException {
    Server server = jobServer.wanted(job);
    jobServer.host(server).ensure(specs.forExistingDisk(server, power));
    return job;
  }

  private ServerChange started() {
    return ServerChange.none()
        .vm(VmState.ACTIVE)
        .power(PowerState.RUNNING)
        .launched(Timestamps.truncate(clock.instant()))
        .noFault();
  }

  private void fail(Handle handle, ServerJob job, String error) {
    outcome.failed(handle, job, error, clock.instant());
  }
}
