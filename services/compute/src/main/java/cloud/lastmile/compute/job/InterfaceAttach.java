package cloud.lastmile.compute.job;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.port.ServerPorts;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.ServerNetwork;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.Saga;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Plugs a port into a guest, running or not. If that fails, the server has the port no more. */
public final class InterfaceAttach {

  /** What the job carries: the server's row names the network already. */
  public record Job(ServerJob server, ServerNetwork network) {}

  private final Saga<Job> saga;
  private final Database database;
  private final ServerStore servers;
  private final ServerPorts ports;
  private final JobServer jobServer;
  private final GuestSpecs specs;
  private final ServerOutcome outcome;

  public InterfaceAttach(
      Database database,
      ServerStore servers,
      ServerPorts ports,
      JobServer jobServer,
      GuestSpecs specs,
      ServerOutcome outcome) {
    this.database = database;
    this.servers = servers;
    this.ports = ports;
    this.jobServer = jobServer;
    this.specs = specs;
    this.outcome = outcome;
    this.saga =
        Saga.named("interface-attach", Job.class)
            .step("port", this::port, this::undo)
            .step("plug", this::plug)
            .transaction("done", this::finish)
            .onFailure(this::fail);
  }

  public Saga<Job> saga() {
    return saga;
  }

  /** The server's interfaces and this one, at the end. */
  public static List<ServerNetwork> with(Server server, ServerNetwork network) {
    List<ServerNetwork> networks = new ArrayList<>(without(server, network.port()));
    networks.add(network);
    return List.copyOf(networks);
  }

  static List<ServerNetwork> without(Server server, UUID port) {
    return server.networks().stream().filter(network -> !network.port().equals(port)).toList();
  }

  private Job port(Job job) {
    Server server = jobServer.wanted(job.server());
    ports.attach(server, job.network(), job.server().requestId());
    ports.refresh(server.id());
    return job;
  }

  /** Also takes back plugging, which may have failed half-way. */
  private void undo(Job job) throws HostException {
    Server server =
        database.read(handle -> servers.find(handle, job.server().server())).orElseThrow();
    if (!server.isDeleted()) {
      ensure(server, specs.forExistingDisk(server, power(server), Set.of(job.network().port())));
    }
    ports.free(server, job.network());
    ports.refresh(server.id());
  }

  private Job plug(Job job) {
    Server server = jobServer.wanted(job.server());
    try {
      ensure(server, specs.forExistingDisk(server, power(server)));
      return job;
    } catch (HostException problem) {
      throw ServerCreate.judged(problem);
    }
  }

  private void ensure(Server server, GuestSpec spec) throws HostException {
    jobServer.host(server).ensure(spec);
  }

  /** Plugging leaves a guest running, paused or off. */
  static GuestSpec.PowerState power(Server server) {
    return switch (server.state().vm()) {
      case ACTIVE -> GuestSpec.PowerState.RUNNING;
      case PAUSED -> GuestSpec.PowerState.PAUSED;
      default -> GuestSpec.PowerState.STOPPED;
    };
  }

  private Job finish(Handle handle, Job job) {
    outcome.doneBeside(handle, job.server(), _ -> ServerChange.none());
    return job;
  }

  private void fail(Handle handle, Job job, String error) {
    outcome.failedBeside(
        handle,
        job.server(),
        error,
        server -> ServerChange.none().networks(without(server, job.network().port())));
  }
}
