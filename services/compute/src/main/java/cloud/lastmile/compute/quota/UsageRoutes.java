package cloud.lastmile.compute.quota;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.common.Links;
import cloud.lastmile.compute.common.Paging;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code os-simple-tenant-usage}: for how long projects used how much. */
public final class UsageRoutes {
  private static final String PATH = "/v2.1/os-simple-tenant-usage";
  private static final Pattern TIME =
      Pattern.compile(
          "\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,6})?"
              + "| \\d\\d:\\d\\d:\\d\\d\\.\\d{1,6})");

  private final Database database;
  private final UsageStore store;
  private final InstantSource clock;

  public UsageRoutes(Database database, UsageStore store, InstantSource clock) {
    this.database = database;
    this.store = store;
    this.clock = clock;
  }

  /**
   * What is asked for.
   *
   * @param stop never in the future, for nothing is used yet there
   */
  private record Period(Instant start, Instant stop, Instant now) {}

  public List<Route> routes() {
    return List.of(
        Route.get(PATH, ComputePolicies.USAGE_LIST, this::list),
        Route.get(PATH + "/{project_id}", ComputePolicies.USAGE_SHOW, this::show)
            .enforcedByHandler());
  }

  private ApiResponse list(ApiRequest request) {
    // Who forgot to say which project must not get everybody's usage.
    if (request.rawPath().endsWith("/")) {
      throw ApiException.notFound("The resource could not be found.");
    }
    Inputs.rejectUnknownQuery(request, Set.of("start", "end", "detailed", "limit", "marker"));
    Period period = period(request);
    boolean detailed = first(request, "detailed").filter("1"::equals).isPresent();
    List<ServerUsage> servers = servers(request, Optional.empty(), period);
    ObjectNode body = Json.object();
    ArrayNode usages = body.putArray("tenant_usages");
    byProject(servers).values().forEach(of -> usages.add(view(of, period, detailed)));
    return page(request, body, "tenant_usages", "os-simple-tenant-usage", servers);
  }

  private ApiResponse show(ApiRequest request) {
    String project = request.path("project_id");
    request.enforce(Map.of("project_id", project));
    Inputs.rejectUnknownQuery(request, Set.of("start", "end", "limit", "marker"));
    Period period = period(request);
    List<ServerUsage> servers = servers(request, Optional.of(project), period);
    ObjectNode body = Json.object();
    body.set("tenant_usage", servers.isEmpty() ? Json.object() : view(servers, period, true));
    return page(request, body, "tenant_usage", "os-simple-tenant-usage/" + project, servers);
  }

  private static ApiResponse page(
      ApiRequest request,
      ObjectNode body,
      String collection,
      String path,
      List<ServerUsage> servers) {
    if (request.atLeast("2.40") && Paging.isFull(request, servers.size())) {
      Links.next(body, request, collection, path, servers.getLast().id().toString());
    }
    return ApiResponse.ok(body);
  }

  private List<ServerUsage> servers(ApiRequest request, Optional<String> project, Period period) {
    Map<String, List<String>> paging = new HashMap<>(request.query());
    paging.keySet().retainAll(request.atLeast("2.40") ? Set.of("limit", "marker") : Set.of());
    return database
        .read(handle -> store.list(handle, paging, project, period.start(), period.stop()))
        .rows();
  }

  private static Map<String, List<ServerUsage>> byProject(List<ServerUsage> servers) {
    Map<String, List<ServerUsage>> byProject = new LinkedHashMap<>();
    for (ServerUsage server : servers) {
      byProject.computeIfAbsent(server.projectId(), _ -> new ArrayList<>()).add(server);
    }
    return byProject;
  }

  private static ObjectNode view(List<ServerUsage> servers, Period period, boolean detailed) {
    ObjectNode view = Json.object();
    ArrayNode details = Json.array();
    double hours = 0;
    double vcpus = 0;
    double ram = 0;
    double disk = 0;
    for (ServerUsage server : servers) {
      double ran = server.hours(period.start(), period.stop());
      hours += ran;
      vcpus += ran * server.vcpus();
      ram += ran * server.ramMib();
      disk += ran * server.diskGib();
      details.add(view(server, ran, period.now()));
    }
    view.put("tenant_id", servers.getFirst().projectId());
    view.put("total_hours", hours);
    view.put("total_vcpus_usage", vcpus);
    view.put("total_memory_mb_usage", ram);
    view.put("total_local_gb_usage", disk);
    view.put("start", Timestamps.microsWithoutZone(period.start()));
    view.put("stop", Timestamps.microsWithoutZone(period.stop()));
    if (detailed) {
      view.set("server_usages", details);
    }
    return view;
  }

  private static ObjectNode view(ServerUsage server, double hours, Instant now) {
    ObjectNode view = Json.object();
    view.put("instance_id", server.id().toString());
    view.put("name", server.name());
    view.put("tenant_id", server.projectId());
    view.put("flavor", server.flavor());
    view.put("hours", hours);
    view.put("vcpus", server.vcpus());
    view.put("memory_mb", server.ramMib());
    view.put("local_gb", server.diskGib());
    view.put("started_at", Timestamps.microsWithoutZone(server.started()));
    view.put("ended_at", server.ended().map(Timestamps::microsWithoutZone).orElse(null));
    view.put("state", server.ended().isPresent() ? "terminated" : server.state());
    view.put("uptime", server.uptime(now));
    return view;
  }

  private Period period(ApiRequest request) {
    Instant now = Timestamps.truncate(clock.instant());
    Optional<Instant> start = time(request, "start");
    Optional<Instant> end = time(request, "end");
    // Asked for nothing, the period is this very moment.
    boolean moment = start.isEmpty() && end.isEmpty();
    if (!moment && !start.orElse(now).isBefore(end.orElse(now))) {
      throw ApiException.badRequest(
          "Invalid start time. The start time cannot occur after the end time.");
    }
    return new Period(start.orElse(now), end.filter(now::isAfter).orElse(now), now);
  }

  private static Optional<Instant> time(ApiRequest request, String name) {
    return first(request, name)
        .filter(text -> !text.isEmpty())
        .map(text ->
            Optional.of(text)
                .filter(one -> TIME.matcher(one).matches())
                .flatMap(Timestamps::parse)
                .orElseThrow(() ->
                    ApiException.badRequest(
                        "Invalid datetime string: Datetime is in invalid format")));
  }

  /** The reference takes the first of several values here. */
  private static Optional<String> first(ApiRequest request, String name) {
    return request.query().getOrDefault(name, List.of()).stream().findFirst();
  }
}
