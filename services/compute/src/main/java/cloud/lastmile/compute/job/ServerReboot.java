package cloud.lastmile.compute.job;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.server.PowerState;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.platform.work.Saga;
import java.time.InstantSource;
import org.jdbi.v3.core.Handle;

/** Restarts a guest. */
public final class ServerReboot {

  /** What the job carries. */
  public record Job(ServerJob server, Host.RebootType type) {}

  private final Saga<Job> saga;
  private final JobServer jobServer;
  private final GuestSpecs specs;
  private final ServerOutcome outcome;
  private final InstantSource clock;

  public ServerReboot(
      JobServer jobServer, GuestSpecs specs, ServerOutcome outcome, InstantSource clock) {
    this.jobServer = jobServer;
    this.specs = specs;
    this.outcome = outcome;
    this.clock = clock;
    this.saga =
        Saga.named("server-reboot", Job.class)
            .step("reboot", this::reboot)
            .transaction("active", this::finish)
            .onFailure(this::fail);
  }

  public Saga<Job> saga() {
    return saga;
  }

  private Job reboot(Job job) throws HostException {
    Server server = jobServer.wanted(job.server());
    Host host = jobServer.host(server);
    host.reboot(server.id(), job.type());
    host.ensure(specs.forExistingDisk(server, GuestSpec.PowerState.RUNNING));
    return job;
  }

  private Job finish(Handle handle, Job job) {
    outcome.done(
        handle,
        job.server(),
        ServerChange.none().vm(VmState.ACTIVE).power(PowerState.RUNNING).noFault());
    return job;
  }

  private void fail(Handle handle, Job job, String error) {
    outcome.failed(
        handle, job.server(), error, clock.instant(), ServerChange.none().vm(VmState.ERROR));
  }
}
