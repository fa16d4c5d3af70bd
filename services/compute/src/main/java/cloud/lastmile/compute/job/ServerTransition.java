package cloud.lastmile.compute.job;

import cloud.lastmile.compute.server.ActionLog;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerEvents;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.server.ServerJob;
import cloud.lastmile.compute.server.ServerRefusals;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.work.Jobs;
import cloud.lastmile.platform.work.Saga;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * How an action on a server begins: the server is found fit for it, gets its task, and the job is
 * accepted, all in one transaction.
 */
public final class ServerTransition {
  private final Database database;
  private final ServerStore servers;
  private final ActionLog actions;
  private final ServerEvents events;
  private final Jobs jobs;

  public ServerTransition(
      Database database, ServerStore servers, ActionLog actions, ServerEvents events, Jobs jobs) {
    this.database = database;
    this.servers = servers;
    this.actions = actions;
    this.events = events;
    this.jobs = jobs;
  }

  /**
   * When an action is possible and what it is called.
   *
   * @param verb in refusals, {@code stop}
   * @param action in the log
   * @param event in the log
   * @param states in which it is possible
   * @param tasks that it may interrupt
   */
  public record Rule(
      String verb, String action, String event, Set<VmState> states, Set<TaskState> tasks) {}

  /** Accepts an action that a job carries out; gives the server as it is now. */
  public <S> Server begin(
      ApiRequest request,
      Server server,
      Rule rule,
      Function<Server, ServerChange> change,
      Saga<S> saga,
      Function<Server, S> state) {
    RequestContext context = request.context();
    return database.transact(handle -> {
      Server locked = requireFit(handle, request, server, rule);
      if (locked.where().host().isEmpty()) {
        throw ApiException.conflict("Instance " + server.id() + " is not ready");
      }
      servers.update(handle, server.id(), change.apply(locked));
      Server changed = servers.find(handle, server.id()).orElseThrow();
      actions.start(handle, List.of(server.id()), rule.action(), rule.event(), context);
      events.server(handle, rule.action(), changed, context.requestId());
      jobs.submit(
          handle,
          saga,
          ServerJob.key(server.id()),
          state.apply(changed),
          context.requestId(),
          server.projectId());
      return changed;
    });
  }

  /** The same for a job that needs to know no more than its server. */
  public Server begin(
      ApiRequest request,
      Server server,
      Rule rule,
      Function<Server, ServerChange> change,
      Saga<ServerJob> saga) {
    String requestId = request.context().requestId();
    return begin(request, server, rule, change, saga, now -> new ServerJob(now.id(), requestId));
  }

  /** Does at once what needs no job. */
  public void change(
      ApiRequest request, Server server, Rule rule, Function<Server, ServerChange> change) {
    RequestContext context = request.context();
    database.change(handle -> {
      Server locked = requireFit(handle, request, server, rule);
      servers.update(handle, server.id(), change.apply(locked));
      if (!rule.action().isEmpty()) {
        actions.start(handle, List.of(server.id()), rule.action(), rule.event(), context);
        actions.succeed(handle, server.id(), context.requestId(), locked.where().host());
      }
      servers
          .find(handle, server.id())
          .ifPresent(now -> events.server(handle, "update", now, context.requestId()));
    });
  }

  private Server requireFit(Handle handle, ApiRequest request, Server server, Rule rule) {
    Server locked =
        servers
            .lock(handle, server.id())
            .orElseThrow(() -> ServerFinder.notFound(server.id().toString()));
    ServerRefusals.requireUnlocked(request, locked);
    requireState(locked, rule);
    return locked;
  }

  /**
   * @throws ApiException conflict, if the server is in no state for it
   */
  public static void requireState(Server server, Rule rule) {
    Optional<TaskState> task = server.state().task();
    if (!rule.states().contains(server.state().vm())) {
      throw ServerRefusals.invalidState(
          server, rule.verb(), "vm_state", server.state().vm().text());
    }
    if (task.isPresent() && !rule.tasks().contains(task.get())) {
      throw ServerRefusals.invalidState(server, rule.verb(), "task_state", task.get().text());
    }
  }
}
