package cloud.lastmile.network.router;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.platform.database.Database;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The SQL of routers. */
public final class RouterStore {
  private RouterStore() {}

  /** Holds the router, so that its legs, gateway and floating IPs stay while this runs. */
  static Router lock(Handle handle, UUID id) {
    List<Router.Leg> legs;
    Router bare =
        handle
            .createQuery(
                """
                SELECT id, project_id, gateway_port_id, gateway_network_id, enable_snat
                FROM network.router WHERE id = :id FOR UPDATE\
                """)
            .bind("id", id)
            .map((row, _) ->
                new Router(
                    id,
                    row.getString("project_id"),
                    Optional.ofNullable(row.getObject("gateway_port_id", UUID.class)),
                    Optional.ofNullable(row.getObject("gateway_network_id", UUID.class)),
                    row.getBoolean("enable_snat"),
                    List.of()))
            .findOne()
            .orElseThrow(() -> Errors.routerNotFound(id));
    legs =
        handle
            .createQuery(
                """
                SELECT port_id, subnet_id, network_id, text(cidr) AS cidr
                FROM network.router_interface WHERE router_id = :id\
                """)
            .bind("id", id)
            .map((row, _) ->
                new Router.Leg(
                    row.getObject("port_id", UUID.class),
                    row.getObject("subnet_id", UUID.class),
                    row.getObject("network_id", UUID.class),
                    Cidr.of(row.getString("cidr"))))
            .list();
    return new Router(
        bare.id(), bare.projectId(), bare.gatewayPort(), bare.gatewayNetwork(), bare.snat(), legs);
  }

  static void setGateway(Handle handle, UUID id, UUID port, UUID network) {
    handle
        .createUpdate(
            """
            UPDATE network.router SET gateway_port_id = :port, gateway_network_id = :network
            WHERE id = :id\
            """)
        .bind("id", id)
        .bind("port", port)
        .bind("network", network)
        .execute();
  }

  static void clearGateway(Handle handle, UUID id) {
    handle
        .createUpdate(
            """
            UPDATE network.router SET gateway_port_id = NULL, gateway_network_id = NULL,
              enable_snat = TRUE WHERE id = :id\
            """)
        .bind("id", id)
        .execute();
  }

  static void setSnat(Handle handle, UUID id, boolean snat) {
    handle
        .createUpdate("UPDATE network.router SET enable_snat = :snat WHERE id = :id")
        .bind("id", id)
        .bind("snat", snat)
        .execute();
  }

  static void addLeg(Handle handle, UUID router, Router.Leg leg) {
    try {
      handle
          .createUpdate(
              """
              INSERT INTO network.router_interface
                (router_id, port_id, subnet_id, network_id, cidr)
              VALUES (:router, :port, :subnet, :network, CAST(:cidr AS cidr))\
              """)
          .bind("router", router)
          .bind("port", leg.portId())
          .bind("subnet", leg.subnetId())
          .bind("network", leg.networkId())
          .bind("cidr", leg.cidr().toString())
          .execute();
    } catch (RuntimeException failure) {
      throw Database.violated(failure).filter("router_interface_overlap"::equals).isPresent()
          ? Errors.badRequest(
              "BadRequest",
              "Bad router request: Cidr %s of subnet %s overlaps with another of the router."
                  .formatted(leg.cidr(), leg.subnetId()))
          : failure;
    }
  }

  static void removeLegs(Handle handle, UUID port) {
    handle.execute("DELETE FROM network.router_interface WHERE port_id = ?", port);
  }

  /**
   * The router with a gateway on the network and a leg on the subnet; it is held. Any project may
   * have a leg on a network that is shared with it, so the subnet's own gateway comes first, as in
   * the reference, and another project's router last.
   *
   * @param project whose floating IP it is
   */
  public static Optional<UUID> between(
      Handle handle, UUID externalNetwork, UUID subnet, String project) {
    return handle
        .createQuery(
            """
            SELECT r.id FROM network.router r
            JOIN network.router_interface i ON i.router_id = r.id
            JOIN network.subnet s ON s.id = i.subnet_id
            WHERE i.subnet_id = :subnet AND r.gateway_network_id = :network
            ORDER BY EXISTS (SELECT FROM network.ip_allocation a WHERE a.subnet_id = s.id
                AND a.address = s.gateway AND a.port_id = i.port_id) DESC,
              r.project_id = :project DESC, r.project_id = s.project_id DESC, r.created_at
            LIMIT 1 FOR SHARE OF r\
            """)
        .bind("subnet", subnet)
        .bind("network", externalNetwork)
        .bind("project", project)
        .mapTo(UUID.class)
        .findOne();
  }

  /** Whether a floating IP needs the router's leg with this prefix. */
  static boolean floatingNeeds(Handle handle, UUID router, Cidr prefix) {
    return handle
        .createQuery(
            """
            SELECT EXISTS (SELECT FROM network.floating_ip
              WHERE router_id = :router AND fixed_address << CAST(:cidr AS cidr))\
            """)
        .bind("router", router)
        .bind("cidr", prefix.toString())
        .mapTo(Boolean.class)
        .one();
  }

  static boolean hasFloating(Handle handle, UUID router) {
    return handle
        .createQuery("SELECT EXISTS (SELECT FROM network.floating_ip WHERE router_id = :router)")
        .bind("router", router)
        .mapTo(Boolean.class)
        .one();
  }
}
