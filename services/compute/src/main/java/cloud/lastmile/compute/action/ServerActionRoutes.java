package cloud.lastmile.compute.action;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code POST /servers/{id}/action}: the body's only field names the action. */
public final class ServerActionRoutes {
  private final Map<String, ServerAction.Run> actions = new HashMap<>();

  public ServerActionRoutes(List<ServerAction> all) {
    for (ServerAction some : all) {
      some.actions()
          .forEach((name, run) -> {
            if (actions.putIfAbsent(name, run) != null) {
              throw new IllegalArgumentException("There are two actions " + name);
            }
          });
    }
  }

  public List<Route> routes() {
    return List.of(
        Route.post("/v2.1/servers/{server_id}/action", ComputePolicies.SERVERS_ACTION, this::act)
            .enforcedByHandler());
  }

  private ApiResponse act(ApiRequest request) {
    Fields body = request.body();
    if (body.node().size() != 1) {
      throw ApiException.badRequest("Malformed request body: it must name one action");
    }
    String name = body.node().propertyNames().iterator().next();
    ServerAction.Run run = actions.get(name);
    if (run == null) {
      throw ApiException.badRequest("There is no such action: " + name);
    }
    body.has(name);
    return run.run(request, body);
  }
}
