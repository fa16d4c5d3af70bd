package cloud.lastmile.compute;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.Saga;
import java.time.InstantSource;
import org.jdbi.v3.core.Handle;

/** Restarts a guest. */
final class ServerReboot {

  /** What the job carries. */
  record Job(ServerJob server, Host.RebootType type) {}

  private final Saga<Job> saga;
  private final Database database;
  private final ServerStore servers;
  private final Hosts hosts;
  private final GuestSpecs specs;
  private final ServerOutcome outcome;
  private final InstantSource clock;

  ServerReboot(
      Database database,
      ServerStore servers,
      Hosts hosts,
      GuestSpecs specs,
      ServerOutcome outcome,
      InstantSource clock) {
    this.database = database;
    this.servers = servers;
    this.hosts = hosts;
    this.specs = specs;
    this.outcome = outcome;
    this.clock = clock;
    this.saga =
        Saga.named("server-reboot", Job.class)
            .step("reboot", this::reboot)
            .transaction("active", this::finish)
            .onFailure(this::fail);
  }

  Saga<Job> saga() {
    return saga;
  }

  private Job reboot(Job job) throws HostException {
    Server server = JobServer.wanted(database, servers, job.server());
    Host host = hosts.require(server.where().host().orElseThrow());
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
