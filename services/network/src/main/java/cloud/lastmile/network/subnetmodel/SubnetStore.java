package cloud.lastmile.network.subnetmodel;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.address.Pools;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.platform.core.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The SQL of subnets. */
public final class SubnetStore {
  static final String COLUMNS =
      "s.id, s.network_id, text(s.cidr) AS cidr, host(s.gateway) AS gateway, s.enable_dhcp,"
          + " s.ipv6_address_mode, s.ipv6_ra_mode, s.allocation_pools";

  private SubnetStore() {}

  static Subnet read(ResultSet row) throws SQLException {
    return new Subnet(
        row.getObject("id", UUID.class),
        row.getObject("network_id", UUID.class),
        Cidr.of(row.getString("cidr")),
        Optional.ofNullable(row.getString("gateway")).map(Ip::of),
        row.getBoolean("enable_dhcp"),
        Optional.ofNullable(row.getString("ipv6_address_mode")),
        Optional.ofNullable(row.getString("ipv6_ra_mode")),
        Pools.read(Json.mapper().readTree(row.getString("allocation_pools"))));
  }

  public static List<Subnet> ofNetwork(Handle handle, UUID network) {
    return handle
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM network.subnet s WHERE s.network_id = :network"
                + " ORDER BY s.created_at, s.id")
        .bind("network", network)
        .map((row, _) -> read(row))
        .list();
  }

  public static Optional<Subnet> find(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT " + COLUMNS + " FROM network.subnet s WHERE s.id = :id")
        .bind("id", id)
        .map((row, _) -> read(row))
        .findOne();
  }

  /** Whose it is; empty text if it is gone. */
  public static String project(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT project_id FROM network.subnet WHERE id = :id")
        .bind("id", id)
        .mapTo(String.class)
        .findOne()
        .orElse("");
  }

  public static Subnet lock(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT " + COLUMNS + " FROM network.subnet s WHERE s.id = :id FOR UPDATE")
        .bind("id", id)
        .map((row, _) -> read(row))
        .findOne()
        .orElseThrow(() -> Errors.subnetNotFound(id));
  }

  /**
   * The ports that keep a subnet from being deleted. Those of DHCP do not, nor do addresses that
   * hosts gave themselves, save routers'.
   */
  public static boolean isBusy(Handle handle, Subnet subnet) {
    return handle
        .createQuery(
            """
            SELECT EXISTS (SELECT FROM network.ip_allocation a
              JOIN network.port p ON p.id = a.port_id
              WHERE a.subnet_id = :id
                AND p.device_owner NOT IN ('network:distributed', 'network:dhcp')
                AND NOT (:auto AND p.device_owner NOT LIKE 'network:router_%'))\
            """)
        .bind("id", subnet.id())
        .bind("auto", subnet.autoAddress())
        .mapTo(Boolean.class)
        .one();
  }

  /** The router interface that has this address. */
  public static Optional<UUID> routerPortAt(Handle handle, UUID subnet, Ip address) {
    return handle
        .createQuery(
            """
            SELECT p.id FROM network.ip_allocation a JOIN network.port p ON p.id = a.port_id
            WHERE a.subnet_id = :subnet AND a.address = CAST(:address AS inet)
              AND p.service AND p.device_owner = 'network:router_interface'\
            """)
        .bind("subnet", subnet)
        .bind("address", address.toString())
        .mapTo(UUID.class)
        .findOne();
  }

  /** Removes a subnet's addresses from the ports that may lose them: their ids. */
  public static List<UUID> free(Handle handle, UUID id) {
    return handle
        .createQuery(
            """
            WITH freed AS (
              DELETE FROM network.ip_allocation WHERE subnet_id = :id RETURNING port_id)
            UPDATE network.port p SET revision = revision + 1, updated_at = now(),
              fixed_ips = coalesce((SELECT jsonb_agg(f) FROM jsonb_array_elements(p.fixed_ips) f
                WHERE f->>'subnet_id' <> :text), '[]')
            WHERE p.id IN (SELECT port_id FROM freed) RETURNING p.id\
            """)
        .bind("id", id)
        .bind("text", id.toString())
        .mapTo(UUID.class)
        .list();
  }
}
