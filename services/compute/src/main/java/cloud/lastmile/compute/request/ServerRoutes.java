package cloud.lastmile.compute.request;

import cloud.lastmile.compute.boot.ServerAccept;
import cloud.lastmile.compute.boot.ServerDraft;
import cloud.lastmile.compute.common.Addresses;
import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.common.Links;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.job.ServerDeletion;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerChange;
import cloud.lastmile.compute.server.ServerEvents;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.compute.view.ServerView;
import cloud.lastmile.compute.view.ViewOptions;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Servers one by one: create, show, update, delete. Lists are in {@link ServerListing}. */
public final class ServerRoutes {
  private final Database database;
  private final ServerStore servers;
  private final ServerFinder finder;
  private final ServerView view;
  private final Hosts hosts;
  private final ServerAccept accept;
  private final ServerDeletion deletion;
  private final ServerEvents events;

  public ServerRoutes(
      Database database,
      ServerStore servers,
      ServerView view,
      Hosts hosts,
      ServerAccept accept,
      ServerDeletion deletion,
      ServerEvents events) {
    this.database = database;
    this.servers = servers;
    this.finder = new ServerFinder(database, servers);
    this.view = view;
    this.hosts = hosts;
    this.accept = accept;
    this.deletion = deletion;
    this.events = events;
  }

  public List<Route> routes() {
    String one = "/v2.1/servers/{server_id}";
    return List.of(
        Route.post("/v2.1/servers", ComputePolicies.SERVERS_CREATE, this::create),
        Route.get(one, ComputePolicies.SERVERS_SHOW, this::show).enforcedByHandler(),
        Route.put(one, ComputePolicies.SERVERS_UPDATE, this::update).enforcedByHandler(),
        Route.delete(one, ComputePolicies.SERVERS_DELETE, this::delete).enforcedByHandler());
  }

  private ApiResponse create(ApiRequest request) {
    ServerDraft draft = ServerDraft.read(request);
    List<Server> accepted = accept.accept(request, draft);
    Server first = accepted.getFirst();
    if (draft.returnReservation()) {
      return ApiResponse.json(202, Json.object().put("reservation_id", first.reservationId()));
    }
    ObjectNode server = Json.object();
    server.put("id", first.id().toString());
    server.set("links", ServerView.links(request.baseUrl(), first));
    server.put("OS-DCF:diskConfig", first.diskConfig());
    ArrayNode groups = server.putArray("security_groups");
    List<String> names =
        draft.securityGroups().isEmpty() ? List.of("default") : draft.securityGroups();
    names.forEach(name -> groups.addObject().put("name", name));
    server.put("adminPass", draft.adminPassword());
    ObjectNode body = Json.object();
    body.set("server", server);
    return ApiResponse.json(202, body)
        .header("Location", Links.self(request.baseUrl(), "servers", first.id().toString()));
  }

  private ApiResponse show(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.SERVERS_SHOW);
    return ApiResponse.ok(shown(request, server, ViewOptions.Kind.SHOW));
  }

  private ObjectNode shown(ApiRequest request, Server server, ViewOptions.Kind kind) {
    ObjectNode body = Json.object();
    body.set("server", view.full(server, ViewOptions.of(request, kind, server, hosts)));
    return body;
  }

  private ApiResponse update(ApiRequest request) {
    Server server = finder.find(request, ComputePolicies.SERVERS_UPDATE);
    ServerChange change = change(request, server);
    UUID id = server.id();
    Server updated =
        database.transact(handle -> {
          if (!servers.update(handle, id, change)) {
            throw ServerFinder.notFound(id.toString());
          }
          Server now = servers.find(handle, id).orElseThrow();
          events.server(handle, "update", now, request.context().requestId());
          return now;
        });
    return ApiResponse.ok(shown(request, updated, ViewOptions.Kind.UPDATE));
  }

  private static ServerChange change(ApiRequest request, Server server) {
    Fields root = request.body();
    Fields body = root.object("server");
    ServerChange change = ServerChange.none();
    if (body.has("name")) {
      change = change.name(Inputs.name(body.required("name")));
    }
    if (body.has("accessIPv4")) {
      change = change.accessIpV4(Addresses.v4OrEmpty(body.required("accessIPv4")));
    }
    if (body.has("accessIPv6")) {
      change = change.accessIpV6(Addresses.v6OrEmpty(body.required("accessIPv6")));
    }
    if (body.has("OS-DCF:diskConfig")) {
      String config = ServerDraft.diskConfig(body.required("OS-DCF:diskConfig"));
      server.image().ifPresent(image -> image.diskConfig(Optional.of(config)));
      change = change.diskConfig(config);
    }
    if (request.atLeast("2.19") && body.has("description")) {
      change =
          change.description(body.optional("description").map(v -> Inputs.description(v, 255)));
    }
    if (request.atLeast("2.90") && body.has("hostname")) {
      change = change.hostname(Inputs.hostname(body.required("hostname")));
    }
    body.rejectUnknown();
    root.rejectUnknown();
    return change;
  }

  private ApiResponse delete(ApiRequest request) {
    PolicyRule rule = ComputePolicies.SERVERS_DELETE;
    Server server = finder.find(request, rule);
    deletion.accept(request, server, "delete");
    return ApiResponse.empty(204);
  }
}
