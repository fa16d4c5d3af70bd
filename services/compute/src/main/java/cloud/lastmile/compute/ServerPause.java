package cloud.lastmile.compute;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.platform.work.Saga;
import java.time.InstantSource;
import org.jdbi.v3.core.Handle;

/** Holds guests still in memory and lets them go on. What fails leaves the server as it was. */
final class ServerPause {
  private final Saga<ServerJob> pause;
  private final Saga<ServerJob> unpause;
  private final JobServer jobServer;
  private final GuestSpecs specs;
  private final ServerOutcome outcome;
  private final InstantSource clock;

  ServerPause(JobServer jobServer, GuestSpecs specs, ServerOutcome outcome, InstantSource clock) {
    this.jobServer = jobServer;
    this.specs = specs;
    this.outcome = outcome;
    this.clock = clock;
    this.pause =
        Saga.named("server-pause", ServerJob.class)
            .step("pause", job -> ensure(job, GuestSpec.PowerState.PAUSED))
            .transaction("paused", this::paused)
            .onFailure(this::fail);
    this.unpause =
        Saga.named("server-unpause", ServerJob.class)
            .step("unpause", job -> ensure(job, GuestSpec.PowerState.RUNNING))
            .transaction("active", this::unpaused)
            .onFailure(this::fail);
  }

  Saga<ServerJob> pause() {
    return pause;
  }

  Saga<ServerJob> unpause() {
    return unpause;
  }

  private ServerJob ensure(ServerJob job, GuestSpec.PowerState power) throws HostException {
    Server server = jobServer.wanted(job);
    jobServer.host(server).ensure(specs.forExistingDisk(server, power));
    return job;
  }

  private ServerJob paused(Handle handle, ServerJob job) {
    outcome.done(handle, job, ServerChange.none().vm(VmState.PAUSED).power(PowerState.PAUSED));
    return job;
  }

  private ServerJob unpaused(Handle handle, ServerJob job) {
    outcome.done(handle, job, ServerChange.none().vm(VmState.ACTIVE).power(PowerState.RUNNING));
    return job;
  }

  private void fail(Handle handle, ServerJob job, String error) {
    outcome.failed(handle, job, error, clock.instant());
  }
}
