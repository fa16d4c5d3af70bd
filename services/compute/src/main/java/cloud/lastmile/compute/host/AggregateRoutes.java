package cloud.lastmile.compute.host;

import cloud.lastmile.compute.common.ComputeEvents;
import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.common.JsonColumns;
import cloud.lastmile.placement.api.Placement;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code os-aggregates}: hosts that administrators put together, and availability zones by them.
 */
public final class AggregateRoutes {
  private static final String PATH = "/v2.1/os-aggregates";

  private final Database database;
  private final AggregateStore store;
  private final AggregateRules rules;
  private final HostStore hostStore;
  private final Hosts hosts;
  private final Placement placement;
  private final ComputeEvents events;

  public AggregateRoutes(
      Database database,
      AggregateStore store,
      HostStore hostStore,
      Hosts hosts,
      Placement placement,
      ComputeEvents events) {
    this.database = database;
    this.store = store;
    this.rules = new AggregateRules(store);
    this.hostStore = hostStore;
    this.hosts = hosts;
    this.placement = placement;
    this.events = events;
  }

  public List<Route> routes() {
    String one = PATH + "/{aggregate_id}";
    return List.of(
        Route.get(PATH, ComputePolicies.AGGREGATES_INDEX, this::list),
        Route.post(PATH, ComputePolicies.AGGREGATES_CREATE, this::create),
        Route.get(one, ComputePolicies.AGGREGATES_SHOW, this::show),
        Route.put(one, ComputePolicies.AGGREGATES_UPDATE, this::update),
        Route.delete(one, ComputePolicies.AGGREGATES_DELETE, this::delete),
        Route.post(one + "/action", ComputePolicies.AGGREGATES_ADD_HOST, this::act)
            .enforcedByHandler(),
        Route.post(one + "/images", ComputePolicies.AGGREGATES_IMAGES, this::cacheImages)
            .from("2.81"));
  }

  private ApiResponse list(ApiRequest request) {
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray("aggregates");
    database.read(store::all).forEach(aggregate -> array.add(view(request, aggregate)));
    return ApiResponse.ok(body);
  }

  private static ObjectNode view(ApiRequest request, Aggregate aggregate) {
    ObjectNode view = brief(request, aggregate);
    view.set("hosts", Json.strings(aggregate.hosts()));
    view.set("metadata", JsonColumns.object(aggregate.metadata()));
    return view;
  }

  /** As the answer to its creation shows it. */
  private static ObjectNode brief(ApiRequest request, Aggregate aggregate) {
    ObjectNode view = Json.object();
    view.put("id", aggregate.number());
    if (request.atLeast("2.41")) {
      view.put("uuid", aggregate.id().toString());
    }
    view.put("name", aggregate.name());
    view.put("availability_zone", aggregate.zone().orElse(null));
    view.put("created_at", Timestamps.microsWithoutZone(aggregate.createdAt()));
    view.put("updated_at", aggregate.updatedAt().map(Timestamps::microsWithoutZone).orElse(null));
    view.put("deleted", false);
    view.putNull("deleted_at");
    return view;
  }

  private static ApiResponse one(ObjectNode view) {
    return ApiResponse.ok(Json.object().set("aggregate", view));
  }

  private ApiResponse create(ApiRequest request) {
    Fields root = request.body();
    Fields fields = root.object("aggregate");
    String name = Inputs.name(fields.required("name"));
    Map<String, String> metadata =
        fields
            .optional(Aggregate.ZONE)
            .map(value -> Map.of(Aggregate.ZONE, zone(value)))
            .orElse(Map.of());
    fields.rejectUnknown();
    root.rejectUnknown();
    Aggregate made =
        named(
            name,
            handle ->
                told(
                    handle,
                    request,
                    "create",
                    store.find(handle, store.insert(handle, name, metadata)).orElseThrow()));
    return one(brief(request, made));
  }

  /** The aggregate, once the rest of the cloud is told what became of it. */
  private Aggregate told(Handle handle, ApiRequest request, String what, Aggregate aggregate) {
    ObjectNode payload = Json.object().put("name", aggregate.name());
    payload.set("hosts", Json.strings(aggregate.hosts()));
    payload.set("metadata", JsonColumns.object(aggregate.metadata()));
    String id = aggregate.id().toString();
    events.happened(handle, "aggregate", what, id, request.context(), payload);
    return aggregate;
  }

  /** A zone's name, in which a colon would separate it from a host. */
  private static String zone(Fields.Value value) {
    String zone = Inputs.name(value);
    if (zone.indexOf(':') >= 0) {
      throw value.invalid("'" + zone + "' contains ':'");
    }
    return zone;
  }

  /** Runs a write that may find the name taken. */
  private Aggregate named(String name, cloud.lastmile.platform.database.Work<Aggregate> work) {
    try {
      return database.transact(work);
    } catch (RuntimeException failure) {
      if (Database.violated(failure).orElse("").equals("aggregate_name_key")) {
        throw ApiException.conflict("Aggregate " + name + " already exists.");
      }
      throw failure;
    }
  }

  private static ApiException notFound(String id) {
    return ApiException.notFound("Aggregate " + id + " could not be found.");
  }

  private static long number(ApiRequest request) {
    String id = request.path("aggregate_id");
    if (!id.matches("[+-]?\\d{1,100}")) {
      throw ApiException.badRequest("Invalid input received: id must be an integer");
    }
    try {
      return Long.parseLong(id);
    } catch (NumberFormatException tooLarge) {
      throw notFound(id);
    }
  }

  private Aggregate find(Handle handle, long number) {
    return store.find(handle, number).orElseThrow(() -> notFound(Long.toString(number)));
  }

  private ApiResponse show(ApiRequest request) {
    long number = number(request);
    return one(view(request, database.read(handle -> find(handle, number))));
  }

  private ApiResponse update(ApiRequest request) {
    long number = number(request);
    Fields root = request.body();
    Fields fields = root.object("aggregate");
    Optional<String> name =
        fields.has("name") ? Optional.of(looseName(fields.required("name"))) : Optional.empty();
    Map<String, @Nullable String> changes = new LinkedHashMap<>();
    if (fields.has(Aggregate.ZONE)) {
      changes.put(
          Aggregate.ZONE, fields.optional(Aggregate.ZONE).map(AggregateRoutes::zone).orElse(null));
    }
    fields.rejectUnknown();
    root.rejectUnknown();
    if (name.isEmpty() && changes.isEmpty()) {
      throw root.invalid("aggregate", "it has neither 'name' nor 'availability_zone'");
    }
    Aggregate changed =
        named(
            name.orElse(""),
            handle ->
                told(
                    handle,
                    request,
                    "updateprop",
                    change(handle, number, name, changes, "Cannot update aggregate")));
    hosts.refresh();
    return one(view(request, changed));
  }

  /** Updates take spaces around a name, and drop them. */
  private static String looseName(Fields.Value value) {
    String name = value.text(1, 255).strip();
    if (name.isEmpty() || !Inputs.isPrintable(name)) {
      throw value.invalid("'" + name + "' does not match: printable characters, not all spaces");
    }
    return name;
  }

  private Aggregate change(
      Handle handle,
      long number,
      Optional<String> name,
      Map<String, @Nullable String> changes,
      String refusal) {
    store.lock(handle);
    Aggregate old = find(handle, number);
    rules.requireZoneFits(handle, old, changes, refusal);
    Map<String, String> metadata = new LinkedHashMap<>(old.metadata());
    changes.forEach((key, value) -> {
      if (value == null) {
        metadata.remove(key);
      } else {
        metadata.put(key, value);
      }
    });
    store.update(handle, number, name.orElse(old.name()), metadata);
    return find(handle, number);
  }

  private ApiResponse delete(ApiRequest request) {
    long number = number(request);
    database.change(handle -> {
      store.lock(handle);
      Aggregate aggregate = find(handle, number);
      if (!aggregate.hosts().isEmpty()) {
        throw AggregateRules.refused(
            Kind.BAD_REQUEST,
            "Cannot remove host from aggregate",
            aggregate,
            "Host aggregate is not empty");
      }
      if (!store.delete(handle, number)) {
        throw notFound(Long.toString(number));
      }
      told(handle, request, "delete", aggregate);
    });
    return ApiResponse.empty(200);
  }

  private ApiResponse act(ApiRequest request) {
    Fields body = request.body();
    if (body.node().size() != 1) {
      throw ApiException.badRequest("Malformed request body: it must name one action");
    }
    return switch (body.node().propertyNames().iterator().next()) {
      case "add_host" -> {
        request.enforce(ComputePolicies.AGGREGATES_ADD_HOST, Map.of());
        yield addHost(request, body.object("add_host"));
      }
      case "remove_host" -> {
        request.enforce(ComputePolicies.AGGREGATES_REMOVE_HOST, Map.of());
        yield removeHost(request, body.object("remove_host"));
      }
      case "set_metadata" -> {
        request.enforce(ComputePolicies.AGGREGATES_SET_METADATA, Map.of());
        yield setMetadata(request, body.object("set_metadata"));
      }
      default -> {
        request.enforce(Map.of());
        throw ApiException.badRequest("There is no such action: " + body.node().propertyNames());
      }
    };
  }

  private static String host(Fields fields) {
    Fields.Value value = fields.required("host");
    String host = value.text(1, 255);
    if (!host.matches("[a-zA-Z0-9._-]*")) {
      throw value.invalid("'" + host + "' does not match '^[a-zA-Z0-9-._]*$'");
    }
    fields.rejectUnknown();
    return host;
  }

  private ApiResponse addHost(ApiRequest request, Fields fields) {
    long number = number(request);
    return membership(
        request,
        "addhost",
        host(fields),
        (handle, host) -> {
          HostRecord record =
              hostStore
                  .find(handle, host)
                  .orElseThrow(
                      () -> ApiException.notFound("Compute host " + host + " could not be found."));
          rules.requireMayAdd(handle, find(handle, number), host);
          store.addHost(handle, number, host);
          Aggregate aggregate = find(handle, number);
          placement.joinAggregate(handle, record.id(), aggregate.id());
          return aggregate;
        });
  }

  private ApiResponse removeHost(ApiRequest request, Fields fields) {
    long number = number(request);
    return membership(
        request,
        "removehost",
        host(fields),
        (handle, host) -> {
          Aggregate aggregate =
              store
                  .find(handle, number)
                  .filter(found -> found.hosts().contains(host))
                  .orElseThrow(() ->
                      ApiException.notFound(
                          "Cannot remove host " + host + " in aggregate " + number));
          rules.requireMayRemove(handle, aggregate, host);
          store.removeHost(handle, number, host);
          hostStore
              .find(handle, host)
              .ifPresent(record -> placement.leaveAggregate(handle, record.id(), aggregate.id()));
          return find(handle, number);
        });
  }

  private ApiResponse membership(
      ApiRequest request, String what, String host, BiFunction<Handle, String, Aggregate> work) {
    Aggregate changed =
        database.transact(handle -> {
          store.lock(handle);
          return told(handle, request, what, work.apply(handle, host));
        });
    hosts.refresh();
    return one(view(request, changed));
  }

  private ApiResponse setMetadata(ApiRequest request, Fields fields) {
    long number = number(request);
    Fields.Value value = fields.required("metadata");
    Fields given = value.object();
    Map<String, @Nullable String> changes = new LinkedHashMap<>();
    for (String key : given.node().propertyNames()) {
      Inputs.metadataKey(value, key);
      changes.put(key, given.isNull(key) ? null : given.string(key, 0, 255));
    }
    fields.rejectUnknown();
    Aggregate changed =
        database.transact(handle ->
            told(
                handle,
                request,
                "updatemetadata",
                change(
                    handle,
                    number,
                    Optional.empty(),
                    changes,
                    "Cannot update metadata of aggregate")));
    hosts.refresh();
    return one(view(request, changed));
  }

  /** Checked as the reference does; no host here can fetch an image before a server needs it. */
  private ApiResponse cacheImages(ApiRequest request) {
    long number = number(request);
    Fields body = request.body();
    Fields.Value cache = body.required("cache");
    Set<UUID> seen = new HashSet<>();
    for (Fields.Value item : cache.values()) {
      Fields image = item.object();
      if (!seen.add(image.required("id").uuid())) {
        throw ApiException.badRequest("Duplicate images in request");
      }
      image.rejectUnknown();
    }
    body.rejectUnknown();
    if (seen.isEmpty()) {
      throw cache.invalid("[] is too short");
    }
    database.read(handle -> find(handle, number));
    throw ApiException.notImplemented("Hosts do not fetch images ahead of servers here.");
  }
}
