package cloud.lastmile.network.port;

import cloud.lastmile.network.address.AddressConverters;
import cloud.lastmile.network.backend.DhcpOption;
import cloud.lastmile.network.backend.DhcpReply;
import cloud.lastmile.network.common.Converters;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.resource.Values;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The DHCP options of a port: {@code extra_dhcp_opts}. Only what is really sent is accepted, while
 * the reference keeps what it cannot send.
 */
public final class PortDhcpOptions {
  private static final String ATTRIBUTE = "extra_dhcp_opts";
  private static final int LONGEST_NAME = 64;
  private static final int LONGEST_VALUE = 255;

  /** These may be blank, which keeps them from being sent. */
  private static final Set<String> MAY_BE_BLANK = Set.of("router", "classless-static-route");

  private PortDhcpOptions() {}

  static JsonNode option(String name, JsonNode value) {
    AddressConverters.keys(name, value, Set.of("opt_name", "opt_value"), Set.of("ip_version"));
    String optionName =
        Converters.text(LONGEST_NAME).convert(name, value.path("opt_name")).asString();
    if (optionName.isEmpty()) {
      throw Errors.invalid(name, "opt_name is blank");
    }
    int version =
        value.has("ip_version")
            ? Converters.integer(4, 6).convert(name, value.path("ip_version")).asInt()
            : 4;
    if (version == 5) {
      throw Errors.invalid(name, "'5' is not in [4, 6]");
    }
    JsonNode text = value.path("opt_value");
    if (!text.isNull()) {
      text = Converters.text(LONGEST_VALUE).convert(name, text);
      check(name, version, optionName, text.asString());
    }
    ObjectNode option = Json.object();
    option.put("opt_name", optionName);
    option.set("opt_value", text);
    option.set("ip_version", IntNode.valueOf(version));
    return option;
  }

  private static void check(String attribute, int version, String name, String value) {
    if (!DhcpOption.isKnown(version, name)) {
      throw Errors.invalid(
          attribute,
          "the DHCP option '%s' of IP version %d cannot be sent; those that can are %s"
              .formatted(name, version, String.join(", ", DhcpOption.names(version))));
    }
    if (value.isBlank() && !MAY_BE_BLANK.contains(name)) {
      throw Errors.invalid(attribute, "'" + value + "' Blank strings are not permitted");
    }
    if (DhcpOption.read(version, name, value.strip()).isEmpty()) {
      throw Errors.invalid(
          attribute, "'%s' is not a value of the DHCP option '%s'".formatted(value, name));
    }
  }

  /** Those of a new port. */
  static ArrayNode initial(Values values) {
    return changed(Json.array(), values);
  }

  /** Options given replace those of the same name and version; a null value removes. */
  static ArrayNode changed(JsonNode before, Values values) {
    Map<String, JsonNode> options = new LinkedHashMap<>();
    before.forEach(option -> options.put(key(option), option));
    if (values.isGiven(ATTRIBUTE)) {
      for (JsonNode option : values.items(ATTRIBUTE)) {
        if (option.path("opt_value").isNull()) {
          options.remove(key(option));
        } else {
          options.put(key(option), option);
        }
      }
    }
    requireDistinct(options.values());
    ArrayNode array = Json.array();
    options.values().forEach(array::add);
    return array;
  }

  /**
   * Refuses two names of one option, of which only one could be sent, and more of version 6 than an
   * answer holds.
   */
  private static void requireDistinct(Collection<JsonNode> options) {
    Set<String> codes = new HashSet<>();
    for (JsonNode option : options) {
      for (DhcpOption read : read(option).stream().toList()) {
        if (!codes.add(read.ipVersion() + read.code())) {
          throw Errors.invalid(
              ATTRIBUTE, "'%s' is given twice".formatted(option.path("opt_name").asString()));
        }
      }
    }
    if (!DhcpReply.fits(6, read(options, 6))) {
      throw tooLong();
    }
  }

  /** Refuses options that make what the port is told longer than every client can take. */
  static void requireFit(Handle handle, UUID port) {
    if (!fit(handle, "a.port_id = :id", port)) {
      throw tooLong();
    }
  }

  /**
   * Refuses a change of a subnet that makes what its project's ports are told too long. Ports of
   * other projects hold up nobody: what they add is left out where it does not fit.
   */
  public static void requireFitOn(Handle handle, UUID subnet) {
    if (!fit(handle, "a.subnet_id = :id AND p.project_id = s.project_id", subnet)) {
      throw Errors.subnetInUse(
          subnet,
          "With the extra_dhcp_opts of one of its ports, clients would be told more than they can"
              + " take");
    }
  }

  private static boolean fit(Handle handle, String which, UUID id) {
    Query query =
        handle.createQuery(
            """
            SELECT s.gateway IS NOT NULL AS routed, s.dns_nameservers, s.host_routes,
              p.extra_dhcp_opts
            FROM network.ip_allocation a
            JOIN network.port p ON p.id = a.port_id AND p.extra_dhcp_opts <> '[]'
            JOIN network.subnet s ON s.id = a.subnet_id AND s.ip_version = 4
            """
                + " WHERE "
                + which);
    try (Stream<Boolean> each = query.bind("id", id).map((row, _) -> fits(row)).stream()) {
      return each.allMatch(fits -> fits);
    }
  }

  private static boolean fits(ResultSet row) throws SQLException {
    Collection<JsonNode> own = Json.mapper().readTree(row.getString("extra_dhcp_opts")).values();
    return DhcpReply.fits(4, DhcpReply.told(ofSubnet(row), read(own, 4)));
  }

  /** What the engine makes of a subnet, at its longest: with the routes to metadata and outside. */
  private static List<DhcpOption> ofSubnet(ResultSet row) throws SQLException {
    List<String> routes =
        new ArrayList<>(List.of("169.254.169.254/32,0.0.0.0", "0.0.0.0/0,0.0.0.0"));
    for (JsonNode route : Json.mapper().readTree(row.getString("host_routes"))) {
      routes.add(route.path("destination").asString() + "," + route.path("nexthop").asString());
    }
    Map<String, String> options = new LinkedHashMap<>();
    options.put("lease-time", "1");
    options.put("mtu", "1500");
    options.put("server-id", "0.0.0.0");
    options.put("router", row.getBoolean("routed") ? "0.0.0.0" : "");
    options.put(
        "dns-server", String.join(",", (String[]) row.getArray("dns_nameservers").getArray()));
    options.put("classless-static-route", String.join(",", routes));
    return options.entrySet().stream()
        .flatMap(option -> DhcpOption.read(4, option.getKey(), option.getValue()).stream())
        .toList();
  }

  private static List<DhcpOption> read(Collection<JsonNode> options, int version) {
    return options.stream()
        .flatMap(option -> read(option).stream())
        .filter(option -> option.ipVersion() == version)
        .toList();
  }

  private static Optional<DhcpOption> read(JsonNode option) {
    return DhcpOption.read(
        option.path("ip_version").asInt(4),
        option.path("opt_name").asString(),
        option.path("opt_value").asString("").strip());
  }

  private static ApiException tooLong() {
    return Errors.invalid(
        ATTRIBUTE, "with what the subnet says they are longer than clients can take");
  }

  private static String key(JsonNode option) {
    return option.path("opt_name").asString() + "/" + option.path("ip_version").asInt(4);
  }

  /** The engine must learn anew of a subnet, and of the ports that are told more than it says. */
  public static void touchSubnet(NetworkWrite write, UUID subnet) {
    write.touch(EngineKey.subnet(subnet));
    write.touchAlso(handle ->
        handle
            .createQuery(
                """
                SELECT DISTINCT p.id FROM network.ip_allocation a
                JOIN network.port p ON p.id = a.port_id
                WHERE a.subnet_id = :subnet AND p.extra_dhcp_opts <> '[]'\
                """)
            .bind("subnet", subnet)
            .mapTo(UUID.class)
            .map(EngineKey::port)
            .list());
  }
}
