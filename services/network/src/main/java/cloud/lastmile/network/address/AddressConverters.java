package cloud.lastmile.network.address;

import cloud.lastmile.network.common.Converters;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.platform.core.Json;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/** Attributes that hold addresses. What they give is canonical text. */
public final class AddressConverters {
  private static final Pattern MAC = Pattern.compile("([0-9a-f]{2}:){5}[0-9a-f]{2}");

  private AddressConverters() {}

  public static JsonNode ip(String name, JsonNode value) {
    return StringNode.valueOf(
        Ip.parse(textOf(value))
            .orElseThrow(() ->
                Errors.invalid(name, "'" + Converters.shown(value) + "' is not a valid IP address"))
            .toString());
  }

  /** A prefix without host bits. */
  public static JsonNode subnet(String name, JsonNode value) {
    String text = textOf(value);
    Cidr cidr =
        Cidr.parse(text)
            .orElseThrow(() ->
                Errors.invalid(name, "'" + Converters.shown(value) + "' is not a valid IP subnet"));
    Ip given = Ip.of(text.substring(0, text.indexOf('/')));
    if (!given.equals(cidr.first())) {
      throw Errors.invalid(
          name, "'" + text + "' isn't a recognized IP subnet cidr, '" + cidr + "' is recommended");
    }
    return StringNode.valueOf(cidr.toString());
  }

  public static JsonNode mac(String name, JsonNode value) {
    String text = textOf(value).toLowerCase(Locale.ROOT).replace('-', ':');
    if (!MAC.matcher(text).matches() || text.equals("00:00:00:00:00:00")) {
      throw Errors.invalid(name, "'" + Converters.shown(value) + "' is not a valid MAC address");
    }
    if ((Integer.parseInt(text.substring(0, 2), 16) & 1) == 1) {
      throw Errors.invalid(
          name, "MAC address " + text + " is a multicast address, which is not supported");
    }
    return StringNode.valueOf(text);
  }

  /** {@code {"destination": prefix, "nexthop": address}}, as host and extra routes have. */
  public static JsonNode route(String name, JsonNode value) {
    keys(name, value, Set.of("destination", "nexthop"), Set.of());
    return Json.object()
        .put("destination", subnet(name, value.path("destination")).asString())
        .put("nexthop", ip(name, value.path("nexthop")).asString());
  }

  public static JsonNode pool(String name, JsonNode value) {
    keys(name, value, Set.of("start", "end"), Set.of());
    return Json.object()
        .put("start", ip(name, value.path("start")).asString())
        .put("end", ip(name, value.path("end")).asString());
  }

  /** One of a port's fixed IPs, or a gateway's. */
  public static JsonNode fixedIp(String name, JsonNode value) {
    keys(name, value, Set.of(), Set.of("subnet_id", "ip_address"));
    var fixed = Json.object();
    JsonNode subnet = value.path("subnet_id");
    if (!subnet.isMissingNode() && !subnet.isNull()) {
      fixed.set("subnet_id", Converters.uuid(name, subnet));
    }
    JsonNode address = value.path("ip_address");
    if (!address.isMissingNode() && !address.isNull()) {
      fixed.set("ip_address", ip(name, address));
    }
    if (fixed.isEmpty()) {
      throw Errors.invalid(name, "A fixed IP needs subnet_id or ip_address");
    }
    return fixed;
  }

  /** Refuses anything but an object with these keys. */
  public static void keys(String name, JsonNode value, Set<String> required, Set<String> optional) {
    if (!value.isObject()) {
      throw Errors.invalid(
          name,
          "Invalid input. '"
              + Converters.shown(value)
              + "' must be a dictionary with keys: "
              + List.copyOf(required.isEmpty() ? optional : required));
    }
    for (String key : value.propertyNames()) {
      if (!required.contains(key) && !optional.contains(key)) {
        throw Errors.invalid(name, "Unexpected keys supplied: " + key);
      }
    }
    for (String key : required) {
      if (!value.has(key)) {
        throw Errors.invalid(
            name, "Validation of dictionary's keys failed. '" + key + "' is missing");
      }
    }
  }

  private static String textOf(JsonNode value) {
    return value.isString() ? value.asString() : "";
  }
}
