package cloud.lastmile.network.engine;

import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.platform.core.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** Reads routers and floating IPs as the engine shall hold them. */
final class RouterReader {
  private RouterReader() {}

  /**
   * A port {@code p} as a leg of the router {@code r}, with the prefix lengths of its addresses'
   * subnets. It has a mode, and so is advertised to guests as their router, only if the subnet says
   * so: by being its gateway, or by belonging to whom the subnet does. Or whoever may have a port
   * on a shared network could lead the traffic of all through a router of his own.
   */
  private static final String LEG =
      """
      json_build_object('port', p.id, 'network', p.network_id, 'mac', text(p.mac_address),
        'addresses', (SELECT coalesce(
            json_agg(host(a.address) || '/' || masklen(s.cidr) ORDER BY a.address), '[]')
          FROM network.ip_allocation a JOIN network.subnet s ON s.id = a.subnet_id
          WHERE a.port_id = p.id),
        'mtu', (SELECT n.mtu FROM network.network n WHERE n.id = p.network_id),
        'mode', (SELECT coalesce(s.ipv6_address_mode, s.ipv6_ra_mode)
          FROM network.ip_allocation a JOIN network.subnet s ON s.id = a.subnet_id
          WHERE a.port_id = p.id AND coalesce(s.ipv6_address_mode, s.ipv6_ra_mode) IS NOT NULL
            AND (a.address = s.gateway OR s.project_id = r.project_id)
          ORDER BY a.address LIMIT 1),
        'nameserver', (SELECT s.dns_nameservers[1]
          FROM network.ip_allocation a JOIN network.subnet s ON s.id = a.subnet_id
          WHERE a.port_id = p.id AND family(a.address) = 6 AND cardinality(s.dns_nameservers) > 0
          ORDER BY a.address LIMIT 1))\
      """;

  static final String ROUTERS =
      """
      SELECT r.id, r.name, r.admin_state_up, r.routes, r.enable_snat,
        (SELECT coalesce(json_agg(leg), '[]') FROM (SELECT %s AS leg FROM network.port p
          WHERE p.id IN (SELECT i.port_id FROM network.router_interface i
            WHERE i.router_id = r.id) ORDER BY p.id) legs) AS interfaces,
        (SELECT %s FROM network.port p WHERE p.id = r.gateway_port_id) AS gateway,
        ARRAY(SELECT host(s.gateway) FROM network.subnet s
          WHERE s.gateway IS NOT NULL AND s.id IN (SELECT a.subnet_id
            FROM network.ip_allocation a WHERE a.port_id = r.gateway_port_id)) AS nexthops,
        ARRAY(SELECT text(i.cidr) FROM network.router_interface i
          WHERE i.router_id = r.id AND family(i.cidr) = 4 ORDER BY i.cidr) AS prefixes
      FROM network.router r WHERE r.id {ids}\
      """
          .formatted(LEG, LEG);

  static Topology.Router router(ResultSet row) throws SQLException {
    List<Topology.RouterPort> interfaces = new ArrayList<>();
    for (JsonNode leg : Json.mapper().readTree(row.getString("interfaces"))) {
      interfaces.add(leg(leg));
    }
    return new Topology.Router(
        row.getObject("id", UUID.class),
        row.getString("name"),
        row.getBoolean("admin_state_up"),
        interfaces,
        gateway(row),
        TopologyReader.routes(row.getString("routes")));
  }

  private static Optional<Topology.Gateway> gateway(ResultSet row) throws SQLException {
    String leg = row.getString("gateway");
    if (leg == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Topology.Gateway(
            leg(Json.mapper().readTree(leg)),
            texts(row, "nexthops"),
            row.getBoolean("enable_snat") ? texts(row, "prefixes") : List.of()));
  }

  private static List<String> texts(ResultSet row, String column) throws SQLException {
    return Arrays.asList((String[]) row.getArray(column).getArray());
  }

  private static Optional<String> text(JsonNode node) {
    return node.isNull() ? Optional.empty() : Optional.of(node.asString());
  }

  private static Topology.RouterPort leg(JsonNode leg) {
    List<String> addresses = new ArrayList<>();
    leg.path("addresses").forEach(address -> addresses.add(address.asString()));
    return new Topology.RouterPort(
        UUID.fromString(leg.path("port").asString()),
        UUID.fromString(leg.path("network").asString()),
        leg.path("mac").asString(),
        addresses,
        leg.path("mtu").asInt(),
        text(leg.path("mode")),
        text(leg.path("nameserver")));
  }

  static final String FLOATING_IPS =
      """
      SELECT f.id, f.router_id, host(f.address) AS address, text(own.mac_address) AS mac,
        host(f.fixed_address) AS fixed, f.port_id
      FROM network.floating_ip f JOIN network.port own ON own.id = f.floating_port_id
      WHERE f.port_id IS NOT NULL AND f.router_id IS NOT NULL AND f.id {ids}\
      """;

  static Topology.FloatingIp floatingIp(ResultSet row) throws SQLException {
    return new Topology.FloatingIp(
        row.getObject("id", UUID.class),
        row.getObject("router_id", UUID.class),
        row.getString("address"),
        row.getString("mac"),
        row.getString("fixed"),
        row.getObject("port_id", UUID.class));
  }
}
