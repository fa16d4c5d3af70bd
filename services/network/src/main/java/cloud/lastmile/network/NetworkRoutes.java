package cloud.lastmile.network;

import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.resource.Collection;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Values;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2.0/networks}. */
final class NetworkRoutes {
  static final String SHARED = "'True':%(shared)s";
  static final String EXTERNAL = "'True':%(router:external)s";
  static final PolicyRule GET =
      new PolicyRule(
          "get_network", PolicyRule.ADMIN_OR_PROJECT_READER + " or " + SHARED + " or " + EXTERNAL);
  static final PolicyRule CREATE = PolicyRule.member("create_network");
  static final PolicyRule UPDATE = PolicyRule.member("update_network");
  static final PolicyRule DELETE = PolicyRule.member("delete_network");

  private final Collection collection;
  private final Writes writes;
  private final NetworkConfig config;

  NetworkRoutes(Collection collection, Writes writes, NetworkConfig config) {
    this.collection = collection;
    this.writes = writes;
    this.config = config;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v2.0/networks", GET, collection::list),
        Route.post("/v2.0/networks", CREATE, this::create).enforcedByHandler(),
        Route.get("/v2.0/networks/{id}", GET, collection::show).enforcedByHandler(),
        Route.put("/v2.0/networks/{id}", UPDATE, this::update).enforcedByHandler(),
        Route.delete("/v2.0/networks/{id}", DELETE, this::delete).enforcedByHandler());
  }

  private ApiResponse create(ApiRequest request) {
    List<Collection.Create> creates = collection.creates(request);
    for (Collection.Create create : creates) {
      collection.enforceCreate(request, create, Map.of());
    }
    writes.requireRoom(NetworkNoun.NOUN, creates);
    return collection.created(
        request,
        writes.insert(
            request,
            creates,
            (write, create) -> insert(write, create.projectId(), create.values())));
  }

  private ObjectNode insert(Write write, String projectId, Values values) {
    Segment segment = Segment.of(values, config);
    UUID id = UUID.randomUUID();
    NetworkStore.insert(write.handle(), id, projectId, values, segment, mtu(values, segment));
    ObjectNode row = NetworkNoun.NOUN.get(write.handle(), id);
    write.touch(EngineKey.network(id));
    write.count(projectId, "network", 1);
    write.event("network.network.create", id, projectId, row);
    return row;
  }

  private int mtu(Values values, Segment segment) {
    return NetworkMtu.initial(values.integer("mtu"), config.mtu(segment.type()));
  }

  private ApiResponse update(ApiRequest request) {
    ObjectNode before = collection.enforced(request);
    Values values = collection.update(request, before);
    UUID id = UUID.fromString(before.path("id").asString());
    int most = config.mtu(before.path("provider:network_type").asString());
    ObjectNode after =
        writes.run(
            request,
            write -> {
              NetworkStore.lock(write.handle(), id);
              checkSharing(write.handle(), id, values);
              if (values.isGiven("mtu")) {
                NetworkMtu.checkUpdate(write.handle(), id, values.integer("mtu"), most);
              }
              NetworkStore.update(write.handle(), id, values);
              ObjectNode row = NetworkNoun.NOUN.get(write.handle(), id);
              write.touch(EngineKey.network(id));
              if (values.isGiven("mtu")) {
                touchOthers(write, id);
              }
              write.event("network.network.update", id, row.path("project_id").asString(), row);
              return row;
            });
    return collection.answer(request, 200, after);
  }

  /** DHCP tells guests of the MTU, and routers tell senders. */
  private static void touchOthers(Write write, UUID network) {
    NetworkStore.subnets(write.handle(), network)
        .forEach(subnet -> PortDhcpOptions.touchSubnet(write, subnet));
    RouterStore.routersOn(write.handle(), network)
        .forEach(router -> write.touch(EngineKey.router(router)));
  }

  private static void checkSharing(Handle handle, UUID id, Values values) {
    boolean withdrawn = values.isGiven("shared") && !values.bool("shared");
    if (withdrawn && NetworkStore.usedByOthers(handle, id)) {
      throw Errors.conflict(
          "InvalidSharedSetting",
          "Unable to reconfigure sharing settings for network "
              + id
              + ". Multiple projects are using it.");
    }
  }

  private ApiResponse delete(ApiRequest request) {
    ObjectNode before = collection.enforced(request);
    UUID id = UUID.fromString(before.path("id").asString());
    writes.run(
        request,
        write -> {
          Handle handle = write.handle();
          NetworkStore.lock(handle, id);
          List<UUID> busy = NetworkStore.busyPorts(handle, id);
          if (!busy.isEmpty()) {
            throw Errors.networkInUse(
                id,
                "There are one or more ports still in use on the network, id for these ports is: "
                    + String.join(",", busy.stream().map(UUID::toString).toList()));
          }
          NetworkStore.clear(write, id);
          write.delete(NetworkNoun.NOUN, before);
          write.touch(EngineKey.network(id));
          return Optional.empty();
        });
    return ApiResponse.empty(204);
  }
}
