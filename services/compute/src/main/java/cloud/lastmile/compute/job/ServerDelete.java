package cloud.lastmile.compute.job;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.port.ServerPorts;
import cloud.lastmile.compute.quota.ComputeQuotas;
import cloud.lastmile.compute.server.ActionLog;
import cloud.lastmile.compute.server.PowerState;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerEvents;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.placement.api.Placement;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.Saga;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Ends a server: its guest, its ports, and, at last and at once, its claims and its row. */
public final class ServerDelete {
  private static final int ATTEMPTS = 12;

  private final Saga<ServerJob> saga;
  private final Database database;
  private final ServerStore servers;
  private final Placement placement;
  private final ComputeQuotas quotas;
  private final ServerPorts ports;
  private final Hosts hosts;
  private final ActionLog actions;
  private final ServerEvents events;
  private final ServerOutcome outcome;
  private final InstantSource clock;

  public ServerDelete(
      Database database,
      ServerStore servers,
      Placement placement,
      ComputeQuotas quotas,
      ServerPorts ports,
      Hosts hosts,
      ActionLog actions,
      ServerEvents events,
      ServerOutcome outcome,
      InstantSource clock) {
    this.database = database;
    this.servers = servers;
    this.placement = placement;
    this.quotas = quotas;
    this.ports = ports;
    this.hosts = hosts;
    this.actions = actions;
    this.events = events;
    this.outcome = outcome;
    this.clock = clock;
    this.saga =
        Saga.named("server-delete", ServerJob.class)
            .step("guest", this::removeGuest)
            .step("ports", this::detachPorts)
            .transaction("row", this::finish)
            .onFailure(this::fail)
            .attempts(ATTEMPTS, Duration.ofMillis(200));
  }

  public Saga<ServerJob> saga() {
    return saga;
  }

  private Optional<Server> read(ServerJob job) {
    return database
        .read(handle -> servers.find(handle, job.server()))
        .filter(server -> !server.isDeleted());
  }

  private ServerJob removeGuest(ServerJob job) throws HostException {
    Optional<String> host = read(job).flatMap(server -> server.where().host());
    if (host.isPresent()) {
      hosts.require(host.get()).remove(job.server());
    }
    return job;
  }

  private ServerJob detachPorts(ServerJob job) {
    read(job).ifPresent(ports::detach);
    return job;
  }

  private ServerJob finish(Handle handle, ServerJob job) {
    Optional<Server> locked = servers.lock(handle, job.server());
    if (locked.isEmpty()) {
      return job;
    }
    Server server = locked.get();
    Instant now = Timestamps.truncate(clock.instant());
    actions.succeed(handle, job.server(), job.requestId(), server.where().host());
    events.server(handle, "delete", server, job.requestId());
    placement.release(handle, job.server());
    servers.update(
        handle,
        job.server(),
        ServerChange.none()
            .deleted(now)
            .withoutContents()
            .terminated(now)
            .noTask()
            .power(PowerState.NOSTATE)
            .noAdminPassword());
    quotas.release(handle, server.projectId(), server.flavor());
    return job;
  }

  private void fail(Handle handle, ServerJob job, String error) {
    // Nobody else deletes it now: without the task it can be asked for again.
    servers
        .lock(handle, job.server())
        .ifPresent(_ ->
            servers.update(handle, job.server(), ServerChange.none().noTask().vm(VmState.ERROR)));
    outcome.failed(handle, job, error, clock.instant());
  }
}
