package cloud.lastmile.ovn.rows;

import cloud.lastmile.network.backend.Topology.Gateway;
import cloud.lastmile.network.backend.Topology.Route;
import cloud.lastmile.network.backend.Topology.Router;
import cloud.lastmile.network.backend.Topology.RouterPort;
import cloud.lastmile.ovn.rows.DesiredRow.Parent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A router is a logical router with a port per leg, static routes and translation. */
public final class RouterRows {
  /** The key of a router port's {@code external_ids} that marks the gateway. */
  public static final String GATEWAY = "lastmile:gateway";

  private static final int HIGHEST_PRIORITY = 100;

  private RouterRows() {}

  public static Owner owner(UUID router) {
    return new Owner(Owner.Kind.ROUTER, router);
  }

  public static List<DesiredRow> of(Router router) {
    Owner owner = owner(router.id());
    List<DesiredRow> rows = new ArrayList<>();
    rows.add(
        DesiredRow.of(
            owner,
            Tables.ROUTER,
            router.id(),
            Map.of(
                "name", "neutron-" + router.id(),
                "enabled", Optional.of(router.adminStateUp()),
                "options",
                    Map.of(
                        "always_learn_from_arp_request", "false",
                        "dynamic_neigh_routers", "true")),
            Map.of("neutron:router_name", router.name()),
            List.of()));
    int widest =
        Stream.concat(router.interfaces().stream(), router.gateway().stream().map(Gateway::port))
            .mapToInt(RouterPort::mtu)
            .max()
            .orElse(0);
    for (RouterPort leg : router.interfaces()) {
      rows.add(leg(owner, leg, false, leg.mtu() < widest ? measured(leg.mtu()) : Map.of()));
    }
    router
        .gateway()
        .ifPresent(gateway -> rows.addAll(gateway(owner, gateway, router.interfaces())));
    for (Route route : router.routes()) {
      rows.add(route(owner, route.destination(), route.nexthop(), false));
    }
    return rows;
  }

  /** Packets larger than this, in or out, are answered with what passes. */
  private static Map<String, String> measured(int mtu) {
    return mtu > 0 ? Map.of("gateway_mtu", Integer.toString(mtu)) : Map.of();
  }

  private static DesiredRow leg(
      Owner router, RouterPort leg, boolean gateway, Map<String, String> options) {
    Map<String, Object> columns = new HashMap<>();
    columns.put("name", "lrp-" + leg.portId());
    columns.put("mac", leg.macAddress());
    columns.put("networks", Set.copyOf(leg.addresses()));
    columns.put("options", options);
    columns.put("ipv6_ra_configs", gateway ? Map.of() : advertisements(leg));
    return DesiredRow.of(
        router,
        Tables.ROUTER_PORT,
        leg.portId(),
        columns,
        Map.of(GATEWAY, Boolean.toString(gateway), PortRows.NETWORK, leg.networkId().toString()),
        List.of(new Parent(Tables.ROUTER, "ports", router.id())));
  }

  /** What hosts are told of how they come by their addresses; nothing if no mode is set. */
  private static Map<String, String> advertisements(RouterPort leg) {
    if (leg.ipv6Mode().isEmpty()) {
      return Map.of();
    }
    Map<String, String> told = new TreeMap<>();
    told.put("address_mode", leg.ipv6Mode().get().replace('-', '_'));
    told.put("send_periodic", "true");
    if (leg.mtu() > 0) {
      told.put("mtu", Integer.toString(leg.mtu()));
    }
    leg.ipv6Nameserver().ifPresent(server -> told.put("rdnss", server));
    return told;
  }

  /**
   * What comes in is measured before its destination is translated, so that the sender is told of
   * the packet it knows; it must therefore be fit for the narrowest network behind. What goes out
   * of a wider network need not be.
   */
  private static Map<String, String> gatewayOptions(RouterPort gateway, List<RouterPort> inside) {
    int narrowest =
        Stream.concat(inside.stream(), Stream.of(gateway))
            .mapToInt(RouterPort::mtu)
            .filter(mtu -> mtu > 0)
            .min()
            .orElse(0);
    Map<String, String> options = new TreeMap<>(measured(narrowest));
    String wider =
        inside.stream()
            .filter(leg -> leg.mtu() > narrowest && leg.mtu() <= gateway.mtu())
            .map(leg -> "\"lrp-" + leg.portId() + "\"")
            .sorted()
            .collect(Collectors.joining(", "));
    if (!wider.isEmpty()) {
      options.put("gateway_mtu_bypass", "inport == {" + wider + "}");
    }
    return options;
  }

  private static List<DesiredRow> gateway(Owner router, Gateway gateway, List<RouterPort> inside) {
    List<DesiredRow> rows = new ArrayList<>();
    rows.add(leg(router, gateway.port(), true, gatewayOptions(gateway.port(), inside)));
    for (String nexthop : gateway.nexthops()) {
      rows.add(route(router, nexthop.contains(":") ? "::/0" : "0.0.0.0/0", nexthop, true));
    }
    Optional<String> outside =
        gateway.port().addresses().stream()
            .filter(address -> !address.contains(":"))
            .map(address -> address.substring(0, address.indexOf('/')))
            .findFirst();
    outside.ifPresent(
        address -> gateway.snat().forEach(prefix -> rows.add(snat(router, address, prefix))));
    return rows;
  }

  private static DesiredRow route(
      Owner router, String destination, String nexthop, boolean gateway) {
    return DesiredRow.of(
        router,
        Tables.ROUTE,
        router.derive("route " + destination + " " + nexthop + " " + gateway),
        Map.of("ip_prefix", destination, "nexthop", nexthop),
        Map.of("neutron:is_ext_gw", Boolean.toString(gateway)),
        List.of(new Parent(Tables.ROUTER, "static_routes", router.id())));
  }

  private static DesiredRow snat(Owner router, String outside, String prefix) {
    return DesiredRow.of(
        router,
        Tables.NAT,
        router.derive("snat " + prefix),
        Map.of("type", "snat", "external_ip", outside, "logical_ip", prefix),
        Map.of(),
        List.of(new Parent(Tables.ROUTER, "nat", router.id())));
  }

  public static Owner placementOwner(UUID gatewayPort) {
    return new Owner(Owner.Kind.GATEWAY, gatewayPort);
  }

  /**
   * Where a gateway may be: on every host that can, in an order that spreads routers over hosts;
   * the first that lives carries it.
   *
   * @param chassis names of the hosts that may carry gateways, in a stable order
   */
  public static List<DesiredRow> placement(UUID gatewayPort, List<String> chassis) {
    Owner owner = placementOwner(gatewayPort);
    List<DesiredRow> rows = new ArrayList<>();
    for (int i = 0; i < Math.min(chassis.size(), 5); i++) {
      String name = chassis.get(Math.floorMod(gatewayPort.hashCode() + i, chassis.size()));
      rows.add(
          DesiredRow.of(
              owner,
              Tables.GATEWAY_CHASSIS,
              owner.derive(name),
              Map.of(
                  "name",
                  "lrp-" + gatewayPort + "_" + name,
                  "chassis_name",
                  name,
                  "priority",
                  (long) HIGHEST_PRIORITY - i),
              Map.of(),
              List.of(new Parent(Tables.ROUTER_PORT, "gateway_chassis", gatewayPort))));
    }
    return rows;
  }
}
