package cloud.lastmile.network.port;

import cloud.lastmile.network.address.AddressConverters;
import cloud.lastmile.network.backend.DhcpOption;
import cloud.lastmile.network.common.Converters;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.resource.Values;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The DHCP options of a port: {@code extra_dhcp_opts}. Only what is really sent is accepted, while
 * the reference keeps what it cannot send.
 */
public final class PortDhcpOptions {
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
    if (values.isGiven("extra_dhcp_opts")) {
      for (JsonNode option : values.items("extra_dhcp_opts")) {
        if (option.path("opt_value").isNull()) {
          options.remove(key(option));
        } else {
          options.put(key(option), option);
        }
      }
    }
    ArrayNode array = Json.array();
    options.values().forEach(array::add);
    return array;
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
