package cloud.lastmile.network.engine;

import cloud.lastmile.network.backend.DhcpOption;
import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.platform.core.Json;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads what the engine shall hold, one statement for each kind. */
final class TopologyReader {
  private final Handle handle;
  private final Map<UUID, String> unreadable = new LinkedHashMap<>();

  TopologyReader(Handle handle) {
    this.handle = handle;
  }

  /** All that is there. What cannot be read is unknown and keeps nothing else from being read. */
  Topology all() {
    return new Topology(
        networks(null),
        subnets(null),
        ports(null),
        groups(null),
        routers(null),
        floatingIps(null),
        unreadable.keySet());
  }

  /** What of {@link #all} could not be read, with the reason. */
  Map<UUID, String> unreadable() {
    return unreadable;
  }

  List<Topology.Router> routers(@Nullable Set<UUID> ids) {
    return read(RouterReader.ROUTERS, ids, (row, _) -> RouterReader.router(row));
  }

  /** Only those that lead somewhere. */
  List<Topology.FloatingIp> floatingIps(@Nullable Set<UUID> ids) {
    return read(RouterReader.FLOATING_IPS, ids, (row, _) -> RouterReader.floatingIp(row));
  }

  /**
   * @param sql with {@code {ids}} where the ids are asked for
   */
  private <T> List<T> read(String sql, @Nullable Set<UUID> ids, RowMapper<T> mapper) {
    if (ids == null) {
      return handle
          .createQuery(sql.replace("{ids}", "IS NOT NULL"))
          .map((row, context) -> readable(row, mapper, context))
          .list()
          .stream()
          .flatMap(Optional::stream)
          .toList();
    }
    return handle
        .createQuery(sql.replace("{ids}", "= ANY (:ids)"))
        .bindArray("ids", UUID.class, ids)
        .map(mapper)
        .list();
  }

  private <T> Optional<T> readable(ResultSet row, RowMapper<T> mapper, StatementContext context)
      throws SQLException {
    UUID id = row.getObject("id", UUID.class);
    try {
      return Optional.of(mapper.map(row, context));
    } catch (SQLException | RuntimeException e) {
      unreadable.put(id, e.toString());
      return Optional.empty();
    }
  }

  /**
   * @param ids null for all
   */
  List<Topology.Network> networks(@Nullable Set<UUID> ids) {
    return read(
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
        """
        SELECT s.id, s.network_id, s.ip_version, text(s.cidr) AS cidr, host(s.gateway) AS gateway,
          s.enable_dhcp, s.dns_nameservers, s.host_routes, n.mtu,
          coalesce(s.ipv6_address_mode, s.ipv6_ra_mode) AS mode,
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
                Optional.ofNullable(row.getString("metadata")),
                Optional.ofNullable(row.getString("mode"))));
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
    Set<UUID> reserved = new HashSet<>();
    List<Topology.Port> ports =
        read(
            """
            SELECT p.id, p.network_id, CASE WHEN p.service THEN p.device_owner ELSE '' END AS owner,
              text(p.mac_address) AS mac, p.fixed_ips,
              p.admin_state_up, p.port_security_enabled, p.allowed_address_pairs, p.security_groups,
              p.device_id, p.host_id, p.extra_dhcp_opts,
              %s AS reserved
            FROM network.port p
            WHERE NOT (p.service AND p.device_owner = 'network:floatingip') AND p.id {ids}\
            """
                .formatted(VirtualPorts.RESERVED),
            ids,
            (row, _) -> {
              if (row.getBoolean("reserved")) {
                reserved.add(row.getObject("id", UUID.class));
              }
              return port(row);
            });
    return VirtualPorts.resolve(handle, ports, reserved);
  }

  private static Topology.Port port(ResultSet row) throws SQLException {
    return new Topology.Port(
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
        Optional.of(row.getString("host_id")).filter(host -> !host.isEmpty()),
        dhcpOptions(row.getString("extra_dhcp_opts")),
        Optional.empty());
  }

  /** Those that can be sent; an earlier version of the API took others too. */
  private static List<DhcpOption> dhcpOptions(String json) {
    List<DhcpOption> options = new ArrayList<>();
    for (JsonNode option : Json.mapper().readTree(json)) {
      DhcpOption.read(
              option.path("ip_version").asInt(4),
              option.path("opt_name").asString(),
              option.path("opt_value").asString(""))
          .filter(_ -> !option.path("opt_value").isNull())
          .ifPresent(options::add);
    }
    return options;
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
        """
        SELECT g.id, g.stateful, (SELECT coalesce(json_agg(r ORDER BY r.id), '[]')
            FROM network.security_group_rule r
            WHERE r.security_group_id = g.id) AS rules
        FROM network.security_group g WHERE g.id {ids}\
        """,
        ids,
        (row, _) ->
            new Topology.SecurityGroup(
                row.getObject("id", UUID.class),
                row.getBoolean("stateful"),
                rules(row.getString("rules"))));
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
