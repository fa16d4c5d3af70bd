package cloud.lastmile.network.port;

import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import tools.jackson.databind.JsonNode;

/** Reads ports as compute and metadata see them, any number in one statement. */
public final class PortInfoReader {
  private PortInfoReader() {}

  private static final String SELECT =
      """
      SELECT p.id, p.network_id, n.name AS network_name, p.project_id, p.device_id,
        text(p.mac_address) AS mac, n.mtu, p.status = 'ACTIVE' AS up, p.port_security_enabled,
        (SELECT coalesce(json_agg(json_build_object('subnet', s.id, 'address', host(a.address),
            'version', s.ip_version, 'cidr', text(s.cidr), 'gateway', host(s.gateway),
            'dhcp', s.enable_dhcp, 'dns', s.dns_nameservers, 'routes', s.host_routes,
            'mode', coalesce(s.ipv6_address_mode, s.ipv6_ra_mode),
            'floating', ARRAY(SELECT host(f.address) FROM network.floating_ip f
              WHERE f.port_id = p.id AND f.fixed_address = a.address ORDER BY f.address))
            ORDER BY s.ip_version, a.address), '[]')
          FROM network.ip_allocation a JOIN network.subnet s ON s.id = a.subnet_id
          WHERE a.port_id = p.id) AS fixed,
        (SELECT coalesce(json_agg(g.name ORDER BY g.name), '[]')
          FROM network.port_security_group m
          JOIN network.security_group g ON g.id = m.security_group_id
          WHERE m.port_id = p.id) AS groups
      FROM network.port p JOIN network.network n ON n.id = p.network_id WHERE
      """;

  private static final Sql ONE = Sql.of(SELECT + "p.id = :id");

  private static final Sql SOME = Sql.of(SELECT + "p.id = ANY (:ids)");

  private static final Sql WITH_DEVICE = Sql.of(SELECT + "p.id = ANY (:ids) AND p.device_id <> ''");

  public static Optional<PortInfo> one(Handle handle, UUID id) {
    return ONE.on(handle).bind("id", id).first(PortInfoReader::read);
  }

  /** If this project owns the port or its network. */
  public static Optional<PortInfo> visible(Handle handle, UUID id, String project) {
    return read(
            handle
                .createQuery(
                    SELECT + "p.id = :id AND (p.project_id = :project OR n.project_id = :project)")
                .bind("id", id)
                .bind("project", project))
        .stream()
        .findFirst();
  }

  public static List<PortInfo> some(Handle handle, Collection<UUID> ids) {
    return SOME.on(handle).bind("ids", ids.toArray(UUID[]::new)).list(PortInfoReader::read);
  }

  /** Those of the ports that have a device. */
  static List<PortInfo> withDevice(Handle handle, Collection<UUID> ids) {
    return WITH_DEVICE.on(handle).bind("ids", ids.toArray(UUID[]::new)).list(PortInfoReader::read);
  }

  public static Optional<PortInfo> at(Handle handle, UUID network, String address) {
    return read(
            handle
                .createQuery(
                    SELECT
                        + """
                        p.network_id = :network AND p.id IN (
                          SELECT a.port_id FROM network.ip_allocation a
                          JOIN network.subnet s ON s.id = a.subnet_id
                          WHERE s.network_id = :network AND a.address = CAST(:address AS inet))\
                        """)
                .bind("network", network)
                .bind("address", address))
        .stream()
        .findFirst();
  }

  private static List<PortInfo> read(Query query) {
    return query.map((row, _) -> read(row)).list();
  }

  private static PortInfo read(ResultSet row) throws SQLException {
    List<PortInfo.FixedIp> fixed = new ArrayList<>();
    for (JsonNode one : Json.mapper().readTree(row.getString("fixed"))) {
      fixed.add(fixedIp(one));
    }
    return new PortInfo(
        row.getObject("id", UUID.class),
        row.getObject("network_id", UUID.class),
        row.getString("network_name"),
        row.getString("project_id"),
        row.getString("device_id"),
        row.getString("mac"),
        row.getInt("mtu"),
        row.getBoolean("up"),
        row.getBoolean("port_security_enabled"),
        fixed,
        texts(Json.mapper().readTree(row.getString("groups"))));
  }

  private static PortInfo.FixedIp fixedIp(JsonNode node) {
    List<PortInfo.HostRoute> routes = new ArrayList<>();
    for (JsonNode route : node.path("routes")) {
      routes.add(
          new PortInfo.HostRoute(
              route.path("destination").asString(), route.path("nexthop").asString()));
    }
    JsonNode gateway = node.path("gateway");
    JsonNode mode = node.path("mode");
    return new PortInfo.FixedIp(
        UUID.fromString(node.path("subnet").asString()),
        node.path("address").asString(),
        node.path("version").asInt(),
        node.path("cidr").asString(),
        gateway.isNull() ? Optional.empty() : Optional.of(gateway.asString()),
        node.path("dhcp").asBoolean(),
        texts(node.path("dns")),
        routes,
        texts(node.path("floating")),
        mode.isNull() ? Optional.empty() : Optional.of(mode.asString()));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(item -> texts.add(item.asString()));
    return texts;
  }
}
