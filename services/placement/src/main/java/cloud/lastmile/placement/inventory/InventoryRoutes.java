package cloud.lastmile.placement.inventory;

import cloud.lastmile.placement.common.PlacementFaults;
import cloud.lastmile.placement.common.PlacementRules;
import cloud.lastmile.placement.common.StandardNames;
import cloud.lastmile.placement.common.Versions;
import cloud.lastmile.placement.provider.Bodies;
import cloud.lastmile.placement.provider.NameStore;
import cloud.lastmile.placement.provider.Names;
import cloud.lastmile.placement.provider.PlacementEvents;
import cloud.lastmile.placement.provider.Provider;
import cloud.lastmile.placement.provider.ProviderJson;
import cloud.lastmile.placement.provider.ProviderStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** {@code /resource_providers/{uuid}/inventories}. */
public final class InventoryRoutes {
  private final Database database;
  private final ProviderStore providers;
  private final InventoryStore inventories;
  private final PlacementEvents events;

  public InventoryRoutes(
      Database database,
      ProviderStore providers,
      InventoryStore inventories,
      PlacementEvents events) {
    this.database = database;
    this.providers = providers;
    this.inventories = inventories;
    this.events = events;
  }

  /** What an answer shows: a provider's generation with its inventories at that time. */
  private record Stock(Provider provider, List<Inventory> inventories) {
    Optional<Inventory> find(String resourceClass) {
      return inventories.stream()
          .filter(inventory -> inventory.resourceClass().equals(resourceClass))
          .findFirst();
    }
  }

  public List<Route> routes() {
    String all = "/resource_providers/{uuid}/inventories";
    String one = all + "/{resource_class}";
    return List.of(
        Route.get(all, PlacementRules.LIST_INVENTORIES, this::list),
        Route.post(all, PlacementRules.CREATE_INVENTORY, this::create),
        Route.put(all, PlacementRules.UPDATE_INVENTORY, this::replaceAll),
        Route.delete(all, PlacementRules.DELETE_INVENTORY, this::deleteAll),
        Route.get(one, PlacementRules.SHOW_INVENTORY, this::show),
        Route.put(one, PlacementRules.UPDATE_INVENTORY, this::update),
        Route.delete(one, PlacementRules.DELETE_INVENTORY, this::delete));
  }

  private Stock stock(Handle handle, Provider provider) {
    return new Stock(provider, inventories.list(handle, provider.id()));
  }

  private ApiResponse list(ApiRequest request) {
    return render(
        request, database.read(handle -> stock(handle, providers.require(handle, request))));
  }

  private ApiResponse show(ApiRequest request) {
    Stock stock = database.read(handle -> stock(handle, providers.require(handle, request)));
    String resourceClass = request.path("resource_class");
    Inventory inventory =
        stock
            .find(resourceClass)
            .orElseThrow(() ->
                ApiException.notFound(
                    "No inventory of class " + resourceClass + " for " + stock.provider().id()));
    return renderOne(request, 200, stock.provider(), inventory);
  }

  private ApiResponse create(ApiRequest request) {
    Fields body = Bodies.object(request);
    Fields.Value named = body.required("resource_class");
    String resourceClass =
        Bodies.named(named.text(1, StandardNames.MAX_LENGTH))
            .orElseThrow(() -> named.invalid("it does not match '^[A-Z0-9_]+$'"));
    body.has("resource_provider_generation");
    Inventory inventory = read(resourceClass, body);
    Provider provider =
        database.transact(handle -> {
          Provider locked = providers.requireLocked(handle, request);
          requireCapacity(request, locked.id(), List.of(inventory));
          String prefix = "Unable to create inventory for resource provider " + locked.id() + ": ";
          requireClasses(handle, Set.of(resourceClass), prefix);
          if (stock(handle, locked).find(resourceClass).isPresent()) {
            throw Versions.conflict(
                PlacementFaults.CONCURRENT_UPDATE,
                "Update conflict: there is an inventory of class " + resourceClass);
          }
          return write(handle, request, locked, List.of(inventory), Set.of());
        });
    return renderOne(request, 201, provider, inventory)
        .header(
            "Location",
            request.baseUrl() + ProviderJson.path(provider.id()) + "/inventories/" + resourceClass);
  }

  private ApiResponse replaceAll(ApiRequest request) {
    Fields body = Bodies.object(request);
    int generation = Bodies.generation(body);
    Fields wanted = body.object("inventories");
    Map<String, Inventory> next = new TreeMap<>();
    for (String resourceClass : wanted.node().propertyNames()) {
      if (Bodies.named(resourceClass).isEmpty()) {
        throw wanted.invalid(resourceClass, "its name does not match '^[A-Z0-9_]+$'");
      }
      next.put(resourceClass, read(resourceClass, wanted.object(resourceClass)));
    }
    body.rejectUnknown();
    Stock stock =
        database.transact(handle -> {
          Provider provider = providers.requireLocked(handle, request);
          requireGeneration(provider, generation);
          requireCapacity(request, provider.id(), List.copyOf(next.values()));
          requireClasses(
              handle,
              next.keySet(),
              "Unknown resource class in inventory for resource provider " + provider.id() + ": ");
          Set<String> gone = gone(handle, provider, next.keySet(), "update conflict: ");
          return stock(handle, write(handle, request, provider, List.copyOf(next.values()), gone));
        });
    return render(request, stock);
  }

  private ApiResponse deleteAll(ApiRequest request) {
    if (!request.atLeast("1.5")) {
      throw ApiException.of(
          Kind.METHOD_NOT_ALLOWED, "The method specified is not allowed for this resource.");
    }
    database.change(handle -> {
      Provider provider = providers.requireLocked(handle, request);
      write(handle, request, provider, List.of(), gone(handle, provider, Set.of(), ""));
    });
    return ApiResponse.empty(204);
  }

  private ApiResponse update(ApiRequest request) {
    String resourceClass = request.path("resource_class");
    Fields body = Bodies.object(request);
    int generation = Bodies.generation(body);
    Inventory inventory = read(resourceClass, body);
    Provider provider =
        database.transact(handle -> {
          Provider locked = providers.requireLocked(handle, request);
          requireGeneration(locked, generation);
          requireCapacity(request, locked.id(), List.of(inventory));
          if (stock(handle, locked).find(resourceClass).isEmpty()) {
            throw ApiException.badRequest(
                "No inventory record with resource class for resource provider "
                    + locked.id()
                    + ": No inventory of class "
                    + resourceClass
                    + " found.");
          }
          return write(handle, request, locked, List.of(inventory), Set.of());
        });
    return renderOne(request, 200, provider, inventory);
  }

  private ApiResponse delete(ApiRequest request) {
    String resourceClass = request.path("resource_class");
    database.change(handle -> {
      Provider provider = providers.requireLocked(handle, request);
      Inventory present =
          stock(handle, provider)
              .find(resourceClass)
              .orElseThrow(() ->
                  ApiException.notFound(
                      "No inventory of class "
                          + resourceClass
                          + " found for delete: No inventory of class "
                          + resourceClass
                          + " found."));
      if (present.used() > 0) {
        throw Versions.conflict(
            PlacementFaults.CONCURRENT_UPDATE,
            "Unable to delete inventory of class "
                + resourceClass
                + ": "
                + inUse(Set.of(resourceClass), provider.id()));
      }
      write(handle, request, provider, List.of(), Set.of(resourceClass));
    });
    return ApiResponse.empty(204);
  }

  /** The provider with its next generation. */
  private Provider write(
      Handle handle,
      ApiRequest request,
      Provider provider,
      List<Inventory> changed,
      Set<String> gone) {
    inventories.put(handle, provider.id(), provider.root(), changed);
    inventories.delete(handle, provider.id(), gone);
    providers.bump(handle, Set.of(provider.id()));
    Provider next = providers.find(handle, provider.id()).orElseThrow();
    events.ofProvider(handle, "inventory", "update", next, request.context().requestId());
    return next;
  }

  private Set<String> gone(Handle handle, Provider provider, Set<String> staying, String prefix) {
    List<Inventory> leaving =
        stock(handle, provider).inventories().stream()
            .filter(present -> !staying.contains(present.resourceClass()))
            .toList();
    Set<String> used =
        leaving.stream()
            .filter(present -> present.used() > 0)
            .map(Inventory::resourceClass)
            .collect(Collectors.toCollection(TreeSet::new));
    if (!used.isEmpty()) {
      throw Versions.conflict(
          PlacementFaults.INVENTORY_IN_USE, prefix + inUse(used, provider.id()));
    }
    return leaving.stream().map(Inventory::resourceClass).collect(Collectors.toSet());
  }

  private static String inUse(Set<String> classes, UUID provider) {
    return "Inventory for '"
        + String.join(", ", classes)
        + "' on resource provider '"
        + provider
        + "' in use.";
  }

  private static void requireGeneration(Provider provider, int generation) {
    if (provider.generation() != generation) {
      throw Versions.generationConflict();
    }
  }

  private static void requireClasses(Handle handle, Set<String> classes, String prefix) {
    Set<String> missing = NameStore.CLASSES.missing(handle, classes);
    if (!missing.isEmpty()) {
      throw ApiException.badRequest(prefix + Names.noClass(missing.iterator().next()));
    }
  }

  private static void requireCapacity(
      ApiRequest request, UUID provider, List<Inventory> inventories) {
    boolean mayBeFull = request.atLeast("1.26");
    for (Inventory inventory : inventories) {
      if (inventory.capacity() < 0 || (inventory.capacity() == 0 && !mayBeFull)) {
        throw ApiException.badRequest(
            "Unable to update inventory for resource provider "
                + provider
                + ": Invalid inventory for '"
                + inventory.resourceClass()
                + "' on resource provider '"
                + provider
                + "'. The reserved value is greater than "
                + (mayBeFull ? "" : "or equal to ")
                + "total.");
      }
    }
  }

  private static Inventory read(String resourceClass, Fields fields) {
    long max = Inventory.MAX_INT;
    Inventory inventory =
        new Inventory(
            resourceClass,
            Bodies.integer(fields, "total", 1, max),
            Bodies.integer(fields, "reserved", 0, max, 0),
            Bodies.integer(fields, "min_unit", 1, max, 1),
            Bodies.integer(fields, "max_unit", 1, max, max),
            Bodies.integer(fields, "step_size", 1, max, 1),
            ratio(fields),
            0);
    fields.rejectUnknown();
    return inventory;
  }

  private static double ratio(Fields fields) {
    if (!fields.has("allocation_ratio")) {
      return 1.0;
    }
    Fields.Value value = fields.required("allocation_ratio");
    if (!value.node().isNumber()) {
      throw value.invalid(value.node() + " is not of type 'number'");
    }
    double ratio = value.node().asDouble();
    if (!(ratio >= 0 && ratio <= Float.MAX_VALUE)) {
      throw value.invalid(value.node() + " is not between 0 and " + Float.MAX_VALUE);
    }
    return ratio;
  }

  private static ApiResponse render(ApiRequest request, Stock stock) {
    ObjectNode answer = Json.object();
    answer.put("resource_provider_generation", stock.provider().generation());
    ObjectNode shown = answer.putObject("inventories");
    for (Inventory inventory : stock.inventories()) {
      render(shown.putObject(inventory.resourceClass()), inventory);
    }
    return Versions.stamped(request, ApiResponse.ok(answer), stock.provider().updatedAt());
  }

  private static ApiResponse renderOne(
      ApiRequest request, int status, Provider provider, Inventory inventory) {
    ObjectNode answer = Json.object();
    render(answer, inventory);
    answer.put("resource_provider_generation", provider.generation());
    return Versions.stamped(request, ApiResponse.json(status, answer), provider.updatedAt());
  }

  private static void render(ObjectNode tree, Inventory inventory) {
    tree.put("total", inventory.total());
    tree.put("reserved", inventory.reserved());
    tree.put("min_unit", inventory.minUnit());
    tree.put("max_unit", inventory.maxUnit());
    tree.put("step_size", inventory.stepSize());
    tree.put("allocation_ratio", inventory.allocationRatio());
  }
}
