package cloud.lastmile.compute.request;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Links;
import cloud.lastmile.compute.common.Paging;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerRow.Reference;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.compute.view.ServerView;
import cloud.lastmile.compute.view.ServerViews;
import cloud.lastmile.compute.view.ViewOptions;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Work;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/** The lists of servers, in brief and in full: one statement each, and views rendered once. */
public final class ServerListing {
  /** Of rows that are read together, and of an answer; a thousand usual servers have less. */
  private static final long PIECE_BYTES = 8 << 20;

  private static final int MOST_BYTES = 16 << 20;

  private static final byte[] START = ascii("{\"servers\": [");
  private static final byte[] COMMA = ascii(", ");
  private static final byte[] END = ascii("]}");

  private final Database database;
  private final ServerStore servers;
  private final ServerViews views;
  private final Hosts hosts;

  public ServerListing(Database database, ServerStore servers, ServerViews views, Hosts hosts) {
    this.database = database;
    this.servers = servers;
    this.views = views;
    this.hosts = hosts;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v2.1/servers", ComputePolicies.SERVERS_INDEX, this::index),
        Route.get("/v2.1/servers/detail", ComputePolicies.SERVERS_DETAIL, this::detail));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private ApiResponse index(ApiRequest request) {
    String baseUrl = request.baseUrl();
    return answer(
        request,
        "servers",
        page(request),
        server -> Json.mapper().writeValueAsBytes(ServerView.brief(baseUrl, server)));
  }

  private ApiResponse detail(ApiRequest request) {
    ViewOptions options = ViewOptions.ofList(request, hosts);
    return answer(request, "servers/detail", page(request), views.of(options));
  }

  /**
   * What is asked for.
   *
   * @param first the servers of the first piece, see {@link #piece}
   */
  private record Page(List<Reference> references, List<Server> first) {
    static final Page EMPTY = new Page(List.of(), List.of());
  }

  private Page page(ApiRequest request) {
    ServerFilters filters = new ServerFilters(request);
    Map<String, List<String>> paging = paging(request);
    Optional<List<Condition>> conditions = filters.conditions();
    Optional<String> project = project(request, filters);
    if (conditions.isEmpty()) {
      return Page.EMPTY;
    }
    Work<Page> list =
        handle -> {
          filters.requireKnown(handle);
          List<Reference> found = servers.list(handle, paging, project, conditions.get()).rows();
          return new Page(found, servers.read(handle, piece(found, 0)));
        };
    return filters.isSlow() ? database.readFiltered(list) : database.read(list);
  }

  /** As many from there on as may be in memory at once: all, if they are usual servers. */
  private static List<Reference> piece(List<Reference> references, int from) {
    long bytes = 0;
    int to = from;
    while (to < references.size() && (to == from || bytes < PIECE_BYTES)) {
      bytes += references.get(to++).bytes();
    }
    return references.subList(from, to);
  }

  private static Optional<String> project(ApiRequest request, ServerFilters filters) {
    if (!filters.isAllTenants()) {
      return Optional.of(request.caller().requireProjectId());
    }
    request.enforce(
        request.route().path().endsWith("detail")
            ? ComputePolicies.SERVERS_DETAIL_ALL
            : ComputePolicies.SERVERS_INDEX_ALL,
        Map.of());
    return Optional.empty();
  }

  /** Limit, marker and sort keys, without the keys that order nothing. */
  private static Map<String, List<String>> paging(ApiRequest request) {
    Map<String, List<String>> paging = new LinkedHashMap<>();
    for (String name : List.of("limit", "marker")) {
      if (request.query().containsKey(name)) {
        paging.put(name, request.query().get(name));
      }
    }
    List<String> keys = new ArrayList<>();
    List<String> directions = new ArrayList<>();
    List<String> asked = request.query().getOrDefault("sort_key", List.of());
    List<String> askedDirections = request.query().getOrDefault("sort_dir", List.of());
    for (int i = 0; i < asked.size(); i++) {
      String key = asked.get(i).strip();
      if (isIgnored(request, key)) {
        continue;
      }
      if ((key.equals("host") || key.equals("node")) && !request.caller().hasRole("admin")) {
        throw ApiException.forbidden("Only administrators can sort servers by " + key);
      }
      keys.add(key);
      if (i < askedDirections.size()) {
        directions.add(askedDirections.get(i).strip());
      }
    }
    if (!keys.isEmpty()) {
      paging.put("sort_key", keys);
    }
    if (!directions.isEmpty()) {
      paging.put("sort_dir", directions);
    } else if (asked.isEmpty() && !askedDirections.isEmpty()) {
      paging.put("sort_dir", List.of(askedDirections.getFirst().strip()));
    }
    return paging;
  }

  private static boolean isIgnored(ApiRequest request, String key) {
    if (request.atLeast("2.75")) {
      return false;
    }
    return ServerStore.IGNORED_SORT_KEYS.contains(key)
        || (key.equals("locked") && !request.atLeast("2.73"));
  }

  /** A page whose servers are large ends early, with a link to the next as ever. */
  private ApiResponse answer(
      ApiRequest request, String path, Page page, Function<Server, byte[]> view) {
    List<Reference> references = page.references();
    ByteArrayOutputStream body = new ByteArrayOutputStream(64 + references.size() * 2048);
    body.writeBytes(START);
    int shown = write(page.first(), view, false, body);
    int read = piece(references, 0).size();
    while (read < references.size() && body.size() < MOST_BYTES) {
      List<Reference> piece = piece(references, read);
      List<Server> next = database.read(handle -> servers.read(handle, piece));
      shown += write(next, view, shown > 0, body);
      read += piece.size();
    }
    if (read < references.size() || Paging.isFull(request, references.size())) {
      ObjectNode links = Json.object();
      Links.next(links, request, "servers", path, references.get(read - 1).id().toString());
      byte[] next = Json.mapper().writeValueAsBytes(links);
      body.write(']');
      body.writeBytes(COMMA);
      body.write(next, 1, next.length - 1);
    } else {
      body.writeBytes(END);
    }
    return ApiResponse.bytes(200, "application/json", body.toByteArray());
  }

  private static int write(
      List<Server> page,
      Function<Server, byte[]> view,
      boolean separated,
      ByteArrayOutputStream body) {
    boolean comma = separated;
    for (Server server : page) {
      if (comma) {
        body.writeBytes(COMMA);
      }
      body.writeBytes(view.apply(server));
      comma = true;
    }
    return page.size();
  }
}
