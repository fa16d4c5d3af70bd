package cloud.lastmile.compute.action;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Links;
import cloud.lastmile.compute.common.Paging;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.view.ServerView;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.Utc;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code os-instance-actions}: what was done to a server. */
public final class ActionRoutes {
  private static final String PATH = "/v2.1/servers/{server_id}/os-instance-actions";

  private final Database database;
  private final ServerFinder finder;
  private final ActionStore store;

  public ActionRoutes(Database database, ServerFinder finder, ActionStore store) {
    this.database = database;
    this.finder = finder;
    this.store = store;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(PATH, ComputePolicies.ACTIONS_LIST, this::list).enforcedByHandler(),
        Route.get(PATH + "/{request_id}", ComputePolicies.ACTIONS_SHOW, this::show)
            .enforcedByHandler());
  }

  private Server server(ApiRequest request, PolicyRule rule) {
    return request.atLeast("2.21")
        ? finder.findEvenDeleted(request, rule)
        : finder.find(request, rule);
  }

  private ApiResponse list(ApiRequest request) {
    Server server = server(request, ComputePolicies.ACTIONS_LIST);
    boolean paged = request.atLeast("2.58");
    if (paged) {
      requireKnownQuery(request);
    }
    List<Condition> conditions = paged ? changes(request) : List.of();
    Map<String, List<String>> paging = new LinkedHashMap<>(request.query());
    paging.keySet().retainAll(paged ? Set.of("limit", "marker") : Set.of());
    ListPage<ActionStore.Action> page =
        database.read(handle -> store.list(handle, server.id(), paging, conditions));
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray("instanceActions");
    page.rows().forEach(action -> array.add(view(request, action)));
    if (paged && Paging.isFull(request, page.rows().size())) {
      body.putArray("links")
          .addObject()
          .put("rel", "next")
          .put(
              "href",
              Links.nextUrl(
                  request,
                  "servers/" + server.id() + "/os-instance-actions",
                  page.rows().getLast().requestId()));
    }
    return ApiResponse.ok(body);
  }

  private static void requireKnownQuery(ApiRequest request) {
    for (String name : request.query().keySet()) {
      boolean known =
          Set.of("limit", "marker", "changes-since").contains(name)
              || (request.atLeast("2.66") && name.equals("changes-before"));
      if (!known) {
        throw ApiException.badRequest(
            "Additional properties are not allowed ('" + name + "' was unexpected)");
      }
    }
  }

  private static List<Condition> changes(ApiRequest request) {
    Optional<Instant> since = time(request, "changes-since");
    Optional<Instant> before = time(request, "changes-before");
    if (since.isPresent() && before.isPresent() && before.get().isBefore(since.get())) {
      throw ApiException.badRequest(
          "The value of changes-since must be less than or equal to changes-before.");
    }
    List<Condition> conditions = new ArrayList<>();
    since.ifPresent(time -> conditions.add(Condition.of("a.updated_at >= {}", Utc.of(time))));
    before.ifPresent(time -> conditions.add(Condition.of("a.updated_at <= {}", Utc.of(time))));
    return conditions;
  }

  private static Optional<Instant> time(ApiRequest request, String name) {
    return request
        .query(name)
        .map(text ->
            Timestamps.parse(text)
                .orElseThrow(() ->
                    ApiException.badRequest(
                        "Invalid input for query parameters "
                            + name
                            + ". '"
                            + text
                            + "' is not a 'date-time'")));
  }

  private ApiResponse show(ApiRequest request) {
    Server server = server(request, ComputePolicies.ACTIONS_SHOW);
    String id = request.path("request_id");
    ActionStore.Action action =
        database
            .read(handle -> store.find(handle, server.id(), id))
            .orElseThrow(() -> ApiException.notFound("Action " + id + " not found"));
    ObjectNode view = view(request, action);
    boolean everything = request.allows(ComputePolicies.ACTIONS_EVENTS, server.target());
    if (everything || request.atLeast("2.51")) {
      ArrayNode events = view.putArray("events");
      database
          .read(handle -> store.events(handle, action.number()))
          .forEach(event -> events.add(event(request, server, event, everything)));
    }
    ObjectNode body = Json.object();
    body.set("instanceAction", view);
    return ApiResponse.ok(body);
  }

  private static ObjectNode view(ApiRequest request, ActionStore.Action action) {
    ObjectNode view = Json.object();
    view.put("action", action.action());
    view.put("instance_uuid", action.server().toString());
    view.put("request_id", action.requestId());
    view.put("user_id", action.userId());
    view.put("project_id", action.projectId());
    view.put("start_time", Timestamps.microsWithoutZone(action.started()));
    view.put("message", action.message().orElse(null));
    if (request.atLeast("2.58")) {
      view.put("updated_at", Timestamps.microsWithoutZone(action.updated()));
    }
    return view;
  }

  private static ObjectNode event(
      ApiRequest request, Server server, ActionStore.Event event, boolean everything) {
    ObjectNode view = Json.object();
    view.put("event", event.event());
    view.put("start_time", Timestamps.microsWithoutZone(event.started()));
    view.put("finish_time", event.finished().map(Timestamps::microsWithoutZone).orElse(null));
    view.put("result", event.result().orElse(null));
    if (everything) {
      view.putNull("traceback");
    }
    if (request.atLeast("2.62")) {
      if (everything) {
        view.put("host", event.host().orElse(null));
      }
      view.put(
          "hostId",
          event.host().map(host -> ServerView.hostId(server.projectId(), host)).orElse(""));
    }
    if (request.atLeast("2.84")
        && request.allows(ComputePolicies.ACTIONS_EVENT_DETAILS, server.target())) {
      view.put("details", event.details().orElse(null));
    }
    return view;
  }
}
