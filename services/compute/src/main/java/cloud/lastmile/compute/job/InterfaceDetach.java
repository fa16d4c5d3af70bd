package cloud.lastmile.compute.job;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.port.ServerPorts;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.work.Saga;
import cloud.lastmile.platform.work.StepException;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Takes a port from a guest, running or not, and then frees it, or removes it if it was ours. */
public final class InterfaceDetach {

  /**
   * What the job carries.
   *
   * @param port as the request named it
   */
  public record Job(ServerJob server, String port) {}

  private final Saga<Job> saga;
  private final ServerPorts ports;
  private final JobServer jobServer;
  private final GuestSpecs specs;
  private final ServerOutcome outcome;

  public InterfaceDetach(
      ServerPorts ports, JobServer jobServer, GuestSpecs specs, ServerOutcome outcome) {
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

  public Saga<Job> saga() {
    return saga;
  }

  private Job unplug(Job job) {
    Server server = jobServer.wanted(job.server());
    UUID port = port(server, job.port());
    GuestSpec.PowerState power = InterfaceAttach.power(server);
    try {
      jobServer.host(server).ensure(specs.forExistingDisk(server, power, Set.of(port)));
      return job;
    } catch (HostException problem) {
      throw ServerCreate.judged(problem);
    }
  }

  private static UUID port(Server server, String id) {
    return Ids.parseUuid(id)
        .filter(uuid -> server.ports().stream().anyMatch(one -> one.id().equals(uuid)))
        .orElseThrow(() -> StepException.terminal("Port " + id + " could not be found."));
  }

  private Job free(Job job) {
    Server server = jobServer.wanted(job.server());
    ports.takeBack(server, UUID.fromString(job.port()));
    ports.refresh(server.id());
    return job;
  }

  private Job finish(Handle handle, Job job) {
    outcome.doneBeside(
        handle,
        job.server(),
        server ->
            ServerChange.none()
                .networks(InterfaceAttach.without(server, UUID.fromString(job.port()))));
    return job;
  }

  private void fail(Handle handle, Job job, String error) {
    outcome.failedBeside(handle, job.server(), error, _ -> ServerChange.none());
  }
}
