package cloud.lastmile.network.port;

import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.port.PortStore.Surroundings;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.network.write.Writes;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.resource.Create;
import cloud.lastmile.platform.resource.Noun;
import cloud.lastmile.platform.resource.Resource;
import cloud.lastmile.platform.resource.Update;
import cloud.lastmile.platform.resource.Values;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2.0/ports}. */
public final class PortRoutes {
  private final Resource<NetworkWrite> ports;
  private final Writes writes;

  public PortRoutes(Resource<NetworkWrite> ports, Writes writes) {
    this.ports = ports;
    this.writes = writes;
  }

  public List<Route> routes() {
    Noun.Rules rules = PortNoun.NOUN.rules();
    return List.of(
        Route.get("/v2.0/ports", rules.get(), ports::list),
        Route.post("/v2.0/ports", rules.create(), this::create).enforcedByHandler(),
        Route.get("/v2.0/ports/{id}", rules.get(), ports::show).enforcedByHandler(),
        Route.put("/v2.0/ports/{id}", rules.update().orElseThrow(), this::update)
            .enforcedByHandler(),
        Route.delete("/v2.0/ports/{id}", rules.delete(), this::delete).enforcedByHandler());
  }

  private ApiResponse create(ApiRequest request) {
    List<Create> creates = ports.creates(request);
    List<PortCreate.Wanted> wanted = new ArrayList<>();
    for (Create create : creates) {
      Surroundings around = surroundings(create);
      ports.enforce(request, create, target(create.values(), around));
      wanted.add(
          new PortCreate.Wanted(
              create.id(), create.projectId(), create.values(), around, create.seesAll()));
    }
    return ports.created(
        request,
        PortCreate.withFreshMacs(
            wanted,
            () ->
                ports.run(
                    request,
                    creates,
                    write -> wanted.stream().map(one -> PortCreate.run(write, one)).toList())));
  }

  private Surroundings surroundings(Create create) {
    UUID network = create.values().uuid("network_id").orElseThrow();
    return writes
        .read(handle ->
            PortStore.surroundings(handle, network, create.projectId(), create.visibleTo()))
        .orElseThrow(() -> Errors.networkNotFound(network));
  }

  private static Map<String, String> target(Values values, Surroundings around) {
    Map<String, String> target = new HashMap<>();
    target.put("network:project_id", around.networkProject());
    target.put("shared", around.shared() ? "True" : "False");
    target.put("network_device", networkDevice(values));
    return target;
  }

  private static String networkDevice(Values values) {
    return Port.isTrustedOwner(values.text("device_owner")) ? "True" : "False";
  }

  private ApiResponse update(ApiRequest request) {
    ObjectNode before = ports.enforced(request);
    UUID id = Ids.parseUuid(before.path("id").asString()).orElseThrow();
    before.put(
        "_network_device",
        Port.isTrustedOwner(request.json().path("port").path("device_owner").asString("")));
    Update update = ports.update(request, before);
    Values values = update.values();
    try {
      return ports.answer(
          request,
          200,
          ports.run(request, write -> PortUpdate.run(write, id, values, update.seesAll())));
    } catch (PortStore.MacTaken taken) {
      throw PortCreate.macInUse(
          before.path("network_id").asString(), values.text("mac_address"), taken);
    }
  }

  private ApiResponse delete(ApiRequest request) {
    ObjectNode before = ports.enforced(request);
    UUID id = Ids.parseUuid(before.path("id").asString()).orElseThrow();
    requireUnguarded(before);
    ports.run(
        request,
        write -> {
          ObjectNode row = PortNoun.NOUN.lock(write.handle(), id);
          // A router may have taken it since it was looked at.
          requireUnguarded(row);
          PortDelete.run(write, id, row.path("project_id").asString());
          write.deleted(PortNoun.NOUN, row);
          return Optional.empty();
        });
    return ApiResponse.empty(204);
  }

  private static void requireUnguarded(ObjectNode port) {
    if (port.path("_service").asBoolean()) {
      throw Errors.conflict(
          "ServicePortInUse",
          "Port %s cannot be deleted directly via the port API: has device owner %s."
              .formatted(port.path("id").asString(), port.path("device_owner").asString()));
    }
  }
}
