package cloud.lastmile.network.router;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.subnetmodel.SubnetStore;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/** Whether a router's static routes can work. */
final class RouterRoutesCheck {
  private static final int MOST = 30;

  private RouterRoutesCheck() {}

  /** Every next hop must be on a subnet that the router is on, and not the router itself. */
  static void check(Handle handle, Router router, List<JsonNode> routes) {
    if (routes.size() > MOST) {
      throw Errors.badRequest(
          "RoutesExhausted",
          "Unable to complete operation for %s. The number of routes exceeds the maximum %d."
              .formatted(router.id(), MOST));
    }
    List<Cidr> connected = new ArrayList<>();
    router.legs().forEach(leg -> connected.add(leg.cidr()));
    router
        .gatewayNetwork()
        .ifPresent(network ->
            SubnetStore.ofNetwork(handle, network).forEach(subnet -> connected.add(subnet.cidr())));
    List<String> own = ownAddresses(handle, router);
    for (JsonNode route : routes) {
      Ip nexthop = Ip.of(route.path("nexthop").asString());
      if (connected.stream().noneMatch(prefix -> prefix.contains(nexthop))) {
        throw invalid(routes, "the nexthop is not connected with router");
      }
      if (own.contains(nexthop.toString())) {
        throw invalid(routes, "the nexthop is used by router");
      }
      Cidr destination = Cidr.of(route.path("destination").asString());
      if (destination.version() != nexthop.version()) {
        throw invalid(routes, "destination and nexthop differ in IP version");
      }
    }
  }

  private static RuntimeException invalid(List<JsonNode> routes, String reason) {
    return Errors.badRequest(
        "InvalidRoutes", "Invalid format for routes: " + routes + ", " + reason);
  }

  private static List<String> ownAddresses(Handle handle, Router router) {
    return handle
        .createQuery(
            """
            SELECT host(a.address) FROM network.ip_allocation a
            WHERE a.port_id IN (SELECT port_id FROM network.router_interface WHERE router_id = :id
              UNION SELECT gateway_port_id FROM network.router WHERE id = :id)\
            """)
        .bind("id", router.id())
        .mapTo(String.class)
        .list();
  }

  /** Whether one of the router's routes goes by this prefix. */
  static boolean needs(Handle handle, UUID router, Cidr prefix) {
    return handle
        .createQuery(
            """
            SELECT EXISTS (SELECT FROM network.router r, jsonb_array_elements(r.routes) route
              WHERE r.id = :id AND CAST(route->>'nexthop' AS inet) << CAST(:cidr AS cidr))\
            """)
        .bind("id", router)
        .bind("cidr", prefix.toString())
        .mapTo(Boolean.class)
        .one();
  }
}
