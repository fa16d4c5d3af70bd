package cloud.lastmile.network;

import cloud.lastmile.network.PortStore.Surroundings;
import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.resource.Collection;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Noun;
import cloud.lastmile.network.resource.Values;
import cloud.lastmile.platform.core.Json;
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

/** {@code /v2.0/floatingips}. */
final class FloatingIpRoutes {
  static final PolicyRule GET = PolicyRule.reader("get_floatingip");
  private static final PolicyRule CREATE = PolicyRule.member("create_floatingip");
  private static final PolicyRule UPDATE = PolicyRule.member("update_floatingip");
  private static final PolicyRule DELETE = PolicyRule.member("delete_floatingip");

  private final Collection collection;
  private final Writes writes;

  FloatingIpRoutes(Collection collection, Writes writes) {
    this.collection = collection;
    this.writes = writes;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v2.0/floatingips", GET, collection::list),
        Route.post("/v2.0/floatingips", CREATE, this::create).enforcedByHandler(),
        Route.get("/v2.0/floatingips/{id}", GET, collection::show).enforcedByHandler(),
        Route.put("/v2.0/floatingips/{id}", UPDATE, this::update).enforcedByHandler(),
        Route.delete("/v2.0/floatingips/{id}", DELETE, this::delete).enforcedByHandler());
  }

  private ApiResponse create(ApiRequest request) {
    List<Collection.Create> creates = collection.creates(request);
    for (Collection.Create create : creates) {
      collection.enforceCreate(request, create, Map.of());
      requireVisiblePort(request, create.values());
      if (create.values().has("fixed_ip_address") && !create.values().has("port_id")) {
        throw FloatingIpTarget.bad("fixed_ip_address cannot be specified without a port_id");
      }
    }
    writes.requireRoom(FloatingIpNoun.NOUN, creates);
    boolean admin = request.allows(Noun.CONTEXT_IS_ADMIN);
    return collection.created(
        request, writes.insert(request, creates, (write, create) -> insert(write, create, admin)));
  }

  private void requireVisiblePort(ApiRequest request, Values values) {
    values.uuid("port_id").ifPresent(port -> writes.requireVisible(request, PortNoun.NOUN, port));
  }

  private static ObjectNode insert(Write write, Collection.Create create, boolean admin) {
    Values values = create.values();
    UUID network = values.uuid("floating_network_id").orElseThrow();
    Handle handle = write.handle();
    Optional<String> visibleTo = admin ? Optional.empty() : Optional.of(create.projectId());
    boolean external =
        NetworkInfoReader.one(handle, network, visibleTo)
            .filter(info -> info.external())
            .isPresent();
    if (!external) {
      throw FloatingIpTarget.bad("Network " + network + " is not a valid external network");
    }
    UUID id = UUID.randomUUID();
    UUID port = UUID.randomUUID();
    Ip address = addPort(write, values, network, id, port, visibleTo);
    FloatingIpStore.insert(
        handle, id, create.projectId(), values.text("description"), network, address, port);
    associate(write, id, values, admin);
    ObjectNode row = FloatingIpNoun.NOUN.get(handle, id);
    write.touch(EngineKey.floating(id));
    write.count(create.projectId(), "floatingip", 1);
    write.event("network.floatingip.create", id, create.projectId(), row);
    return row;
  }

  /**
   * Makes the port that holds the floating address on the external network.
   *
   * @param project whose request it is, and who gets what the pools of a network not its own give;
   *     empty for administrators
   */
  private static Ip addPort(
      Write write, Values values, UUID network, UUID id, UUID port, Optional<String> project) {
    Surroundings around =
        PortStore.surroundings(write.handle(), network, "", Optional.empty())
            .orElseThrow(() -> Errors.networkNotFound(network));
    String mac = MacAddresses.random();
    FixedIps addresses =
        new FixedIps(write.handle(), network, around.subnets(), port, mac, Port.FLOATING_IP);
    ObjectNode asked = Json.object();
    values.optionalText("floating_ip_address").ifPresent(ip -> asked.put("ip_address", ip));
    values.optionalText("subnet_id").ifPresent(subnet -> asked.put("subnet_id", subnet));
    if (project.filter(asking -> !asking.equals(around.networkProject())).isPresent()) {
      values.optionalText("floating_ip_address").ifPresent(ip -> requireGiven(around, Ip.of(ip)));
    }
    List<Port.FixedIp> fixed =
        asked.isEmpty() ? addresses.byDefault() : addresses.asAsked(List.of(asked), List.of());
    Port.FixedIp version4 =
        fixed.stream()
            .filter(one -> one.address().version() == 4)
            .findFirst()
            .orElseThrow(() ->
                Errors.badRequest(
                    "ExternalIpAddressExhausted",
                    "Unable to find any IP address on external network " + network + "."));
    ServicePort.insert(
        write,
        new ServicePort.Wanted(port, network, "", mac, Port.FLOATING_IP, id.toString(), fixed));
    return version4.address();
  }

  private static void requireGiven(Surroundings around, Ip address) {
    if (around.subnets().stream().noneMatch(subnet -> subnet.gives(address))) {
      throw FloatingIpTarget.bad(
          "IP address "
              + address
              + " is not in the allocation pools of network "
              + around.networkId()
              + ", which is not owned by the project making the request");
    }
  }

  private static void associate(Write write, UUID id, Values values, boolean admin) {
    Handle handle = write.handle();
    FloatingIpStore.Row row = FloatingIpStore.lock(handle, id);
    boolean fixedOnly = values.has("fixed_ip_address") && !values.isGiven("port_id");
    Optional<UUID> port = fixedOnly ? row.port() : values.uuid("port_id");
    if (!fixedOnly && !values.isGiven("port_id")) {
      return;
    }
    if (fixedOnly && port.isEmpty()) {
      throw FloatingIpTarget.bad("fixed_ip_address cannot be specified without a port_id");
    }
    row.port().ifPresent(before -> write.touch(EngineKey.port(before)));
    if (port.isEmpty()) {
      FloatingIpStore.disassociate(handle, id);
      return;
    }
    Optional<Ip> wanted = values.optionalText("fixed_ip_address").map(Ip::of);
    FloatingIpStore.associate(
        handle, row, FloatingIpTarget.find(handle, row, port.get(), wanted, admin));
    write.touch(EngineKey.port(port.get()));
  }

  private ApiResponse update(ApiRequest request) {
    ObjectNode before = collection.enforced(request);
    Values values = collection.update(request, before);
    requireVisiblePort(request, values);
    boolean admin = request.allows(Noun.CONTEXT_IS_ADMIN);
    UUID id = UUID.fromString(before.path("id").asString());
    ObjectNode after =
        writes.run(
            request,
            write -> {
              associate(write, id, values, admin);
              Changes changes = new Changes("network.floating_ip", id);
              changes.text(values, "description", "description");
              changes.execute(write.handle());
              ObjectNode row = FloatingIpNoun.NOUN.get(write.handle(), id);
              write.touch(EngineKey.floating(id));
              write.event("network.floatingip.update", id, row.path("project_id").asString(), row);
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
          FloatingIpStore.Row row = FloatingIpStore.lock(write.handle(), id);
          write.delete(FloatingIpNoun.NOUN, before);
          PortDelete.run(write, row.floatingPort(), "");
          row.port().ifPresent(port -> write.touch(EngineKey.port(port)));
          write.touch(EngineKey.floating(id));
          return Optional.empty();
        });
    return ApiResponse.empty(204);
  }
}
