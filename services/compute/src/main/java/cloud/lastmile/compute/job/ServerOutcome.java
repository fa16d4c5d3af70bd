package cloud.lastmile.compute.job;

import cloud.lastmile.compute.server.ActionLog;
import cloud.lastmile.compute.server.PowerState;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerEvents;
import cloud.lastmile.compute.server.ServerFault;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.platform.core.Timestamps;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/** How jobs on servers end: in the row, the action log and the events, in one transaction. */
public final class ServerOutcome {
  private static final Pattern HOST_PATH = Pattern.compile("(?<![\\w/])/[^\\s:,;'\"]+");
  private static final int MAX_MESSAGE = 255;

  private final ServerStore servers;
  private final ActionLog actions;
  private final ServerEvents events;

  public ServerOutcome(ServerStore servers, ActionLog actions, ServerEvents events) {
    this.servers = servers;
    this.actions = actions;
    this.events = events;
  }

  private void tell(Handle handle, String what, ServerJob job) {
    servers
        .find(handle, job.server())
        .ifPresent(server -> events.server(handle, what, server, job.requestId()));
  }

  /** What {@link #advance} changes. */
  static ServerChange next(Server server, TaskState from, TaskState to) {
    return server.state().task().equals(Optional.of(from))
        ? ServerChange.task(to)
        : ServerChange.none();
  }

  /** To the next task, unless something else is being done by now. */
  void advance(Handle handle, UUID id, TaskState from, TaskState to) {
    servers
        .lock(handle, id)
        .ifPresent(server -> servers.update(handle, id, next(server, from, to)));
  }

  /** A new server is there. One that shall be deleted by now keeps that task. */
  void active(Handle handle, ServerJob job, Instant now) {
    Optional<Server> locked = servers.lock(handle, job.server());
    if (locked.isEmpty()) {
      return;
    }
    Server server = locked.get();
    ServerChange change =
        ServerChange.none()
            .vm(VmState.ACTIVE)
            .power(PowerState.RUNNING)
            .launched(Timestamps.truncate(now))
            .noAdminPassword();
    Optional<Server> active =
        servers.updated(handle, job.server(), isDeleting(server) ? change : change.noTask());
    actions.succeed(handle, job.server(), job.requestId(), server.where().host());
    active.ifPresent(there -> events.server(handle, "active", there, job.requestId()));
  }

  void failedToBuild(Handle handle, ServerJob job, String error, Instant now) {
    Optional<Server> locked = servers.lock(handle, job.server());
    if (locked.isEmpty()) {
      return;
    }
    Server server = locked.get();
    if (!isDeleting(server)) {
      servers.update(
          handle,
          job.server(),
          ServerChange.none()
              .vm(VmState.ERROR)
              .noTask()
              .noAdminPassword()
              .fault(fault(error, now)));
    }
    actions.fail(handle, job.server(), job.requestId(), server.where().host(), error);
    tell(handle, "error", job);
  }

  /** An action is done; the change says what the server is now. */
  void done(Handle handle, ServerJob job, ServerChange change) {
    Optional<Server> locked = servers.lock(handle, job.server());
    if (locked.isEmpty()) {
      return;
    }
    Server server = locked.get();
    servers.update(handle, job.server(), isDeleting(server) ? change : change.noTask());
    actions.succeed(handle, job.server(), job.requestId(), server.where().host());
    tell(handle, "update", job);
  }

  /** An action is done that others may have followed: what they are doing goes on. */
  void doneBeside(Handle handle, ServerJob job, Function<Server, ServerChange> change) {
    Optional<Server> locked = servers.lock(handle, job.server());
    if (locked.isEmpty()) {
      return;
    }
    Server server = locked.get();
    servers.update(handle, job.server(), change.apply(server));
    actions.succeed(handle, job.server(), job.requestId(), server.where().host());
    tell(handle, "update", job);
  }

  /** As {@link #doneBeside}, for one that failed. */
  void failedBeside(
      Handle handle, ServerJob job, String error, Function<Server, ServerChange> change) {
    Optional<Server> locked = servers.lock(handle, job.server());
    if (locked.isEmpty()) {
      return;
    }
    Server server = locked.get();
    servers.update(handle, job.server(), change.apply(server));
    actions.fail(handle, job.server(), job.requestId(), server.where().host(), error);
    tell(handle, "error", job);
  }

  /** An action failed and left the server as it was. */
  void failed(Handle handle, ServerJob job, String error, Instant now) {
    failed(handle, job, error, now, ServerChange.none());
  }

  /** An action failed; the change says what became of the server. */
  void failed(Handle handle, ServerJob job, String error, Instant now, ServerChange change) {
    Optional<Server> locked = servers.lock(handle, job.server());
    if (locked.isEmpty()) {
      return;
    }
    Server server = locked.get();
    ServerChange all = change.fault(fault(error, now));
    servers.update(handle, job.server(), isDeleting(server) ? all : all.noTask());
    actions.fail(handle, job.server(), job.requestId(), server.where().host(), error);
    tell(handle, "error", job);
  }

  /** Hosts' tools name files in their messages, which are the operator's affair alone. */
  public static ServerFault fault(String error, Instant now) {
    String shown = HOST_PATH.matcher(error).replaceAll("(a file of the host)");
    String message = shown.length() > MAX_MESSAGE ? shown.substring(0, MAX_MESSAGE) : shown;
    return new ServerFault(500, message, Optional.of(error), Timestamps.truncate(now));
  }

  private static boolean isDeleting(Server server) {
    return server.state().task().equals(Optional.of(TaskState.DELETING));
  }
}
