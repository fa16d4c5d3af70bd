package cloud.lastmile.compute.request;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.common.JsonColumns;
import cloud.lastmile.compute.job.ServerTransition;
import cloud.lastmile.compute.job.ServerTransition.Rule;
import cloud.lastmile.compute.quota.ComputeQuotas;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ObjectNode;

/** A server's metadata: all of it, and item by item. */
public final class ServerMetadataRoutes {
  private static final String PATH = "/v2.1/servers/{server_id}/metadata";
  private static final Set<TaskState> ANY = EnumSet.allOf(TaskState.class);
  private static final Set<VmState> STATES =
      Set.of(
          VmState.ACTIVE,
          VmState.BUILDING,
          VmState.PAUSED,
          VmState.SUSPENDED,
          VmState.STOPPED,
          VmState.ERROR);

  private final Database database;
  private final ServerFinder finder;
  private final ServerTransition transition;
  private final ComputeQuotas quotas;

  public ServerMetadataRoutes(
      Database database, ServerFinder finder, ServerTransition transition, ComputeQuotas quotas) {
    this.database = database;
    this.finder = finder;
    this.transition = transition;
    this.quotas = quotas;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(PATH, ComputePolicies.METADATA_INDEX, this::list).enforcedByHandler(),
        Route.post(PATH, ComputePolicies.METADATA_CREATE, this::merge).enforcedByHandler(),
        Route.put(PATH, ComputePolicies.METADATA_UPDATE_ALL, this::replace).enforcedByHandler(),
        Route.get(PATH + "/{key}", ComputePolicies.METADATA_SHOW, this::show).enforcedByHandler(),
        Route.put(PATH + "/{key}", ComputePolicies.METADATA_UPDATE, this::put).enforcedByHandler(),
        Route.delete(PATH + "/{key}", ComputePolicies.METADATA_DELETE, this::delete)
            .enforcedByHandler());
  }

  private ApiResponse list(ApiRequest request) {
    return all(finder.find(request, ComputePolicies.METADATA_INDEX).metadata());
  }

  private ApiResponse show(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.METADATA_SHOW);
    String key = request.path("key");
    return one(key, item(server, key));
  }

  private static String item(Server server, String key) {
    return item(server.metadata(), key);
  }

  private static String item(Map<String, String> items, String key) {
    String value = items.get(key);
    if (value == null) {
      throw ApiException.notFound("Metadata item was not found");
    }
    return value;
  }

  private ApiResponse merge(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.METADATA_CREATE);
    Map<String, String> more = body(request);
    return all(change(request, server, "Create metadata", before -> merged(before, more)));
  }

  private ApiResponse replace(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.METADATA_UPDATE_ALL);
    Map<String, String> items = body(request);
    return all(change(request, server, "Update metadata", _ -> items));
  }

  private ApiResponse put(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.METADATA_UPDATE);
    Fields root = request.body();
    Map<String, String> items = Inputs.metadata(root.required("meta"));
    root.rejectUnknown();
    String key = request.path("key");
    if (items.size() != 1 || !items.containsKey(key)) {
      throw ApiException.badRequest("Request body and URI mismatch");
    }
    change(request, server, "Update metadata", before -> merged(before, items));
    return one(key, items.get(key));
  }

  private ApiResponse delete(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.METADATA_DELETE);
    String key = request.path("key");
    item(server, key);
    change(
        request,
        server,
        "Delete metadata",
        before -> {
          // Another may have removed it since.
          item(before, key);
          Map<String, String> fewer = new LinkedHashMap<>(before);
          fewer.remove(key);
          return fewer;
        });
    return ApiResponse.empty(204);
  }

  private static Map<String, String> body(ApiRequest request) {
    Fields root = request.body();
    Map<String, String> items = Inputs.metadata(root.required("metadata"));
    root.rejectUnknown();
    return items;
  }

  private static Map<String, String> merged(Map<String, String> before, Map<String, String> more) {
    Map<String, String> merged = new LinkedHashMap<>(before);
    merged.putAll(more);
    return merged;
  }

  private Map<String, String> change(
      ApiRequest request, Server server, String verb, UnaryOperator<Map<String, String>> operator) {
    Map<String, String> result = new LinkedHashMap<>();
    long limit =
        database.read(handle -> quotas.limit(handle, server.projectId(), "metadata_items"));
    transition.change(
        request,
        server,
        new Rule(verb, "", "", STATES, ANY),
        locked -> {
          Map<String, String> changed = operator.apply(locked.metadata());
          if (limit >= 0 && changed.size() > limit) {
            throw ApiException.forbidden("Maximum number of metadata items exceeds " + limit);
          }
          result.clear();
          result.putAll(changed);
          return ServerChange.none().metadata(changed);
        });
    return result;
  }

  private static ApiResponse all(Map<String, String> items) {
    ObjectNode body = Json.object();
    body.set("metadata", JsonColumns.object(items));
    return ApiResponse.ok(body);
  }

  private static ApiResponse one(String key, String value) {
    ObjectNode body = Json.object();
    body.putObject("meta").put(key, value);
    return ApiResponse.ok(body);
  }
}
