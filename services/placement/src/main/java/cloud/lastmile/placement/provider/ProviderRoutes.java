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
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /resource_providers}. */
public final class ProviderRoutes {
  private static final int MAX_NAME = 200;

  private final Database database;
  private final ProviderStore providers;
  private final PlacementEvents events;

  public ProviderRoutes(Database database, ProviderStore providers, PlacementEvents events) {
    this.database = database;
    this.providers = providers;
    this.events = events;
  }

  public List<Route> routes() {
    String all = "/resource_providers";
    String one = all + "/{uuid}";
    return List.of(
        Route.get(all, PlacementRules.LIST_PROVIDERS, this::list),
        Route.post(all, PlacementRules.CREATE_PROVIDER, this::create),
        Route.get(one, PlacementRules.SHOW_PROVIDER, this::show),
        Route.put(one, PlacementRules.UPDATE_PROVIDER, this::update),
        Route.delete(one, PlacementRules.DELETE_PROVIDER, this::delete));
  }

  private ApiResponse list(ApiRequest request) {
    Bodies.requireQuery(request, parameters(request));
    request
        .query("uuid")
        .filter(text -> Ids.parseUuid(text).isEmpty())
        .ifPresent(text -> {
          throw ProviderQuery.badQuery("'" + text + "' is not a 'uuid'");
        });
    ProviderQuery query = ProviderQuery.of(request);
    List<Provider> found =
        database.read(handle -> {
          Names.requireKnown(handle, query);
          return providers.list(handle, request.query("name"), request.query("uuid"), query);
        });
    ObjectNode answer = Json.object();
    ArrayNode shown = answer.putArray("resource_providers");
    found.forEach(provider -> shown.add(ProviderJson.render(request, provider)));
    Instant modified =
        found.stream()
            .map(Provider::updatedAt)
            .max(Comparator.naturalOrder())
            .orElseGet(InstantSource.system()::instant);
    return Versions.stamped(request, ApiResponse.ok(answer), modified);
  }

  private static Set<String> parameters(ApiRequest request) {
    Set<String> known = new HashSet<>(Set.of("name", "uuid"));
    if (request.atLeast("1.3")) {
      known.add("member_of");
    }
    if (request.atLeast("1.4")) {
      known.add("resources");
    }
    if (request.atLeast("1.14")) {
      known.add("in_tree");
    }
    if (request.atLeast("1.18")) {
      known.add("required");
    }
    return known;
  }

  private ApiResponse create(ApiRequest request) {
    Fields body = Bodies.object(request);
    String name = body.string("name", 0, MAX_NAME);
    UUID id = body.optional("uuid").map(Fields.Value::uuid).orElseGet(UUID::randomUUID);
    Optional<UUID> parent = parent(request, body);
    body.rejectUnknown();
    Provider made;
    try {
      made =
          database.transact(handle -> {
            UUID root = id;
            if (parent.isPresent()) {
              root = root(handle, parent.get(), "create", id, name);
            }
            if (!providers.insert(handle, id, name, root, parent.orElse(null))) {
              throw duplicate("uuid: " + id);
            }
            Provider provider = providers.find(handle, id).orElseThrow();
            tell(handle, "create", provider, request);
            return provider;
          });
    } catch (RuntimeException failure) {
      throw isDuplicateName(failure) ? duplicate("name: " + name) : failure;
    }
    ApiResponse answer =
        request.atLeast("1.20")
            ? ApiResponse.ok(ProviderJson.render(request, made))
            : ApiResponse.empty(201);
    return Versions.stamped(request, answer, made.updatedAt())
        .header("Location", request.baseUrl() + ProviderJson.path(id));
  }

  private void tell(Handle handle, String what, Provider provider, ApiRequest request) {
    events.ofProvider(handle, "resource_provider", what, provider, request.context().requestId());
  }

  private static Optional<UUID> parent(ApiRequest request, Fields body) {
    return request.atLeast("1.14")
        ? body.optional("parent_provider_uuid").map(Fields.Value::uuid)
        : Optional.empty();
  }

  private UUID root(Handle handle, UUID parent, String action, UUID id, String name) {
    return providers
        .lock(handle, parent)
        .filter(found -> !found.id().equals(id))
        .map(Provider::root)
        .orElseThrow(() ->
            ApiException.badRequest(
                "Unable to "
                    + action
                    + " resource provider \""
                    + name
                    + "\", "
                    + id
                    + ": parent provider UUID does not exist."));
  }

  private static boolean isDuplicateName(RuntimeException failure) {
    return Database.violated(failure).filter(ProviderStore.NAME::equals).isPresent();
  }

  private static ApiException duplicate(String what) {
    return Versions.conflict(
        PlacementFaults.DUPLICATE_NAME,
        "Conflicting resource provider " + what + " already exists.");
  }

  private ApiResponse show(ApiRequest request) {
    Provider provider = database.read(handle -> providers.require(handle, request));
    return Versions.stamped(
        request, ApiResponse.ok(ProviderJson.render(request, provider)), provider.updatedAt());
  }

  private ApiResponse update(ApiRequest request) {
    Fields body = Bodies.object(request);
    String name = body.string("name", 0, MAX_NAME);
    boolean movesTo = request.atLeast("1.14") && body.has("parent_provider_uuid");
    Optional<UUID> parent = parent(request, body);
    body.rejectUnknown();
    Provider updated;
    try {
      updated =
          database.transact(handle -> {
            Provider provider = providers.requireLocked(handle, request);
            providers.rename(handle, provider.id(), name);
            if (movesTo && !parent.equals(provider.parent())) {
              move(handle, request, provider, parent);
            }
            Provider next = providers.find(handle, provider.id()).orElseThrow();
            tell(handle, "update", next, request);
            return next;
          });
    } catch (RuntimeException failure) {
      throw isDuplicateName(failure)
          ? Versions.conflict(
              PlacementFaults.DUPLICATE_NAME,
              "Conflicting resource provider " + name + " already exists.")
          : failure;
    }
    return Versions.stamped(
        request, ApiResponse.ok(ProviderJson.render(request, updated)), updated.updatedAt());
  }

  private void move(Handle handle, ApiRequest request, Provider provider, Optional<UUID> parent) {
    String prefix = "Unable to save resource provider " + provider.id() + ": Object action update";
    if (provider.parent().isPresent() && !request.atLeast("1.37")) {
      throw ApiException.badRequest(
          prefix
              + " failed because: "
              + (parent.isPresent() ? "re-parenting" : "un-parenting")
              + " a provider is not currently allowed.");
    }
    // Two moves at once could close a loop that neither sees.
    providers.lockForest(handle);
    List<UUID> subtree = providers.subtree(handle, provider.id());
    UUID root = provider.id();
    if (parent.isPresent()) {
      if (subtree.contains(parent.get())) {
        throw ApiException.badRequest(
            prefix + " failed because: creating loop in the provider tree is not allowed.");
      }
      root = root(handle, parent.get(), "save", provider.id(), provider.name());
    }
    providers.move(handle, provider.id(), parent.orElse(null), root, subtree);
  }

  private ApiResponse delete(ApiRequest request) {
    String text = request.path("uuid");
    UUID id =
        Ids.parseUuid(text).orElseThrow(() -> Versions.noProvider(text + " found for delete"));
    try {
      database.change(handle -> {
        Provider provider =
            providers
                .lock(handle, id)
                .orElseThrow(() ->
                    ApiException.notFound(
                        "No resource provider with uuid " + id + " found for delete"));
        if (providers.hasAllocations(handle, id)) {
          throw Versions.conflict(
              PlacementFaults.PROVIDER_IN_USE,
              "Unable to delete resource provider " + id + ": Resource provider has allocations.");
        }
        if (!providers.delete(handle, id)) {
          throw Versions.noProvider(id + " found for delete");
        }
        tell(handle, "delete", provider, request);
      });
    } catch (RuntimeException failure) {
      throw Database.violated(failure).filter(ProviderStore.PARENT::equals).isPresent()
          ? Versions.conflict(
              PlacementFaults.CANNOT_DELETE_PARENT,
              "Unable to delete parent resource provider "
                  + id
                  + ": It has child resource providers.")
          : failure;
    }
    return ApiResponse.empty(204);
  }
}
