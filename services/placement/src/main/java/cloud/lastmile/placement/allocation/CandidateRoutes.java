package cloud.lastmile.placement.allocation;

import cloud.lastmile.placement.allocation.CandidateSearch.Result;
import cloud.lastmile.placement.allocation.CandidateSearch.Tree;
import cloud.lastmile.placement.common.PlacementFaults;
import cloud.lastmile.placement.common.PlacementRules;
import cloud.lastmile.placement.common.Versions;
import cloud.lastmile.placement.inventory.Inventory;
import cloud.lastmile.placement.provider.Bodies;
import cloud.lastmile.placement.provider.Names;
import cloud.lastmile.placement.provider.Provider;
import cloud.lastmile.placement.provider.ProviderQuery;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /allocation_candidates}: where a request would fit. */
public final class CandidateRoutes {
  private static final Pattern NUMBERED =
      Pattern.compile("(resources|required|member_of|in_tree)[1-9][0-9]*");
  private static final Pattern GRANULAR =
      Pattern.compile("(resources|required|member_of|in_tree)[a-zA-Z0-9_-]{1,64}");

  private final Database database;
  private final CandidateSearch search;

  public CandidateRoutes(Database database, CandidateSearch search) {
    this.database = database;
    this.search = search;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/allocation_candidates", PlacementRules.CANDIDATES, this::list).from("1.10"));
  }

  private ApiResponse list(ApiRequest request) {
    requireSupported(request);
    Bodies.requireQuery(request, parameters(request));
    if (request.query("resources").isEmpty()) {
      throw ApiException.of(
          Kind.BAD_REQUEST,
          PlacementFaults.MISSING_QUERY_VALUE,
          "There must be at least one resources or resources[$S] parameter.");
    }
    OptionalInt limit = limit(request);
    ProviderQuery query = ProviderQuery.of(request);
    ProviderQuery root = RootTraits.of(request);
    boolean nested = request.atLeast("1.29");
    Result result =
        database.read(handle -> {
          Names.requireKnown(handle, query);
          Names.requireTraits(handle, root.traits());
          return search.find(handle, query, root, nested, limit);
        });
    return Versions.stampedNow(request, ApiResponse.ok(render(request, query, result)));
  }

  private static void requireSupported(ApiRequest request) {
    for (String name : request.query().keySet()) {
      if (name.equals("same_subtree") && request.atLeast("1.36")) {
        throw ApiException.badRequest("The same_subtree parameter is not supported yet.");
      }
      Pattern granular = request.atLeast("1.33") ? GRANULAR : NUMBERED;
      if (request.atLeast("1.25") && granular.matcher(name).matches()) {
        throw ApiException.badRequest(
            "Granular request groups are not supported yet: " + name + ".");
      }
    }
  }

  private static Set<String> parameters(ApiRequest request) {
    Set<String> known = new HashSet<>(Set.of("resources"));
    if (request.atLeast("1.16")) {
      known.add("limit");
    }
    if (request.atLeast("1.17")) {
      known.add("required");
    }
    if (request.atLeast("1.21")) {
      known.add("member_of");
    }
    if (request.atLeast("1.25")) {
      known.add("group_policy");
    }
    if (request.atLeast("1.31")) {
      known.add("in_tree");
    }
    if (request.atLeast("1.35")) {
      known.add("root_required");
    }
    request
        .query("group_policy")
        .filter(policy -> !policy.equals("none") && !policy.equals("isolate"))
        .ifPresent(policy -> {
          throw ProviderQuery.badQuery("'" + policy + "' is not one of ['none', 'isolate']");
        });
    return known;
  }

  private static OptionalInt limit(ApiRequest request) {
    String text = request.query("limit").orElse("");
    if (text.isEmpty() && request.query("limit").isEmpty()) {
      return OptionalInt.empty();
    }
    if (!text.matches("[1-9]\\d*")) {
      throw ProviderQuery.badQuery("'" + text + "' does not match '^[1-9][0-9]*$'");
    }
    return OptionalInt.of(text.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(text));
  }

  private static ObjectNode render(ApiRequest request, ProviderQuery query, Result result) {
    ObjectNode answer = Json.object();
    ArrayNode requests = answer.putArray("allocation_requests");
    Set<UUID> involved = new HashSet<>();
    for (Map<UUID, Map<String, Long>> candidate : result.requests()) {
      involved.addAll(candidate.keySet());
      ObjectNode shown = requests.addObject();
      if (request.atLeast("1.12")) {
        keyed(shown, candidate);
      } else {
        listed(shown, candidate);
      }
      if (request.atLeast("1.34")) {
        List<String> ids = candidate.keySet().stream().map(UUID::toString).toList();
        shown.putObject("mappings").set("", Json.strings(ids));
      }
    }
    ObjectNode summaries = answer.putObject("provider_summaries");
    boolean wholeTrees = request.atLeast("1.29");
    for (Tree tree : result.trees()) {
      for (Tree.Member member : tree.members()) {
        if (wholeTrees || involved.contains(member.provider().id())) {
          summarize(request, query, member, summaries);
        }
      }
    }
    return answer;
  }

  private static void keyed(ObjectNode shown, Map<UUID, Map<String, Long>> candidate) {
    ObjectNode allocations = shown.putObject("allocations");
    candidate.forEach((provider, resources) -> {
      ObjectNode amounts = allocations.putObject(provider.toString()).putObject("resources");
      resources.forEach(amounts::put);
    });
  }

  private static void listed(ObjectNode shown, Map<UUID, Map<String, Long>> candidate) {
    ArrayNode allocations = shown.putArray("allocations");
    candidate.forEach((provider, resources) -> {
      ObjectNode allocation = allocations.addObject();
      allocation.putObject("resource_provider").put("uuid", provider.toString());
      ObjectNode amounts = allocation.putObject("resources");
      resources.forEach(amounts::put);
    });
  }

  private static void summarize(
      ApiRequest request, ProviderQuery query, Tree.Member member, ObjectNode summaries) {
    Provider provider = member.provider();
    ObjectNode summary = summaries.putObject(provider.id().toString());
    ObjectNode resources = summary.putObject("resources");
    boolean all = request.atLeast("1.27");
    for (Inventory inventory : member.inventories().values()) {
      if (all || query.resources().containsKey(inventory.resourceClass())) {
        resources
            .putObject(inventory.resourceClass())
            .put("capacity", inventory.capacity())
            .put("used", inventory.used());
      }
    }
    if (request.atLeast("1.17")) {
      summary.set("traits", Json.strings(member.traits()));
    }
    if (request.atLeast("1.29")) {
      summary.put("parent_provider_uuid", provider.parent().map(UUID::toString).orElse(null));
      summary.put("root_provider_uuid", provider.root().toString());
    }
  }
}
