package cloud.lastmile.compute.action;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.job.ServerDeletion;
import cloud.lastmile.compute.server.ActionLog;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerEvents;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import java.util.List;
import java.util.Map;

/** {@code os-resetState}, {@code forceDelete}, and what the reference has taken away. */
public final class AdminAction implements ServerAction {
  private final Database database;
  private final ServerStore servers;
  private final ServerFinder finder;
  private final ServerDeletion deletion;
  private final ActionLog actions;
  private final ServerEvents events;

  public AdminAction(
      Database database,
      ServerStore servers,
      ServerFinder finder,
      ServerDeletion deletion,
      ActionLog actions,
      ServerEvents events) {
    this.database = database;
    this.servers = servers;
    this.finder = finder;
    this.deletion = deletion;
    this.actions = actions;
    this.events = events;
  }

  @Override
  public Map<String, Run> actions() {
    return Map.of(
        "os-resetState",
        this::resetState,
        "forceDelete",
        this::forceDelete,
        "resetNetwork",
        this::resetNetwork);
  }

  private ApiResponse resetState(ApiRequest request, Fields body) {
    Server server = finder.find(request, ComputePolicies.RESET_STATE);
    Fields fields = body.object("os-resetState");
    Fields.Value value = fields.required("state");
    String state = value.text(0, 255);
    fields.rejectUnknown();
    if (!state.equals("active") && !state.equals("error")) {
      throw value.invalid("'" + state + "' is not one of ['active', 'error']");
    }
    ServerChange change = ServerChange.none().vm(VmState.of(state)).noTask();
    database.change(handle -> {
      if (!servers.update(handle, server.id(), change)) {
        throw ServerFinder.notFound(server.id().toString());
      }
      RequestContext context = request.context();
      actions.start(handle, List.of(server.id()), "resetState", "compute_reset_state", context);
      actions.succeed(handle, server.id(), context.requestId(), server.where().host());
      servers
          .find(handle, server.id())
          .ifPresent(now -> events.server(handle, "resetState", now, context.requestId()));
    });
    return ApiResponse.empty(202);
  }

  private ApiResponse resetNetwork(ApiRequest request, Fields body) {
    request.enforce(Map.of());
    throw ApiException.of(
        Kind.GONE, "The action resetNetwork was removed from the API with the 23.0.0 release.");
  }

  private ApiResponse forceDelete(ApiRequest request, Fields body) {
    Server server = finder.find(request, ComputePolicies.FORCE_DELETE);
    deletion.accept(request, server, "forceDelete");
    return ApiResponse.empty(202);
  }
}
