package cloud.lastmile.network;

import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.resource.Collection;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Noun;
import cloud.lastmile.network.resource.Values;
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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2.0/routers}. */
final class RouterRoutes {
  static final PolicyRule GET = PolicyRule.reader("get_router");
  private static final PolicyRule CREATE = PolicyRule.member("create_router");
  private static final PolicyRule UPDATE = PolicyRule.member("update_router");
  private static final PolicyRule DELETE = PolicyRule.member("delete_router");

  private final Collection collection;
  private final Writes writes;

  RouterRoutes(Collection collection, Writes writes) {
    this.collection = collection;
    this.writes = writes;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v2.0/routers", GET, collection::list),
        Route.post("/v2.0/routers", CREATE, this::create).enforcedByHandler(),
        Route.get("/v2.0/routers/{id}", GET, collection::show).enforcedByHandler(),
        Route.put("/v2.0/routers/{id}", UPDATE, this::update).enforcedByHandler(),
        Route.delete("/v2.0/routers/{id}", DELETE, this::delete).enforcedByHandler());
  }

  /** Parts of the gateway that only administrators choose. */
  static List<PolicyRule> rules() {
    List<PolicyRule> rules = new ArrayList<>();
    for (String operation : List.of("create", "update")) {
      rules.add(gatewayRule(operation, "enable_snat"));
      rules.add(gatewayRule(operation, "external_fixed_ips"));
    }
    return rules;
  }

  private static PolicyRule gatewayRule(String operation, String part) {
    return PolicyRule.admin(operation + "_router:external_gateway_info:" + part);
  }

  private static void enforceGateway(
      ApiRequest request, String operation, JsonNode gateway, Map<String, String> target) {
    for (String part : List.of("enable_snat", "external_fixed_ips")) {
      if (gateway.has(part)) {
        request.enforce(gatewayRule(operation, part), target);
      }
    }
  }

  private static Optional<String> visibleTo(ApiRequest request) {
    return request.allows(Noun.CONTEXT_IS_ADMIN)
        ? Optional.empty()
        : Optional.of(request.caller().projectId().orElse(""));
  }

  private ApiResponse create(ApiRequest request) {
    List<Collection.Create> creates = collection.creates(request);
    for (Collection.Create create : creates) {
      collection.enforceCreate(request, create, Map.of());
      Map<String, String> target = new HashMap<>();
      target.put("project_id", create.projectId());
      enforceGateway(request, "create", create.values().node("external_gateway_info"), target);
    }
    writes.requireRoom(RouterNoun.NOUN, creates);
    Optional<String> visibleTo = visibleTo(request);
    return collection.created(
        request,
        writes.insert(
            request,
            creates,
            (write, create) -> insert(write, create.projectId(), create.values(), visibleTo)));
  }

  private static ObjectNode insert(
      Write write, String projectId, Values values, Optional<String> visibleTo) {
    UUID id = UUID.randomUUID();
    RouterStore.insert(write.handle(), id, projectId, values);
    if (values.has("external_gateway_info")) {
      Router router = RouterStore.lock(write.handle(), id);
      RouterGateway.change(write, router, values.node("external_gateway_info"), visibleTo);
    }
    ObjectNode row = RouterNoun.NOUN.get(write.handle(), id);
    write.touch(EngineKey.router(id));
    write.count(projectId, "router", 1);
    write.event("network.router.create", id, projectId, row);
    return row;
  }

  private ApiResponse update(ApiRequest request) {
    ObjectNode before = collection.enforced(request);
    Values values = collection.update(request, before);
    enforceGateway(request, "update", values.node("external_gateway_info"), Noun.target(before));
    UUID id = UUID.fromString(before.path("id").asString());
    Optional<String> visibleTo = visibleTo(request);
    ObjectNode after =
        writes.run(
            request,
            write -> {
              Router router = RouterStore.lock(write.handle(), id);
              if (values.isGiven("external_gateway_info")) {
                RouterGateway.change(
                    write, router, values.node("external_gateway_info"), visibleTo);
              }
              if (values.isGiven("routes")) {
                Router changed = RouterStore.lock(write.handle(), id);
                RouterRoutesCheck.check(write.handle(), changed, values.items("routes"));
              }
              RouterStore.update(write.handle(), id, values);
              ObjectNode row = RouterNoun.NOUN.get(write.handle(), id);
              write.touch(EngineKey.router(id));
              write.event("network.router.update", id, router.projectId(), row);
              return row;
            });
    return collection.answer(request, 200, after);
  }

  private ApiResponse delete(ApiRequest request) {
    ObjectNode before = collection.enforced(request);
    UUID id = UUID.fromString(before.path("id").asString());
    writes.run(
        request,
        write -> {
          Router router = RouterStore.lock(write.handle(), id);
          if (!router.legs().isEmpty()) {
            throw Errors.conflict("RouterInUse", "Router " + id + " still has ports");
          }
          RouterGateway.clear(write, router);
          write.delete(RouterNoun.NOUN, before);
          write.touch(EngineKey.router(id));
          return Optional.empty();
        });
    return ApiResponse.empty(204);
  }
}
