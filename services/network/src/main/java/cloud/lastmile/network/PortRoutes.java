package cloud.lastmile.network;

import cloud.lastmile.network.PortStore.Surroundings;
import cloud.lastmile.network.resource.Collection;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Noun;
import cloud.lastmile.network.resource.Values;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2.0/ports}. */
final class PortRoutes {
  private static final String OWN_NETWORK =
      " or (role:reader and project_id:%(network:project_id)s)";
  static final PolicyRule GET =
      new PolicyRule("get_port", PolicyRule.ADMIN_OR_PROJECT_READER + OWN_NETWORK);
  private static final PolicyRule CREATE =
      new PolicyRule(
          "create_port",
          PolicyRule.ADMIN_OR_SERVICE
              + " or "
              + PortAttributes.NETWORK_OWNER
              + " or (role:member and "
              + NetworkRoutes.SHARED
              + ")");
  private static final PolicyRule UPDATE =
      new PolicyRule(
          "update_port", PolicyRule.ADMIN_OR_SERVICE + " or (" + PolicyRule.PROJECT_MEMBER + ")");
  private static final PolicyRule DELETE =
      new PolicyRule(
          "delete_port",
          PolicyRule.ADMIN_OR_SERVICE
              + " or ("
              + PolicyRule.PROJECT_MEMBER
              + ") or "
              + PortAttributes.NETWORK_OWNER);

  private final Collection collection;
  private final Writes writes;

  PortRoutes(Collection collection, Writes writes) {
    this.collection = collection;
    this.writes = writes;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v2.0/ports", GET, collection::list),
        Route.post("/v2.0/ports", CREATE, this::create).enforcedByHandler(),
        Route.get("/v2.0/ports/{id}", GET, collection::show).enforcedByHandler(),
        Route.put("/v2.0/ports/{id}", UPDATE, this::update).enforcedByHandler(),
        Route.delete("/v2.0/ports/{id}", DELETE, this::delete).enforcedByHandler());
  }

  private ApiResponse create(ApiRequest request) {
    boolean admin = request.allows(Noun.CONTEXT_IS_ADMIN);
    List<Collection.Create> creates = collection.creates(request);
    List<PortCreate.Wanted> wanted = new ArrayList<>();
    for (Collection.Create create : creates) {
      Surroundings around = surroundings(request, create, admin);
      collection.enforceCreate(request, create, target(create.values(), around));
      wanted.add(
          new PortCreate.Wanted(
              UUID.randomUUID(), create.projectId(), create.values(), around, admin));
    }
    writes.requireRoom(PortNoun.NOUN, creates);
    return collection.created(request, withFreshMacs(request, wanted));
  }

  private Surroundings surroundings(ApiRequest request, Collection.Create create, boolean admin) {
    UUID network = create.values().uuid("network_id").orElseThrow();
    Optional<String> visibleTo = admin ? Optional.empty() : request.caller().projectId();
    return writes
        .read(handle -> PortStore.surroundings(handle, network, create.projectId(), visibleTo))
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

  /** A generated MAC address that is taken is no error: the next one will not be. */
  private List<ObjectNode> withFreshMacs(ApiRequest request, List<PortCreate.Wanted> wanted) {
    for (int attempt = 0; ; attempt++) {
      try {
        return writes.run(
            request,
            write -> {
              return wanted.stream().map(one -> PortCreate.run(write, one)).toList();
            });
      } catch (PortStore.MacTaken taken) {
        for (PortCreate.Wanted one : wanted) {
          Optional<String> asked = one.values().optionalText("mac_address");
          if (asked.isPresent() || attempt == 16) {
            throw macInUse(one.around().networkId(), asked.orElse(""), taken);
          }
        }
      }
    }
  }

  private static RuntimeException macInUse(Object network, String mac, Throwable cause) {
    RuntimeException inUse =
        Errors.conflict(
            "MacAddressInUse",
            "Unable to complete operation for network %s. The mac address %s is in use."
                .formatted(network, mac));
    inUse.addSuppressed(cause);
    return inUse;
  }

  private ApiResponse update(ApiRequest request) {
    ObjectNode before = collection.enforced(request);
    UUID id = Ids.parseUuid(before.path("id").asString()).orElseThrow();
    before.put(
        "_network_device",
        Port.isTrustedOwner(request.json().path("port").path("device_owner").asString("")));
    Values values = collection.update(request, before);
    boolean admin = request.allows(Noun.CONTEXT_IS_ADMIN);
    try {
      return collection.answer(
          request, 200, writes.run(request, write -> PortUpdate.run(write, id, values, admin)));
    } catch (PortStore.MacTaken taken) {
      throw macInUse(before.path("network_id").asString(), values.text("mac_address"), taken);
    }
  }

  private ApiResponse delete(ApiRequest request) {
    ObjectNode before = collection.enforced(request);
    UUID id = Ids.parseUuid(before.path("id").asString()).orElseThrow();
    requireUnguarded(before);
    writes.run(
        request,
        write -> {
          ObjectNode row = PortNoun.NOUN.lock(write.handle(), id);
          // A router may have taken it since it was looked at.
          requireUnguarded(row);
          PortDelete.run(write, id, row.path("project_id").asString());
          write.event("network.port.delete", id, row.path("project_id").asString(), row);
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
