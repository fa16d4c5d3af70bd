package cloud.lastmile.placement.provider;

import cloud.lastmile.placement.common.PlacementFaults;
import cloud.lastmile.placement.common.PlacementRules;
import cloud.lastmile.placement.common.Versions;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /resource_providers/{uuid}/aggregates}. */
public final class AggregateRoutes {
  private static final String WITH_GENERATION = "1.19";

  private final Database database;
  private final ProviderStore providers;
  private final LabelStore labels;
  private final PlacementEvents events;

  public AggregateRoutes(
      Database database, ProviderStore providers, LabelStore labels, PlacementEvents events) {
    this.database = database;
    this.providers = providers;
    this.labels = labels;
    this.events = events;
  }

  public List<Route> routes() {
    String path = "/resource_providers/{uuid}/aggregates";
    return List.of(
        Route.get(path, PlacementRules.LIST_AGGREGATES, this::list).from("1.1"),
        Route.put(path, PlacementRules.UPDATE_AGGREGATES, this::replace).from("1.1"));
  }

  private ApiResponse list(ApiRequest request) {
    return database.read(handle -> {
      Provider provider = providers.require(handle, request);
      return render(request, provider, labels.aggregates(handle, provider.id()));
    });
  }

  private ApiResponse replace(ApiRequest request) {
    boolean checked = request.atLeast(WITH_GENERATION);
    int generation;
    Set<UUID> aggregates;
    if (checked) {
      Fields body = Bodies.object(request);
      generation = Bodies.generation(body);
      Fields.Value wanted = body.required("aggregates");
      if (!wanted.isArray()) {
        throw wanted.invalid("it is not of type 'array'");
      }
      aggregates = ids(wanted.node());
      body.rejectUnknown();
    } else {
      generation = 0;
      aggregates = ids(Bodies.any(request));
    }
    return database.transact(handle -> {
      Provider provider = providers.requireLocked(handle, request);
      if (checked && provider.generation() != generation) {
        throw Versions.conflict(
            PlacementFaults.CONCURRENT_UPDATE,
            "Resource provider's generation already changed. Please update the generation and try"
                + " again.");
      }
      labels.setAggregates(handle, provider.id(), aggregates);
      if (checked) {
        providers.bump(handle, Set.of(provider.id()));
      }
      Provider next = providers.find(handle, provider.id()).orElseThrow();
      events.ofProvider(handle, "aggregates", "update", next, request.context().requestId());
      return render(request, next, aggregates);
    });
  }

  private static Set<UUID> ids(JsonNode array) {
    if (!array.isArray()) {
      throw ApiException.badRequest("JSON does not validate: it is not of type 'array'");
    }
    Set<UUID> ids = new LinkedHashSet<>();
    for (JsonNode element : array) {
      UUID id =
          Ids.parseUuid(element.isString() ? element.asString() : "")
              .orElseThrow(() ->
                  ApiException.badRequest(
                      "JSON does not validate: " + element + " is not a 'uuid'"));
      if (!ids.add(id)) {
        throw ApiException.badRequest("JSON does not validate: the array has non-unique elements");
      }
    }
    return ids;
  }

  private static ApiResponse render(ApiRequest request, Provider provider, Set<UUID> aggregates) {
    ObjectNode answer = Json.object();
    answer.set("aggregates", Json.strings(aggregates.stream().map(UUID::toString).toList()));
    if (request.atLeast(WITH_GENERATION)) {
      answer.put("resource_provider_generation", provider.generation());
    }
    return Versions.stampedNow(request, ApiResponse.ok(answer));
  }
}
