package cloud.lastmile.compute.request;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.common.Links;
import cloud.lastmile.compute.job.ServerTransition;
import cloud.lastmile.compute.job.ServerTransition.Rule;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.server.TaskState;
import cloud.lastmile.compute.server.VmState;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ObjectNode;

/** A server's tags, since 2.26. */
public final class ServerTagRoutes {
  private static final String PATH = "/v2.1/servers/{server_id}/tags";
  private static final Set<TaskState> ANY = EnumSet.allOf(TaskState.class);
  private static final Set<VmState> STATES =
      Set.of(VmState.ACTIVE, VmState.PAUSED, VmState.SUSPENDED, VmState.STOPPED);

  private final ServerFinder finder;
  private final ServerTransition transition;

  public ServerTagRoutes(ServerFinder finder, ServerTransition transition) {
    this.finder = finder;
    this.transition = transition;
  }

  public List<Route> routes() {
    return List.of(
        route(Route.get(PATH, ComputePolicies.TAGS_INDEX, this::list)),
        route(Route.put(PATH, ComputePolicies.TAGS_UPDATE_ALL, this::replace)),
        route(Route.delete(PATH, ComputePolicies.TAGS_DELETE_ALL, this::clear)),
        route(Route.get(PATH + "/{tag}", ComputePolicies.TAGS_SHOW, this::show)),
        route(Route.put(PATH + "/{tag}", ComputePolicies.TAGS_UPDATE, this::add)),
        route(Route.delete(PATH + "/{tag}", ComputePolicies.TAGS_DELETE, this::remove)));
  }

  private static Route route(Route route) {
    return route.enforcedByHandler().from("2.26");
  }

  private ApiResponse list(ApiRequest request) {
    return answer(finder.find(request, ComputePolicies.TAGS_INDEX).tags());
  }

  private static ApiResponse answer(List<String> tags) {
    ObjectNode body = Json.object();
    body.set("tags", Json.strings(tags));
    return ApiResponse.ok(body);
  }

  private ApiResponse replace(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.TAGS_UPDATE_ALL);
    Fields root = request.body();
    List<String> tags = Inputs.tags(root.required("tags"));
    root.rejectUnknown();
    change(request, server, "update tags", _ -> tags);
    return answer(tags);
  }

  private ApiResponse clear(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.TAGS_DELETE_ALL);
    change(request, server, "delete tags", _ -> List.of());
    return ApiResponse.empty(204);
  }

  private ApiResponse show(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.TAGS_SHOW);
    requireTag(server, server.tags(), request.path("tag"));
    return ApiResponse.empty(204);
  }

  private static void requireTag(Server server, List<String> tags, String tag) {
    if (!tags.contains(tag)) {
      throw ApiException.notFound("Server " + server.id() + " has no tag '" + tag + "'");
    }
  }

  private ApiResponse add(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.TAGS_UPDATE);
    String tag = request.path("tag");
    if (!tag.matches("[^,/]{1,60}")) {
      throw ApiException.badRequest(
          "Tag '"
              + tag
              + "' is invalid. It must be a non empty string without characters '/' and ',' and"
              + " of at most 60 characters.");
    }
    boolean known = server.tags().contains(tag);
    change(
        request,
        server,
        "update tag",
        before -> {
          List<String> tags = new ArrayList<>(before);
          if (!tags.contains(tag)) {
            tags.add(tag);
          }
          if (tags.size() > Inputs.MAX_TAGS) {
            throw ApiException.badRequest(
                "The number of tags exceeded the per-server limit " + Inputs.MAX_TAGS);
          }
          return tags;
        });
    return known
        ? ApiResponse.empty(204)
        : ApiResponse.empty(201)
            .header(
                "Location",
                Links.self(request.baseUrl(), "servers", server.id().toString()) + "/tags/" + tag);
  }

  private ApiResponse remove(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.TAGS_DELETE);
    String tag = request.path("tag");
    requireTag(server, server.tags(), tag);
    change(
        request,
        server,
        "delete tag",
        before -> {
          // Another may have removed it since.
          requireTag(server, before, tag);
          return before.stream().filter(one -> !one.equals(tag)).toList();
        });
    return ApiResponse.empty(204);
  }

  private void change(
      ApiRequest request, Server server, String verb, UnaryOperator<List<String>> operator) {
    transition.change(
        request,
        server,
        new Rule(verb, "", "", STATES, ANY),
        locked -> ServerChange.none().tags(operator.apply(locked.tags())));
  }
}
