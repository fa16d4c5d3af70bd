package cloud.lastmile.network.router;

import cloud.lastmile.network.common.Converters;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.common.NetworkDialect;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.port.PortNoun;
import cloud.lastmile.network.subnet.SubnetNoun;
import cloud.lastmile.network.subnetmodel.SubnetStore;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.network.write.Writes;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.resource.Resource;
import cloud.lastmile.platform.resource.Values;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A router's interfaces: {@code /v2.0/routers/{id}/add_router_interface} and its opposite. */
public final class RouterInterfaceRoutes {
  private static final PolicyRule ADD = PolicyRule.member("add_router_interface");
  private static final PolicyRule REMOVE = PolicyRule.member("remove_router_interface");

  private final Resource<NetworkWrite> routers;
  private final Writes writes;

  public RouterInterfaceRoutes(Resource<NetworkWrite> routers, Writes writes) {
    this.routers = routers;
    this.writes = writes;
  }

  public List<Route> routes() {
    return List.of(
        Route.put("/v2.0/routers/{id}/add_router_interface", ADD, this::add).enforcedByHandler(),
        Route.put("/v2.0/routers/{id}/remove_router_interface", REMOVE, this::remove)
            .enforcedByHandler());
  }

  /** What a client names: a subnet, a port, or to remove, both. */
  private record Named(Optional<UUID> subnet, Optional<UUID> port) {}

  private static Named named(ApiRequest request) {
    JsonNode body = request.json();
    Named named = new Named(id(body, "subnet_id"), id(body, "port_id"));
    if (named.subnet().isEmpty() && named.port().isEmpty()) {
      throw RouterLegs.bad("Either subnet_id or port_id must be specified");
    }
    return named;
  }

  private static Optional<UUID> id(JsonNode body, String name) {
    JsonNode value = body.path(name);
    return value.isMissingNode() || value.isNull()
        ? Optional.empty()
        : Ids.parseUuid(Converters.uuid(name, value).asString());
  }

  private ApiResponse add(ApiRequest request) {
    ObjectNode row = routers.enforced(request);
    UUID id = UUID.fromString(row.path("id").asString());
    Named named = named(request);
    if (named.subnet().isPresent() && named.port().isPresent()) {
      throw RouterLegs.bad("Cannot specify both subnet-id and port-id");
    }
    requireVisible(request, named);
    Optional<String> project = NetworkDialect.INSTANCE.visibleTo(request);
    List<Router.Leg> legs =
        routers.run(
            request,
            write -> {
              Router router = RouterStore.lock(write.handle(), id);
              List<Router.Leg> added =
                  named.port().isPresent()
                      ? RouterLegs.addPort(write, router, named.port().get(), project)
                      : List.of(
                          RouterLegs.addSubnet(
                              write,
                              router,
                              SubnetStore.find(write.handle(), named.subnet().orElseThrow())
                                  .orElseThrow(
                                      () -> Errors.subnetNotFound(named.subnet().orElseThrow())),
                              project));
              changed(write, row, "interface.create");
              return added;
            });
    return answer(row, legs);
  }

  private void requireVisible(ApiRequest request, Named named) {
    named.subnet().ifPresent(subnet -> writes.requireVisible(request, SubnetNoun.NOUN, subnet));
    named.port().ifPresent(port -> writes.requireVisible(request, PortNoun.NOUN, port));
  }

  private ApiResponse remove(ApiRequest request) {
    ObjectNode row = routers.enforced(request);
    UUID id = UUID.fromString(row.path("id").asString());
    Named named = named(request);
    List<Router.Leg> legs =
        routers.run(
            request,
            write -> {
              Router router = RouterStore.lock(write.handle(), id);
              List<Router.Leg> gone = find(router, named);
              RouterLegs.remove(write, router, gone.getFirst().portId());
              changed(write, row, "interface.delete");
              return gone;
            });
    return answer(row, legs);
  }

  private static List<Router.Leg> find(Router router, Named named) {
    if (named.port().isEmpty()) {
      UUID subnet = named.subnet().orElseThrow();
      return router.legs().stream()
          .filter(leg -> leg.subnetId().equals(subnet))
          .findFirst()
          .map(List::of)
          .orElseThrow(() ->
              Errors.notFound(
                  "RouterInterfaceNotFoundForSubnet",
                  "Router %s has no interface on subnet %s".formatted(router.id(), subnet)));
    }
    UUID port = named.port().get();
    List<Router.Leg> legs =
        router.legs().stream().filter(leg -> leg.portId().equals(port)).toList();
    if (legs.isEmpty()) {
      throw Errors.notFound(
          "RouterInterfaceNotFound",
          "Router %s does not have an interface with id %s".formatted(router.id(), port));
    }
    if (named.subnet().isPresent()
        && legs.stream().noneMatch(leg -> leg.subnetId().equals(named.subnet().get()))) {
      throw Errors.badRequest(
          "SubnetMismatchForPort",
          "Subnet on port %s does not match the requested subnet %s."
              .formatted(port, named.subnet().get()));
    }
    return legs;
  }

  private static void changed(NetworkWrite write, ObjectNode router, String verb) {
    UUID id = RouterNoun.NOUN.id(router);
    ObjectNode _ = RouterNoun.NOUN.update(write.handle(), id, Values.NONE);
    write.touch(EngineKey.router(id));
    write.happened(RouterNoun.NOUN, verb, router);
  }

  private static ApiResponse answer(ObjectNode router, List<Router.Leg> legs) {
    Router.Leg first = legs.getFirst();
    ObjectNode body =
        Json.object()
            .put("id", router.path("id").asString())
            .put("tenant_id", router.path("project_id").asString())
            .put("project_id", router.path("project_id").asString())
            .put("network_id", first.networkId().toString())
            .put("port_id", first.portId().toString())
            .put("subnet_id", first.subnetId().toString());
    body.set(
        "subnet_ids", Json.strings(legs.stream().map(leg -> leg.subnetId().toString()).toList()));
    return ApiResponse.ok(body);
  }
}
