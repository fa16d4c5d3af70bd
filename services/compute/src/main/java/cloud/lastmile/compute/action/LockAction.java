package cloud.lastmile.compute.action;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.server.ActionLog;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerEvents;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code lock} and {@code unlock}: a locked server refuses its owner's actions. */
public final class LockAction implements ServerAction {
  private final Database database;
  private final ServerStore servers;
  private final ServerFinder finder;
  private final ActionLog actions;
  private final ServerEvents events;

  public LockAction(
      Database database,
      ServerStore servers,
      ServerFinder finder,
      ActionLog actions,
      ServerEvents events) {
    this.database = database;
    this.servers = servers;
    this.finder = finder;
    this.actions = actions;
    this.events = events;
  }

  @Override
  public Map<String, Run> actions() {
    return Map.of("lock", this::lock, "unlock", this::unlock);
  }

  private ApiResponse lock(ApiRequest request, Fields body) {
    Server server = finder.find(request, ComputePolicies.LOCK);
    Optional<String> reason = Optional.empty();
    if (request.atLeast("2.73") && !body.isNull("lock")) {
      Fields fields = body.object("lock");
      reason = fields.optional("locked_reason").map(v -> v.text(1, 255));
      fields.rejectUnknown();
    }
    boolean owner = request.caller().projectId().filter(server.projectId()::equals).isPresent();
    if (server.lock().isEmpty() || !owner) {
      change(
          request, server, "lock", ServerChange.none().locked(owner ? "owner" : "admin", reason));
    }
    return ApiResponse.empty(202);
  }

  private ApiResponse unlock(ApiRequest request, Fields body) {
    Server server = finder.find(request, ComputePolicies.UNLOCK);
    boolean byAdmin = server.lock().filter(lock -> lock.by().equals("admin")).isPresent();
    if (byAdmin) {
      request.enforce(ComputePolicies.UNLOCK_OVERRIDE, server.target());
    }
    change(request, server, "unlock", ServerChange.none().unlocked());
    return ApiResponse.empty(202);
  }

  private void change(ApiRequest request, Server server, String action, ServerChange change) {
    database.change(handle -> {
      if (!servers.update(handle, server.id(), change)) {
        throw ServerFinder.notFound(server.id().toString());
      }
      actions.start(handle, List.of(server.id()), action, "api_" + action, request.context());
      actions.succeed(handle, server.id(), request.context().requestId(), server.where().host());
      events.server(handle, action, server, request.context().requestId());
    });
  }
}
