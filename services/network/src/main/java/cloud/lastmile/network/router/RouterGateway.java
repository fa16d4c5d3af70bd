package cloud.lastmile.network.router;

import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.common.MacAddresses;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.net.NetworkInfoReader;
import cloud.lastmile.network.port.Addresses;
import cloud.lastmile.network.port.FixedIps;
import cloud.lastmile.network.port.Port;
import cloud.lastmile.network.port.PortDelete;
import cloud.lastmile.network.port.PortStore;
import cloud.lastmile.network.port.PortStore.Surroundings;
import cloud.lastmile.network.port.ServicePort;
import cloud.lastmile.network.subnetmodel.Subnet;
import cloud.lastmile.network.write.Changes;
import cloud.lastmile.network.write.NetworkWrite;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/** A router's way to the outside, set, changed and cleared in the caller's transaction. */
final class RouterGateway {
  private RouterGateway() {}

  /**
   * Makes it as asked.
   *
   * @param asked {@code external_gateway_info}; null node for none
   * @param visibleTo the project that asks; empty for administrators
   */
  static void change(
      NetworkWrite write, Router router, JsonNode asked, Optional<String> visibleTo) {
    if (asked.isNull()) {
      clear(write, router);
      return;
    }
    UUID network = UUID.fromString(asked.path("network_id").asString());
    boolean same = router.gatewayNetwork().filter(network::equals).isPresent();
    boolean addresses = asked.has("external_fixed_ips");
    if (!same || addresses) {
      if (!same) {
        requireExternal(write.handle(), network, visibleTo);
        clear(write, router);
        add(write, router, network, asked);
      } else {
        move(write, router, network, asked);
      }
    }
    if (asked.has("enable_snat")) {
      RouterStore.setSnat(write.handle(), router.id(), asked.path("enable_snat").asBoolean());
    }
  }

  private static void requireExternal(Handle handle, UUID network, Optional<String> visibleTo) {
    boolean external =
        NetworkInfoReader.one(handle, network, visibleTo)
            .orElseThrow(() -> Errors.networkNotFound(network))
            .external();
    if (!external) {
      throw Errors.badRequest(
          "BadRequest", "Bad router request: Network " + network + " is not an external network.");
    }
  }

  private static void add(NetworkWrite write, Router router, UUID network, JsonNode asked) {
    Surroundings around = surroundings(write, network);
    for (Subnet subnet : around.subnets()) {
      RouterLegs.requireNoOverlap(router, subnet);
    }
    UUID port = UUID.randomUUID();
    String mac = MacAddresses.random();
    FixedIps addresses =
        new FixedIps(write.handle(), network, around.subnets(), port, mac, Port.ROUTER_GATEWAY);
    List<Port.FixedIp> fixed =
        asked.has("external_fixed_ips")
            ? addresses.asAsked(items(asked), List.of())
            : addresses.byDefault();
    ServicePort.insert(
        write,
        new ServicePort.Wanted(
            port, network, "", mac, Port.ROUTER_GATEWAY, router.id().toString(), fixed));
    RouterStore.setGateway(write.handle(), router.id(), port, network);
  }

  /** Other addresses on the same network. */
  private static void move(NetworkWrite write, Router router, UUID network, JsonNode asked) {
    Handle handle = write.handle();
    Port port = PortStore.lock(handle, router.gatewayPort().orElseThrow());
    FixedIps addresses =
        new FixedIps(
            handle,
            network,
            surroundings(write, network).subnets(),
            port.id(),
            port.macAddress(),
            Port.ROUTER_GATEWAY);
    List<Port.FixedIp> fixed = addresses.asAsked(items(asked), port.fixedIps());
    List<Port.FixedIp> gone = new ArrayList<>(port.fixedIps());
    gone.removeAll(fixed);
    Addresses.release(handle, port.id(), gone);
    Changes changes = new Changes("network.port", port.id());
    changes.cast("fixed_ips", "jsonb", Port.writeFixedIps(fixed).toString());
    changes.execute(handle);
    write.touch(EngineKey.port(port.id()));
  }

  private static Surroundings surroundings(NetworkWrite write, UUID network) {
    return PortStore.surroundings(write.handle(), network, "", Optional.empty())
        .orElseThrow(() -> Errors.networkNotFound(network));
  }

  private static List<JsonNode> items(JsonNode asked) {
    List<JsonNode> items = new ArrayList<>();
    asked.path("external_fixed_ips").forEach(items::add);
    return items;
  }

  static void clear(NetworkWrite write, Router router) {
    if (router.gatewayPort().isEmpty()) {
      return;
    }
    if (RouterStore.hasFloating(write.handle(), router.id())) {
      throw Errors.conflict(
          "RouterExternalGatewayInUseByFloatingIp",
          "Gateway cannot be updated for router %s, since a gateway to external network %s is required by one or more floating IPs."
              .formatted(router.id(), router.gatewayNetwork().orElseThrow()));
    }
    RouterStore.clearGateway(write.handle(), router.id());
    UUID port = router.gatewayPort().get();
    PortDelete.run(write, port, "");
  }
}
