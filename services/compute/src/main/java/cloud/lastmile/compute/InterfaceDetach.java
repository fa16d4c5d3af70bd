package cloud.lastmile.compute;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.platform.work.Saga;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Takes a port from a guest, running or not, and then frees it, or removes it if it was ours. */
final class InterfaceDetach {

  /** What the job carries. */
  record Job(ServerJob server, UUID port) {}

  private final Saga<Job> saga;
  private final ServerPorts ports;
  private final JobServer jobServer;
  private final GuestSpecs specs;
  private final ServerOutcome outcome;

  InterfaceDetach(ServerPorts ports, JobServer jobServer, GuestSpecs specs, ServerOutcome outcome) {
    this.ports = ports;
    this.jobServer = jobServer;
    this.specs = specs;
    this.outcome = outcome;
    this.saga =
        Saga.named("interface-detach", Job.class)
            .step("unplug", this::unplug)
            .step("free", this::free)
            .transaction("done", this::finish)
            .onFailure(this::fail);
  }

  Saga<Job> saga() {
    return saga;
  }

  private Job unplug(Job job) {
    Server server = jobServer.wanted(job.server());
    GuestSpec.PowerState power = InterfaceAttach.power(server);
    try {
      jobServer.host(server).ensure(specs.forExistingDisk(server, power, Set.of(job.port())));
      return job;
    } catch (HostException problem) {
      throw ServerCreate.judged(problem);
    }
  }

  private Job free(Job job) {
    Server server = jobServer.wanted(job.server());
    ports.takeBack(server, job.port());
    ports.refresh(server.id());
    return job;
  }

  private Job finish(Handle handle, Job job) {
    outcome.doneBeside(
        handle,
        job.server(),
        server -> ServerChange.none().networks(InterfaceAttach.without(server, job.port())));
    return job;
  }

  private void fail(Handle handle, Job job, String error) {
    outcome.failedBeside(handle, job.server(), error, _ -> ServerChange.none());
  }
}
