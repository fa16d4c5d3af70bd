package cloud.lastmile.compute.job;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.port.ServerPorts;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.placement.api.Placement;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.Saga;
import cloud.lastmile.platform.work.StepException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an accepted server: a host is chosen and its resources claimed, ports are made, the guest
 * is started, and it is ACTIVE once its ports are up. What was done is undone if a step fails, and
 * the server is then in ERROR with the reason. Asked to delete the server meanwhile, it gives up.
 */
public final class ServerCreate {
  private static final Logger LOG = LoggerFactory.getLogger(ServerCreate.class);

  /** Hosts tried for one server, as in the reference. */
  private static final int MAX_HOSTS = 3;

  private final Saga<ServerJob> saga;
  private final Database database;
  private final ServerStore servers;
  private final Scheduler scheduler;
  private final Placement placement;
  private final ServerPorts ports;
  private final Hosts hosts;
  private final GuestSpecs specs;
  private final ServerOutcome outcome;
  private final boolean waitsForPorts;
  private final InstantSource clock;

  public ServerCreate(
      Database database,
      ServerStore servers,
      Scheduler scheduler,
      Placement placement,
      ServerPorts ports,
      Hosts hosts,
      GuestSpecs specs,
      ServerOutcome outcome,
      Duration portTimeout,
      InstantSource clock) {
    this.database = database;
    this.servers = servers;
    this.scheduler = scheduler;
    this.placement = placement;
    this.ports = ports;
    this.hosts = hosts;
    this.specs = specs;
    this.outcome = outcome;
    this.waitsForPorts = !portTimeout.isZero();
    this.clock = clock;
    this.saga =
        Saga.named("server-create", ServerJob.class)
            .step("place", this::place, this::undo)
            .step("ports", this::attachPorts)
            .step("start", this::start)
            .waitFor("ports-up", this::portsUp, Duration.ofSeconds(1), portTimeout)
            .transaction("active", this::finish)
            .onFailure(this::fail);
  }

  public Saga<ServerJob> saga() {
    return saga;
  }

  /** The server, unless it shall be deleted: then there is nothing left to make. */
  private Server wanted(ServerJob job) {
    Server server =
        database
            .read(handle -> servers.find(handle, job.server()))
            .filter(row -> !row.isDeleted())
            .orElseThrow(() -> StepException.terminal("The server is gone."));
    if (server.state().task().equals(Optional.of(TaskState.DELETING))) {
      throw StepException.terminal("The server was deleted while it was built.");
    }
    return server;
  }

  private ServerJob place(ServerJob job) {
    scheduler.place(wanted(job), job.neighbours(), Set.of());
    return job;
  }

  /** Takes back every step, also one that failed half-way: guest, ports, claim. */
  private void undo(ServerJob job) throws HostException {
    Server server = database.read(handle -> servers.find(handle, job.server())).orElseThrow();
    if (server.where().host().isPresent()) {
      hosts.require(server.where().host().get()).remove(job.server());
    }
    ports.detach(server);
    database.change(handle -> unplace(handle, job));
  }

  private void unplace(Handle handle, ServerJob job) {
    placement.release(handle, job.server());
    servers.update(handle, job.server(), ServerChange.none().nowhere().ports(List.of()));
  }

  private ServerJob attachPorts(ServerJob job) {
    Server server = wanted(job);
    ports.attach(
        server,
        job.requestId(),
        row -> ServerOutcome.next(row, TaskState.NETWORKING, TaskState.SPAWNING));
    return job;
  }

  private ServerJob start(ServerJob job) throws HostException {
    Set<String> failed = new HashSet<>();
    while (true) {
      Server server = wanted(job);
      String host = server.where().host().orElseThrow();
      try {
        hosts.require(host).ensure(specs.forNewDisk(server, GuestSpec.PowerState.RUNNING));
        return job;
      } catch (HostException problem) {
        failed.add(host);
        if (failed.size() >= MAX_HOSTS || hosts.records().size() <= failed.size()) {
          throw judged(problem);
        }
        LOG.warn("Host {} could not start server {}; trying another", host, job.server(), problem);
        moveOn(job, server, failed, problem);
      } catch (IOException imageGone) {
        throw StepException.terminal(
            "Image " + server.image().map(Server.Image::id).orElse(null) + " is not available.",
            imageGone);
      }
    }
  }

  /** Leaves the host that failed for another one; if there is none, the failure stands. */
  private void moveOn(ServerJob job, Server server, Set<String> failed, HostException problem)
      throws HostException {
    hosts.require(server.where().host().orElseThrow()).remove(server.id());
    database.change(handle -> unplace(handle, job));
    try {
      scheduler.place(wanted(job), job.neighbours(), failed);
    } catch (StepException noOther) {
      throw judged(problem);
    }
    ports.rebind(wanted(job));
    database.change(
        handle -> outcome.advance(handle, job.server(), TaskState.NETWORKING, TaskState.SPAWNING));
  }

  /** Whether what a host refuses is worth another attempt. */
  static StepException judged(HostException problem) {
    String message = Objects.requireNonNullElse(problem.getMessage(), "The host failed.");
    return problem.retryable()
        ? StepException.retryable(message, problem)
        : StepException.terminal(message, problem);
  }

  private Optional<ServerJob> portsUp(ServerJob job) {
    Server server = wanted(job);
    if (!waitsForPorts || server.ports().stream().allMatch(PortInfo::up)) {
      return Optional.of(job);
    }
    List<PortInfo> now = ports.refresh(job.server());
    return now.stream().allMatch(PortInfo::up) ? Optional.of(job) : Optional.empty();
  }

  private ServerJob finish(Handle handle, ServerJob job) {
    outcome.active(handle, job, clock.instant());
    return job;
  }

  private void fail(Handle handle, ServerJob job, String error) {
    outcome.failedToBuild(handle, job, error, clock.instant());
  }
}
