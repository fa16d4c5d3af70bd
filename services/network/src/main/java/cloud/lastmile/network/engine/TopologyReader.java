package cloud.lastmile.network.engine;

import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.platform.core.Json;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads what the engine shall hold, one statement for each kind. */
final class TopologyReader {
  private final Handle handle;

  TopologyReader(Handle handle) {
    this.handle = handle;
  }

  Topology all() {
    return new Topology(
        networks(null),
        subnets(null),
        ports(null),
        groups(null),
        RouterReader.routers(handle, null),
        RouterReader.floatingIps(handle, null));
  }

  /**
   * @param sql with {@code {ids}} where the ids are asked for
   */
  static <T> List<T> read(Handle handle, String sql, @Nullable Set<UUID> ids, RowMapper<T> mapper) {
    if (ids == null) {
      return handle.createQuery(sql.replace("{ids}", "IS NOT NULL")).map(mapper).list();
    }
    return handle
        .createQuery(sql.replace("{ids}", "= ANY (:ids)"))
        .bindArray("ids", UUID.class, ids)
        .map(mapper)
        .list();
  }

  /**
   * @param ids null for all
   */
  List<Topology.Network> networks(@Nullable Set<UUID> ids) {
    return read(
        handle,
        """
        SELECT n.id, n.name, n.mtu, n.external, n.network_type, n.physical_network,
          n.segmentation_id
        FROM network.network n WHERE n.id {ids}\
        """,
        ids,
        (row, _) ->
            new Topology.Network(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getInt("mtu"),
                row.getBoolean("external"),
                provider(row)));
  }

  private static Optional<Topology.Provider> provider(ResultSet row) throws SQLException {
    String physical = row.getString("physical_network");
    return physical == null
        ? Optional.empty()
        : Optional.of(
            new Topology.Provider(
                row.getString("network_type"), physical, integer(row, "segmentation_id")));
  }

  private static OptionalInt integer(ResultSet row, String column) throws SQLException {
    int value = row.getInt(column);
    return row.wasNull() ? OptionalInt.empty() : OptionalInt.of(value);
  }

  List<Topology.Subnet> subnets(@Nullable Set<UUID> ids) {
    return read(
        handle,
        """
        SELECT s.id, s.network_id, s.ip_version, text(s.cidr) AS cidr, host(s.gateway) AS gateway,
          s.enable_dhcp, s.dns_nameservers, s.host_routes, n.mtu,
          (SELECT host(a.address) FROM network.ip_allocation a
            JOIN network.port p ON p.id = a.port_id AND p.service
              AND p.device_owner = 'network:distributed'
            AND a.subnet_id = s.id LIMIT 1) AS metadata
        FROM network.subnet s JOIN network.network n ON n.id = s.network_id
        WHERE s.id {ids}\
        """,
        ids,
        (row, _) ->
            new Topology.Subnet(
                row.getObject("id", UUID.class),
                row.getObject("network_id", UUID.class),
                row.getInt("ip_version"),
                row.getString("cidr"),
                Optional.ofNullable(row.getString("gateway")),
                row.getBoolean("enable_dhcp"),
                row.getInt("mtu"),
                Arrays.asList((String[]) row.getArray("dns_nameservers").getArray()),
                routes(row.getString("host_routes")),
                Optional.ofNullable(row.getString("metadata"))));
  }

  static List<Topology.Route> routes(String json) {
    List<Topology.Route> routes = new ArrayList<>();
    for (JsonNode route : Json.mapper().readTree(json)) {
      routes.add(
          new Topology.Route(
              route.path("destination").asString(), route.path("nexthop").asString()));
    }
    return routes;
  }

  /**
   * Without the ports of floating IPs, which are no ports to the engine. What a tenant wrote as
   * device owner makes no port the network's own.
   */
  List<Topology.Port> ports(@Nullable Set<UUID> ids) {
    return read(
        handle,
        """
        SELECT p.id, p.network_id, CASE WHEN p.service THEN p.device_owner ELSE '' END AS owner,
          text(p.mac_address) AS mac, p.fixed_ips,
          p.admin_state_up, p.port_security_enabled, p.allowed_address_pairs, p.security_groups,
          p.device_id, p.host_id
        FROM network.port p
        WHERE NOT (p.service AND p.device_owner = 'network:floatingip') AND p.id {ids}\
        """,
        ids,
        (row, _) ->
            new Topology.Port(
                row.getObject("id", UUID.class),
                row.getObject("network_id", UUID.class),
                kind(row.getString("owner")),
                row.getString("mac"),
                fixedIps(row.getString("fixed_ips")),
                row.getBoolean("admin_state_up"),
                row.getBoolean("port_security_enabled"),
                pairs(row.getString("allowed_address_pairs")),
                uuids(row.getArray("security_groups")),
                row.getString("device_id"),
                Optional.of(row.getString("host_id")).filter(host -> !host.isEmpty())));
  }

  private static Topology.PortKind kind(String owner) {
    if (owner.startsWith("network:router_")) {
      return Topology.PortKind.ROUTER;
    }
    return owner.equals("network:distributed") ? Topology.PortKind.METADATA : Topology.PortKind.VIF;
  }

  private static List<Topology.FixedIp> fixedIps(String json) {
    List<Topology.FixedIp> fixed = new ArrayList<>();
    for (JsonNode one : Json.mapper().readTree(json)) {
      fixed.add(
          new Topology.FixedIp(
              UUID.fromString(one.path("subnet_id").asString()),
              one.path("ip_address").asString()));
    }
    return fixed;
  }

  private static List<Topology.AddressPair> pairs(String json) {
    List<Topology.AddressPair> pairs = new ArrayList<>();
    for (JsonNode pair : Json.mapper().readTree(json)) {
      pairs.add(
          new Topology.AddressPair(
              pair.path("ip_address").asString(), pair.path("mac_address").asString()));
    }
    return pairs;
  }

  private static List<UUID> uuids(Array array) throws SQLException {
    return Arrays.asList((UUID[]) array.getArray());
  }

  List<Topology.SecurityGroup> groups(@Nullable Set<UUID> ids) {
    return read(
        handle,
        """
        SELECT g.id, (SELECT coalesce(json_agg(r ORDER BY r.id), '[]')
            FROM network.security_group_rule r
            WHERE r.security_group_id = g.id) AS rules
        FROM network.security_group g WHERE g.id {ids}\
        """,
        ids,
        (row, _) ->
            new Topology.SecurityGroup(
                row.getObject("id", UUID.class), rules(row.getString("rules"))));
  }

  private static List<Topology.Rule> rules(String json) {
    List<Topology.Rule> rules = new ArrayList<>();
    for (JsonNode rule : Json.mapper().readTree(json)) {
      rules.add(
          new Topology.Rule(
              UUID.fromString(rule.path("id").asString()),
              rule.path("direction").asString(),
              rule.path("ethertype").asString(),
              text(rule, "protocol"),
              integer(rule, "port_range_min"),
              integer(rule, "port_range_max"),
              text(rule, "remote_ip_prefix"),
              text(rule, "remote_group_id").map(UUID::fromString)));
    }
    return rules;
  }

  private static Optional<String> text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isNull() ? Optional.empty() : Optional.of(value.asString());
  }

  private static OptionalInt integer(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isNull() ? OptionalInt.empty() : OptionalInt.of(value.asInt());
  }
}
