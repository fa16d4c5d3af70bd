package cloud.lastmile.placement.allocation;

import cloud.lastmile.placement.allocation.AllocationBodies.ConsumerRequest;
import cloud.lastmile.placement.allocation.AllocationStore.Wanted;
import cloud.lastmile.placement.allocation.ConsumerStore.Consumer;
import cloud.lastmile.placement.common.PlacementFaults;
import cloud.lastmile.placement.common.PlacementRules;
import cloud.lastmile.placement.common.Refusal;
import cloud.lastmile.placement.common.Versions;
import cloud.lastmile.placement.provider.Bodies;
import cloud.lastmile.placement.provider.NameStore;
import cloud.lastmile.placement.provider.Names;
import cloud.lastmile.placement.provider.PlacementEvents;
import cloud.lastmile.placement.provider.Provider;
import cloud.lastmile.placement.provider.ProviderStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** {@code /allocations} and {@code /resource_providers/{uuid}/allocations}. */
public final class AllocationRoutes {
  private final Database database;
  private final ProviderStore providers;
  private final ConsumerStore consumers;
  private final AllocationStore allocations;
  private final PlacementEvents events;

  public AllocationRoutes(
      Database database,
      ProviderStore providers,
      ConsumerStore consumers,
      AllocationStore allocations,
      PlacementEvents events) {
    this.database = database;
    this.providers = providers;
    this.consumers = consumers;
    this.allocations = allocations;
    this.events = events;
  }

  public List<Route> routes() {
    String one = "/allocations/{consumer_uuid}";
    return List.of(
        Route.post("/allocations", PlacementRules.MANAGE_ALLOCATIONS, this::setMany).from("1.13"),
        Route.get(one, PlacementRules.LIST_ALLOCATIONS, this::show),
        Route.put(one, PlacementRules.UPDATE_ALLOCATIONS, this::set),
        Route.delete(one, PlacementRules.DELETE_ALLOCATIONS, this::delete),
        Route.get(
            "/resource_providers/{uuid}/allocations",
            PlacementRules.PROVIDER_ALLOCATIONS,
            this::ofProvider));
  }

  private ApiResponse show(ApiRequest request) {
    ObjectNode answer = Json.object();
    ObjectNode shown = answer.putObject("allocations");
    Ids.parseUuid(request.path("consumer_uuid"))
        .ifPresent(id -> {
          for (AllocationStore.Detail detail :
              database.read(handle -> allocations.ofConsumer(handle, id))) {
            render(request, answer, shown, detail);
          }
        });
    return Versions.stampedNow(request, ApiResponse.ok(answer));
  }

  private static void render(
      ApiRequest request, ObjectNode answer, ObjectNode shown, AllocationStore.Detail detail) {
    String provider = detail.provider().toString();
    ObjectNode ofProvider =
        shown.get(provider) instanceof ObjectNode present ? present : shown.putObject(provider);
    ofProvider.put("generation", detail.providerGeneration());
    resources(ofProvider).put(detail.resourceClass(), detail.amount());
    Consumer consumer = detail.consumer();
    if (request.atLeast("1.12")) {
      answer.put("project_id", consumer.projectId());
      answer.put("user_id", consumer.userId());
    }
    if (request.atLeast("1.28")) {
      answer.put("consumer_generation", consumer.generation());
    }
    if (request.atLeast("1.38")) {
      answer.put("consumer_type", consumer.type().orElse("unknown"));
    }
  }

  private static ObjectNode resources(ObjectNode holder) {
    return holder.get("resources") instanceof ObjectNode present
        ? present
        : holder.putObject("resources");
  }

  private ApiResponse ofProvider(ApiRequest request) {
    ObjectNode answer = Json.object();
    ObjectNode shown = answer.putObject("allocations");
    boolean withGeneration = request.atLeast("1.28");
    database.read(handle -> {
      Provider provider = providers.require(handle, request);
      answer.put("resource_provider_generation", provider.generation());
      for (AllocationStore.Detail detail : allocations.ofProvider(handle, provider.id())) {
        String consumer = detail.consumer().id().toString();
        ObjectNode ofConsumer =
            shown.get(consumer) instanceof ObjectNode present ? present : shown.putObject(consumer);
        resources(ofConsumer).put(detail.resourceClass(), detail.amount());
        if (withGeneration) {
          ofConsumer.put("consumer_generation", detail.consumer().generation());
        }
      }
      return answer;
    });
    return Versions.stampedNow(request, ApiResponse.ok(answer));
  }

  private ApiResponse set(ApiRequest request) {
    UUID consumer = AllocationBodies.consumer(request.path("consumer_uuid"));
    Fields body = Bodies.object(request);
    ConsumerRequest wanted = AllocationBodies.read(request, consumer, body, false);
    database.change(handle ->
        write(handle, request, List.of(wanted), " inventory for consumer " + consumer + ":"));
    return ApiResponse.empty(204);
  }

  private ApiResponse setMany(ApiRequest request) {
    Fields body = Bodies.object(request);
    List<ConsumerRequest> wanted = new ArrayList<>();
    for (String key : body.node().propertyNames()) {
      UUID consumer =
          Ids.parseUuid(key)
              .filter(_ -> key.length() == 36)
              .orElseThrow(() -> body.invalid(key, "'" + key + "' is not a 'uuid'"));
      wanted.add(AllocationBodies.read(request, consumer, body.object(key), true));
    }
    if (wanted.isEmpty()) {
      throw ApiException.badRequest("JSON does not validate: {} does not have enough properties");
    }
    database.change(handle -> write(handle, request, wanted, " inventory"));
    return ApiResponse.empty(204);
  }

  private void write(Handle handle, ApiRequest request, List<ConsumerRequest> all, String what) {
    requireClasses(handle, all, what);
    List<ConsumerRequest> sorted =
        all.stream().sorted(Comparator.comparing(ConsumerRequest::consumer)).toList();
    for (ConsumerRequest wanted : sorted) {
      lock(handle, wanted);
    }
    Optional<Refusal> refusal =
        allocations.replace(
            handle,
            sorted.stream()
                .map(wanted -> new Wanted(wanted.consumer(), wanted.byProvider()))
                .toList());
    if (refusal.isPresent()) {
      throw refused(refusal.get());
    }
    for (ConsumerRequest wanted : sorted) {
      consumers.update(
          handle,
          wanted.consumer(),
          wanted.projectId(),
          wanted.userId(),
          wanted.type().orElse(null));
      events.ofConsumer(
          handle,
          "update",
          wanted.consumer(),
          request.context().requestId(),
          Json.mapper().valueToTree(wanted.byProvider()));
    }
    consumers.forgetEmpty(handle, sorted.stream().map(ConsumerRequest::consumer).toList());
  }

  private static void requireClasses(Handle handle, List<ConsumerRequest> all, String what) {
    Set<String> classes = new HashSet<>();
    all.forEach(wanted ->
        wanted.byProvider().values().forEach(resources -> classes.addAll(resources.keySet())));
    Set<String> missing = NameStore.CLASSES.missing(handle, classes);
    if (!missing.isEmpty()) {
      throw ApiException.badRequest(
          "Unable to allocate" + what + " " + Names.noClass(missing.iterator().next()));
    }
  }

  private void lock(Handle handle, ConsumerRequest wanted) {
    Consumer consumer =
        consumers.ensure(
            handle,
            wanted.consumer(),
            wanted.projectId(),
            wanted.userId(),
            wanted.type().orElse(null));
    if (!wanted.checksGeneration()) {
      return;
    }
    OptionalInt expected =
        consumer.isNew() ? OptionalInt.empty() : OptionalInt.of(consumer.generation());
    if (!expected.equals(wanted.generation())) {
      throw Versions.conflict(
          PlacementFaults.CONCURRENT_UPDATE,
          "consumer generation conflict - expected "
              + shown(expected)
              + " but got "
              + shown(wanted.generation()));
    }
  }

  private static String shown(OptionalInt generation) {
    return generation.isPresent() ? Integer.toString(generation.getAsInt()) : "null";
  }

  private static ApiException refused(Refusal refusal) {
    return switch (refusal) {
      case Refusal.NoProvider none ->
          ApiException.badRequest(
              "Allocation for resource provider '" + none.provider() + "' that does not exist.");
      case Refusal.NoInventory none ->
          ApiException.conflict(
              "Unable to allocate inventory: Inventory for '"
                  + none.resourceClass()
                  + "' on resource provider '"
                  + none.provider()
                  + "' invalid.");
      case Refusal.WrongAmount wrong ->
          ApiException.conflict(
              unable(wrong.resourceClass(), wrong.provider())
                  + "The requested amount would violate inventory constraints.");
      case Refusal.CapacityExceeded exceeded ->
          ApiException.conflict(
              unable(exceeded.resourceClass(), exceeded.provider())
                  + "The requested amount would exceed the capacity.");
    };
  }

  private static String unable(String resourceClass, UUID provider) {
    return "Unable to allocate inventory: Unable to create allocation for '"
        + resourceClass
        + "' on resource provider '"
        + provider
        + "'. ";
  }

  private ApiResponse delete(ApiRequest request) {
    String text = request.path("consumer_uuid");
    ApiException none = ApiException.notFound("No allocations for consumer '" + text + "'");
    UUID consumer = Ids.parseUuid(text).orElseThrow(() -> none);
    database.change(handle -> {
      if (!consumers.lock(handle, consumer)) {
        throw none;
      }
      allocations.release(handle, consumer);
      consumers.forgetEmpty(handle, List.of(consumer));
      events.ofConsumer(handle, "delete", consumer, request.context().requestId(), Json.object());
    });
    return ApiResponse.empty(204);
  }
}
