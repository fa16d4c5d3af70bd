package cloud.lastmile.compute.host;

import cloud.lastmile.compute.common.ComputeEvents;
import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code os-services}: the {@code nova-compute} of each host, which administrators turn off. */
public final class HostServiceRoutes {
  private static final String BINARY = "nova-compute";

  private final Database database;
  private final HostStore store;
  private final Hosts hosts;
  private final ComputeEvents events;

  public HostServiceRoutes(Database database, HostStore store, Hosts hosts, ComputeEvents events) {
    this.database = database;
    this.store = store;
    this.hosts = hosts;
    this.events = events;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v2.1/os-services", ComputePolicies.SERVICES_LIST, this::list),
        Route.put("/v2.1/os-services/{id}", ComputePolicies.SERVICES_UPDATE, this::update),
        Route.delete("/v2.1/os-services/{id}", ComputePolicies.SERVICES_DELETE, this::delete));
  }

  private ApiResponse list(ApiRequest request) {
    Inputs.rejectUnknownQuery(request, Set.of("host", "binary"));
    Optional<String> host = request.query("host").filter(text -> !text.isEmpty());
    Optional<String> binary = request.query("binary").filter(text -> !text.isEmpty());
    ObjectNode body = Json.object();
    ArrayNode services = body.putArray("services");
    for (HostRecord record : database.read(store::all)) {
      boolean wanted =
          host.filter(name -> !name.equals(record.name())).isEmpty()
              && binary.filter(name -> !name.equals(BINARY)).isEmpty();
      if (wanted) {
        services.add(view(request, record));
      }
    }
    return ApiResponse.ok(body);
  }

  private ObjectNode view(ApiRequest request, HostRecord host) {
    ObjectNode view = Json.object();
    if (request.atLeast("2.53")) {
      view.put("id", host.id().toString());
    } else {
      view.put("id", host.number());
    }
    view.put("binary", BINARY);
    view.put("host", host.name());
    view.put("zone", host.zone());
    view.put("status", host.disabled() ? "disabled" : "enabled");
    view.put("state", hosts.isUp(host) ? "up" : "down");
    view.put("updated_at", Timestamps.microsWithoutZone(host.seenAt()));
    view.put("disabled_reason", host.disabledReason().orElse(null));
    if (request.atLeast("2.11")) {
      view.put("forced_down", host.forcedDown());
    }
    return view;
  }

  private ApiResponse update(ApiRequest request) {
    ApiResponse answer = request.atLeast("2.53") ? updateById(request) : updateByName(request);
    hosts.refresh();
    return answer;
  }

  private ApiResponse updateById(ApiRequest request) {
    UUID id = uuid(request);
    Fields body = request.body();
    Optional<Fields.Value> status = body.optional("status");
    Optional<String> reason = body.optional("disabled_reason").map(v -> v.text(1, 255));
    Optional<Boolean> down = body.optional("forced_down").map(Fields.Value::bool);
    body.rejectUnknown();
    Optional<Boolean> disabled = status.map(HostServiceRoutes::isDisabled);
    if (disabled.isEmpty() && down.isEmpty()) {
      throw ApiException.badRequest(
          "No updates were requested. Fields 'status' or 'forced_down' should be specified.");
    }
    if (reason.isPresent() && !disabled.orElse(false)) {
      throw ApiException.badRequest(
          "Specifying 'disabled_reason' when status is 'enabled' is invalid.");
    }
    HostRecord changed =
        database.transact(handle -> {
          String name =
              store.all(handle).stream()
                  .filter(host -> host.id().equals(id))
                  .findFirst()
                  .orElseThrow(() -> notFound(id.toString()))
                  .name();
          disabled.ifPresent(off -> {
            if (off) {
              store.disable(handle, name, reason);
            } else {
              store.enable(handle, name);
            }
          });
          down.ifPresent(forced -> store.forceDown(handle, name, forced));
          return told(handle, name, request);
        });
    ObjectNode answer = Json.object();
    answer.set("service", view(request, changed));
    return ApiResponse.ok(answer);
  }

  private HostRecord told(Handle handle, String name, ApiRequest request) {
    HostRecord host = store.find(handle, name).orElseThrow();
    String id = host.id().toString();
    events.happened(handle, "service", "update", id, request.context(), view(request, host));
    return host;
  }

  private static boolean isDisabled(Fields.Value value) {
    String status = value.text(0, 255);
    return switch (status) {
      case "enabled" -> false;
      case "disabled" -> true;
      default -> throw value.invalid("'" + status + "' is not one of ['enabled', 'disabled']");
    };
  }

  private static UUID uuid(ApiRequest request) {
    String id = request.path("id");
    return Ids.parseUuid(id).orElseThrow(() -> ApiException.badRequest("Invalid uuid " + id));
  }

  private static ApiException notFound(String id) {
    return ApiException.notFound("Service " + id + " not found.");
  }

  /** Before 2.53: {@code PUT /os-services/disable} with host and binary in the body. */
  private ApiResponse updateByName(ApiRequest request) {
    String action = request.path("id");
    Fields body = request.body();
    String host = body.string("host", 1, 255);
    String binary = body.string("binary", 1, 255);
    Optional<String> reason = body.optional("disabled_reason").map(v -> v.text(1, 255));
    boolean forceable = request.atLeast("2.11");
    Optional<Boolean> down =
        forceable ? body.optional("forced_down").map(Fields.Value::bool) : Optional.empty();
    body.rejectUnknown();
    if (action.equals("force-down") && !forceable) {
      throw ApiException.notFound("Unknown action");
    }
    if (!binary.equals(BINARY)) {
      throw ApiException.badRequest(
          "Updating a "
              + binary
              + " service is not supported. Only nova-compute services can be"
              + " updated.");
    }
    ObjectNode answer = Json.object();
    ObjectNode service = answer.putObject("service").put("host", host).put("binary", binary);
    boolean found =
        database.transact(handle -> {
          boolean known =
              switch (action) {
                case "enable" -> store.enable(handle, host);
                case "disable" -> store.disable(handle, host, Optional.empty());
                case "disable-log-reason" ->
                    store.disable(
                        handle,
                        host,
                        Optional.of(
                            reason.orElseThrow(
                                () -> ApiException.badRequest("Missing disabled reason field"))));
                case "force-down" ->
                    store.forceDown(
                        handle,
                        host,
                        down.orElseThrow(
                            () -> ApiException.badRequest("Missing forced_down field")));
                default -> throw ApiException.notFound("Unknown action");
              };
          if (known) {
            told(handle, host, request);
          }
          return known;
        });
    if (!found) {
      throw ApiException.notFound("Could not find binary " + binary + " on host " + host + ".");
    }
    switch (action) {
      case "enable" -> service.put("status", "enabled");
      case "disable" -> service.put("status", "disabled");
      case "disable-log-reason" ->
          service.put("status", "disabled").put("disabled_reason", reason.orElse(""));
      default -> service.put("forced_down", down.orElse(false));
    }
    return ApiResponse.ok(answer);
  }

  private ApiResponse delete(ApiRequest request) {
    throw ApiException.notImplemented("Services of hosts cannot be deleted here yet.");
  }
}
