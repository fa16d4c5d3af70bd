package cloud.lastmile.compute.hypervisor;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.common.Links;
import cloud.lastmile.compute.common.Paging;
import cloud.lastmile.compute.host.HostRecord;
import cloud.lastmile.compute.host.HostStore;
import cloud.lastmile.compute.server.HostedServer;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.placement.api.Placement;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code os-hypervisors}: hosts with what they have and what of it is used. */
public final class HypervisorRoutes {
  private static final String PATH = "/v2.1/os-hypervisors";

  private final Database database;
  private final ServerStore servers;
  private final HostStore store;
  private final HypervisorView view;
  private final Placement placement;

  public HypervisorRoutes(
      Database database,
      ServerStore servers,
      HostStore store,
      HypervisorView view,
      Placement placement) {
    this.database = database;
    this.servers = servers;
    this.store = store;
    this.view = view;
    this.placement = placement;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(PATH, ComputePolicies.HYPERVISORS_LIST, this::list),
        Route.get(PATH + "/detail", ComputePolicies.HYPERVISORS_DETAIL, this::detail),
        Route.get(PATH + "/statistics", ComputePolicies.HYPERVISORS_STATISTICS, this::statistics)
            .upTo("2.87"),
        Route.get(PATH + "/{id}", ComputePolicies.HYPERVISORS_SHOW, this::show),
        Route.get(PATH + "/{id}/uptime", ComputePolicies.HYPERVISORS_UPTIME, this::uptime)
            .upTo("2.87"),
        Route.get(PATH + "/{id}/search", ComputePolicies.HYPERVISORS_SEARCH, this::search)
            .upTo("2.52"),
        Route.get(PATH + "/{id}/servers", ComputePolicies.HYPERVISORS_SERVERS, this::servers)
            .upTo("2.52"));
  }

  /** What a page of hypervisors is made of, in three statements whatever its size. */
  private List<HypervisorView.Hypervisor> hypervisors(boolean withServers, boolean withUsage) {
    List<HostRecord> hosts = database.read(store::all);
    Map<String, List<HostedServer>> guests =
        withServers || withUsage ? database.read(servers::guestsByHost) : Map.of();
    Map<UUID, Map<String, Long>> usages = withUsage ? placement.usages() : Map.of();
    return hosts.stream()
        .map(host ->
            new HypervisorView.Hypervisor(
                host,
                guests.getOrDefault(host.name(), List.of()),
                usages.getOrDefault(host.id(), Map.of()),
                withServers))
        .toList();
  }

  private ApiResponse list(ApiRequest request) {
    return page(request, false);
  }

  private ApiResponse detail(ApiRequest request) {
    return page(request, true);
  }

  private ApiResponse page(ApiRequest request, boolean detail) {
    List<HypervisorView.Hypervisor> all = hypervisors(withServers(request), detail);
    Optional<String> pattern =
        request.atLeast("2.53") ? request.query("hypervisor_hostname_pattern") : Optional.empty();
    boolean paged = request.atLeast("2.33") && pattern.isEmpty();
    if (pattern.isPresent()) {
      if (request.query("limit").isPresent() || request.query("marker").isPresent()) {
        throw ApiException.badRequest(
            "Paging over hypervisors with the hypervisor_hostname_pattern query parameter is not"
                + " supported.");
      }
      all = matching(all, pattern.get());
    }
    List<HypervisorView.Hypervisor> shown = paged ? cut(request, all) : all;
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray("hypervisors");
    shown.forEach(one -> array.add(detail ? view.full(request, one) : view.brief(request, one)));
    if (paged && Paging.isFull(request, shown.size())) {
      Links.next(
          body,
          request,
          "hypervisors",
          detail ? "os-hypervisors/detail" : "os-hypervisors",
          view.id(request, shown.getLast().host()));
    }
    return ApiResponse.ok(body);
  }

  private List<HypervisorView.Hypervisor> cut(
      ApiRequest request, List<HypervisorView.Hypervisor> all) {
    int limit =
        request
            .query("limit")
            .map(text -> {
              if (!text.matches("\\d{1,9}")) {
                throw ApiException.badRequest(
                    "Invalid input for query parameters limit. Value: " + text);
              }
              return Math.min(Integer.parseInt(text), Paging.MAX_LIMIT);
            })
            .orElse(Paging.MAX_LIMIT);
    List<HypervisorView.Hypervisor> rest = new ArrayList<>(all);
    request
        .query("marker")
        .ifPresent(marker -> {
          int at = 0;
          while (at < rest.size() && !view.id(request, rest.get(at).host()).equals(marker)) {
            at++;
          }
          if (at == rest.size()) {
            throw ApiException.badRequest("marker [" + marker + "] not found");
          }
          rest.subList(0, at + 1).clear();
        });
    return rest.size() > limit ? List.copyOf(rest.subList(0, limit)) : rest;
  }

  private static List<HypervisorView.Hypervisor> matching(
      List<HypervisorView.Hypervisor> all, String pattern) {
    List<HypervisorView.Hypervisor> matching =
        all.stream().filter(one -> one.host().name().contains(pattern)).toList();
    if (matching.isEmpty()) {
      throw ApiException.notFound("No hypervisor matching '" + pattern + "' could be found.");
    }
    return matching;
  }

  private static boolean withServers(ApiRequest request) {
    if (!request.atLeast("2.53")) {
      return false;
    }
    String text = request.query("with_servers").orElse("false");
    if (Inputs.isTrue(text)) {
      return true;
    }
    if (Inputs.isFalse(text)) {
      return false;
    }
    throw ApiException.badRequest(
        "Invalid input for query parameters with_servers. '" + text + "' is not a boolean");
  }

  private HypervisorView.Hypervisor find(ApiRequest request, boolean withServers) {
    String id = request.path("id");
    if (request.atLeast("2.53") && Ids.parseUuid(id).isEmpty()) {
      throw ApiException.badRequest("Invalid uuid " + id);
    }
    return hypervisors(withServers, true).stream()
        .filter(one -> view.id(request, one.host()).equalsIgnoreCase(id))
        .findFirst()
        .orElseThrow(
            () -> ApiException.notFound("Hypervisor with ID '" + id + "' could not be found."));
  }

  private ApiResponse show(ApiRequest request) {
    ObjectNode body = Json.object();
    body.set("hypervisor", view.full(request, find(request, withServers(request))));
    return ApiResponse.ok(body);
  }

  private ApiResponse uptime(ApiRequest request) {
    find(request, false);
    throw ApiException.notImplemented("Hosts do not report their uptime here.");
  }

  private ApiResponse search(ApiRequest request) {
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray("hypervisors");
    matching(hypervisors(false, false), request.path("id"))
        .forEach(one -> array.add(view.brief(request, one)));
    return ApiResponse.ok(body);
  }

  private ApiResponse servers(ApiRequest request) {
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray("hypervisors");
    matching(hypervisors(true, false), request.path("id"))
        .forEach(one -> array.add(view.brief(request, one)));
    return ApiResponse.ok(body);
  }

  private ApiResponse statistics(ApiRequest request) {
    ObjectNode body = Json.object();
    body.set("hypervisor_statistics", view.sum(hypervisors(false, true)));
    return ApiResponse.ok(body);
  }
}
