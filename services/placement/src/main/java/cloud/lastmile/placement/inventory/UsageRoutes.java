package cloud.lastmile.placement.inventory;

import cloud.lastmile.placement.common.PlacementRules;
import cloud.lastmile.placement.common.StandardNames;
import cloud.lastmile.placement.common.Versions;
import cloud.lastmile.placement.provider.Bodies;
import cloud.lastmile.placement.provider.Provider;
import cloud.lastmile.placement.provider.ProviderQuery;
import cloud.lastmile.placement.provider.ProviderStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** What is used: by provider, and by project. */
public final class UsageRoutes {
  private static final String WITH_TYPES = "1.38";

  private final Database database;
  private final ProviderStore providers;
  private final InventoryStore inventories;
  private final UsageStore usages;

  public UsageRoutes(
      Database database, ProviderStore providers, InventoryStore inventories, UsageStore usages) {
    this.database = database;
    this.providers = providers;
    this.inventories = inventories;
    this.usages = usages;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(
            "/resource_providers/{uuid}/usages", PlacementRules.PROVIDER_USAGES, this::ofProvider),
        Route.get("/usages", PlacementRules.USAGES, this::ofProject)
            .from("1.9")
            .enforcedByHandler());
  }

  private ApiResponse ofProvider(ApiRequest request) {
    ObjectNode answer = Json.object();
    database.read(handle -> {
      Provider provider = providers.require(handle, request);
      answer.put("resource_provider_generation", provider.generation());
      ObjectNode shown = answer.putObject("usages");
      inventories.usages(handle, provider.id()).forEach(shown::put);
      return answer;
    });
    return Versions.stampedNow(request, ApiResponse.ok(answer));
  }

  private ApiResponse ofProject(ApiRequest request) {
    Optional<String> project = request.query("project_id");
    request.enforce(project.map(id -> Map.of("project_id", id)).orElse(Map.of()));
    boolean byType = request.atLeast(WITH_TYPES);
    Set<String> known = new HashSet<>(Set.of("project_id", "user_id"));
    if (byType) {
      known.add("consumer_type");
    }
    Bodies.requireQuery(request, known);
    String owner =
        project.orElseThrow(() -> ProviderQuery.badQuery("'project_id' is a required property"));
    for (String name : known) {
      request.query(name).ifPresent(value -> requireLength(name, value));
    }
    Optional<String> user = request.query("user_id");
    Optional<String> type = request.query("consumer_type");
    type.filter(text -> !text.equals("all") && !text.equals("unknown"))
        .filter(text -> Bodies.named(text).isEmpty())
        .ifPresent(text -> {
          throw ProviderQuery.badQuery("'" + text + "' is not a consumer type");
        });
    ObjectNode answer = Json.object();
    ObjectNode shown = answer.putObject("usages");
    if (byType) {
      byType(owner, user, type, shown);
    } else {
      database.read(handle -> usages.ofProject(handle, owner, user)).forEach(shown::put);
    }
    return Versions.stampedNow(request, ApiResponse.ok(answer));
  }

  private void byType(
      String project, Optional<String> user, Optional<String> type, ObjectNode shown) {
    for (UsageStore.TypeUsage usage :
        database.read(handle -> usages.byType(handle, project, user, type))) {
      ObjectNode ofType =
          shown.get(usage.type()) instanceof ObjectNode present
              ? present
              : shown.putObject(usage.type());
      ofType.put(usage.resourceClass(), usage.used());
      ofType.put("consumer_count", usage.consumers());
    }
  }

  private static void requireLength(String name, String value) {
    if (value.isEmpty() || value.length() > StandardNames.MAX_LENGTH || value.indexOf('\0') >= 0) {
      throw ApiException.badRequest(
          "Invalid query string parameters: " + name + " must have 1 to 255 characters");
    }
  }
}
