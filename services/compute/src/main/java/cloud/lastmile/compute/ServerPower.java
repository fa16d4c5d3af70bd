package cloud.lastmile.compute;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.work.Saga;
import java.time.InstantSource;
import org.jdbi.v3.core.Handle;

/** Starts and stops guests. What fails leaves the server as it was, with the reason noted. */
final class ServerPower {
  private final Saga<ServerJob> start;
  private final Saga<ServerJob> stop;
  private final JobServer jobServer;
  private final GuestSpecs specs;
  private final ServerOutcome outcome;
  private final InstantSource clock;

  ServerPower(JobServer jobServer, GuestSpecs specs, ServerOutcome outcome, InstantSource clock) {
    this.jobServer = jobServer;
    this.specs = specs;
    this.outcome = outcome;
    this.clock = clock;
    this.start =
        Saga.named("server-start", ServerJob.class)
            .step("start", this::startGuest)
            .transaction("active", this::started)
            .onFailure(this::fail);
    this.stop =
        Saga.named("server-stop", ServerJob.class)
            .step("stop", this::stopGuest)
            .transaction("stopped", this::stopped)
            .onFailure(this::fail);
  }

  Saga<ServerJob> start() {
    return start;
  }

  Saga<ServerJob> stop() {
    return stop;
  }

  private void ensure(ServerJob job, GuestSpec.PowerState power) throws HostException {
    Server server = jobServer.wanted(job);
    jobServer.host(server).ensure(specs.forExistingDisk(server, power));
  }

  private ServerJob startGuest(ServerJob job) throws HostException {
    ensure(job, GuestSpec.PowerState.RUNNING);
    return job;
  }

  private ServerJob stopGuest(ServerJob job) throws HostException {
    ensure(job, GuestSpec.PowerState.STOPPED);
    return job;
  }

  private ServerJob started(Handle handle, ServerJob job) {
    outcome.done(
        handle,
        job,
        ServerChange.none()
            .vm(VmState.ACTIVE)
            .power(PowerState.RUNNING)
            .launched(Timestamps.truncate(clock.instant()))
            .noFault());
    return job;
  }

  private ServerJob stopped(Handle handle, ServerJob job) {
    outcome.done(handle, job, ServerChange.none().vm(VmState.STOPPED).power(PowerState.SHUTDOWN));
    return job;
  }

  private void fail(Handle handle, ServerJob job, String error) {
    outcome.failed(handle, job, error, clock.instant());
  }
}
