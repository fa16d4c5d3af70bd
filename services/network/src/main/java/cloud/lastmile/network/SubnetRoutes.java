package cloud.lastmile.network;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.address.Pool;
import cloud.lastmile.network.address.Pools;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.resource.Collection;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Noun;
import cloud.lastmile.network.resource.Values;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2.0/subnets}. */
final class SubnetRoutes {
  private static final String OWNER =
      PolicyRule.ADMIN + " or (role:member and project_id:%(network:project_id)s)";
  static final PolicyRule GET =
      new PolicyRule(
          "get_subnet",
          PolicyRule.ADMIN_OR_PROJECT_READER
              + " or (role:reader and project_id:%(network:project_id)s) or "
              + NetworkRoutes.SHARED
              + " or "
              + NetworkRoutes.EXTERNAL);
  private static final PolicyRule CREATE = new PolicyRule("create_subnet", OWNER);
  private static final PolicyRule UPDATE =
      new PolicyRule("update_subnet", PolicyRule.ADMIN_OR_PROJECT_MEMBER + " or " + OWNER);
  private static final PolicyRule DELETE =
      new PolicyRule("delete_subnet", PolicyRule.ADMIN_OR_PROJECT_MEMBER + " or " + OWNER);

  private final Collection collection;
  private final Writes writes;

  SubnetRoutes(Collection collection, Writes writes) {
    this.collection = collection;
    this.writes = writes;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v2.0/subnets", GET, collection::list),
        Route.post("/v2.0/subnets", CREATE, this::create).enforcedByHandler(),
        Route.get("/v2.0/subnets/{id}", GET, collection::show).enforcedByHandler(),
        Route.put("/v2.0/subnets/{id}", UPDATE, this::update).enforcedByHandler(),
        Route.delete("/v2.0/subnets/{id}", DELETE, this::delete).enforcedByHandler());
  }

  private ApiResponse create(ApiRequest request) {
    List<Collection.Create> creates = collection.creates(request);
    for (Collection.Create create : creates) {
      UUID network = create.values().uuid("network_id").orElseThrow();
      ObjectNode row =
          writes
              .read(handle -> NetworkNoun.NOUN.find(handle, request, network))
              .orElseThrow(() -> Errors.networkNotFound(network));
      Map<String, String> target = new HashMap<>();
      target.put("network:project_id", row.path("project_id").asString());
      collection.enforceCreate(request, create, target);
    }
    writes.requireRoom(SubnetNoun.NOUN, creates);
    boolean admin = request.allows(Noun.CONTEXT_IS_ADMIN);
    return collection.created(
        request,
        writes.insert(
            request,
            creates,
            (write, create) -> insert(write, create.projectId(), create.values(), admin)));
  }

  static ObjectNode insert(Write write, String projectId, Values values, boolean admin) {
    UUID network = values.uuid("network_id").orElseThrow();
    NetworkStore.lock(write.handle(), network);
    SubnetPrefix.Choice choice = SubnetPrefix.choose(write.handle(), projectId, values, admin);
    SubnetCheck.Plan plan = SubnetCheck.plan(values, choice.cidr());
    UUID id = UUID.randomUUID();
    NetworkMtu.checkSubnet(write.handle(), network, plan.cidr().version());
    SubnetStore.insert(write.handle(), id, projectId, values, plan, choice.pool());
    MetadataPort.attach(write, network, SubnetStore.find(write.handle(), id).orElseThrow());
    ObjectNode row = SubnetNoun.NOUN.get(write.handle(), id);
    write.touch(EngineKey.subnet(id));
    write.count(projectId, "subnet", 1);
    write.event("network.subnet.create", id, projectId, row);
    return row;
  }

  private ApiResponse update(ApiRequest request) {
    ObjectNode before = collection.enforced(request);
    Values values = collection.update(request, before);
    UUID id = UUID.fromString(before.path("id").asString());
    UUID network = UUID.fromString(before.path("network_id").asString());
    ObjectNode after =
        writes.run(
            request,
            write -> {
              NetworkStore.lock(write.handle(), network);
              Subnet subnet = SubnetStore.lock(write.handle(), id);
              check(write, subnet, values);
              SubnetStore.update(write.handle(), id, values);
              changeDhcp(write, subnet, values);
              ObjectNode row = SubnetNoun.NOUN.get(write.handle(), id);
              PortDhcpOptions.touchSubnet(write, id);
              RouterStore.routersOn(write.handle(), network)
                  .forEach(router -> write.touch(EngineKey.router(router)));
              write.event("network.subnet.update", id, row.path("project_id").asString(), row);
              return row;
            });
    return collection.answer(request, 200, after);
  }

  private static void changeDhcp(Write write, Subnet subnet, Values values) {
    boolean dhcp = values.isGiven("enable_dhcp") ? values.bool("enable_dhcp") : subnet.dhcp();
    if (dhcp && !subnet.dhcp()) {
      Subnet now = SubnetStore.find(write.handle(), subnet.id()).orElseThrow();
      MetadataPort.attach(write, subnet.networkId(), now);
    } else if (!dhcp && subnet.dhcp()) {
      MetadataPort.detach(write, subnet.networkId(), subnet);
    }
  }

  private static void check(Write write, Subnet subnet, Values values) {
    Cidr cidr = subnet.cidr();
    SubnetCheck.checkServers(values, cidr.version());
    boolean modes = subnet.addressMode().isPresent() || subnet.raMode().isPresent();
    if (modes && values.isGiven("enable_dhcp") && !values.bool("enable_dhcp")) {
      throw Errors.invalidInput("Cannot disable enable_dhcp with ipv6 attributes set");
    }
    Optional<Ip> gateway =
        values.isGiven("gateway_ip")
            ? values.optionalText("gateway_ip").map(Ip::of)
            : subnet.gateway();
    if (values.isGiven("gateway_ip")) {
      gateway.ifPresent(ip -> SubnetCheck.checkGateway(ip, cidr));
      checkGatewayFree(write, subnet, gateway);
    }
    List<Pool> pools =
        values.isGiven("allocation_pools")
            ? Pools.read(values.node("allocation_pools"))
            : subnet.pools();
    if (values.isGiven("allocation_pools")) {
      Pools.check(pools, cidr);
    }
    if (values.isGiven("allocation_pools") || values.isGiven("gateway_ip")) {
      Pools.checkGateway(pools, gateway);
    }
  }

  /** A router that is the gateway now must go first. */
  private static void checkGatewayFree(Write write, Subnet subnet, Optional<Ip> wanted) {
    if (subnet.gateway().isEmpty() || subnet.gateway().equals(wanted)) {
      return;
    }
    SubnetStore.routerPortAt(write.handle(), subnet.id(), subnet.gateway().get())
        .ifPresent(port -> {
          throw Errors.conflict(
              "GatewayIpInUse",
              "Current gateway ip %s already in use by port %s. Unable to update."
                  .formatted(subnet.gateway().get(), port));
        });
  }

  private ApiResponse delete(ApiRequest request) {
    ObjectNode before = collection.enforced(request);
    UUID id = UUID.fromString(before.path("id").asString());
    writes.run(
        request,
        write -> {
          Subnet subnet = SubnetStore.lock(write.handle(), id);
          if (SubnetStore.isBusy(write.handle(), subnet)) {
            throw Errors.subnetInUse(
                id, "One or more ports have an IP allocation from this subnet");
          }
          SubnetStore.free(write.handle(), id).forEach(port -> write.touch(EngineKey.port(port)));
          write.delete(SubnetNoun.NOUN, before);
          write.touch(EngineKey.subnet(id));
          return Optional.empty();
        });
    return ApiResponse.empty(204);
  }
}
