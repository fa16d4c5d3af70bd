package cloud.lastmile.network.securitygroup;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.backend.Protocol;
import cloud.lastmile.network.common.Converters;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.resource.Values;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.StringNode;

/** What of a security group rule must fit together, and its canonical form. */
final class RuleCheck {
  private RuleCheck() {}

  static JsonNode protocol(String name, JsonNode value) {
    String text = value.isNull() ? "any" : value.asString("").toLowerCase(Locale.ROOT);
    if (text.equals("any")) {
      return NullNode.getInstance();
    }
    if (Protocol.find(text).isEmpty()) {
      throw Errors.badRequest(
          "SecurityGroupRuleInvalidProtocol",
          "Security group rule protocol "
              + Converters.shown(value)
              + " not supported. Only protocol values "
              + Protocol.allNames()
              + " and integer representations [0 to 255] are supported.");
    }
    return StringNode.valueOf(text);
  }

  static JsonNode port(String name, JsonNode value) {
    if (value.isNull()) {
      return value;
    }
    String text = value.isIntegralNumber() || value.isString() ? value.asString() : "";
    if (!text.matches("\\d{1,5}") || Integer.parseInt(text) > 65535) {
      throw invalidPort(Converters.shown(value));
    }
    return IntNode.valueOf(Integer.parseInt(text));
  }

  private static ApiException invalidPort(String port) {
    return Errors.badRequest("SecurityGroupInvalidPortValue", "Invalid value for port " + port);
  }

  static JsonNode etherType(String name, JsonNode value) {
    String text = value.asString("");
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "ipv4" -> StringNode.valueOf("IPv4");
      case "ipv6" -> StringNode.valueOf("IPv6");
      default ->
          throw Errors.badRequest(
              "SecurityGroupRuleInvalidEtherType",
              "Security group rule for ethertype '"
                  + Converters.shown(value)
                  + "' not supported. Allowed values are ['IPv4', 'IPv6'].");
    };
  }

  /** A prefix as it was written, with a length; its host bits stay. */
  static JsonNode prefix(String name, JsonNode value) {
    if (value.isNull() || value.asString("").isEmpty()) {
      return NullNode.getInstance();
    }
    String text = value.asString("");
    Optional<Ip> plain = Ip.parse(text);
    if (plain.isPresent()) {
      return StringNode.valueOf(plain.get() + "/" + plain.get().bits());
    }
    Cidr cidr =
        Cidr.parse(text)
            .orElseThrow(() ->
                Errors.badRequest(
                    "InvalidCIDR",
                    "Invalid CIDR " + Converters.shown(value) + " given as IP prefix."));
    return StringNode.valueOf(Ip.of(text.substring(0, text.indexOf('/'))) + "/" + cidr.length());
  }

  /** The rule that these values make. */
  static SecurityGroupStore.Rule rule(Values values, UUID group, String projectId) {
    String etherType = values.text("ethertype");
    String protocol = canonical(values.optionalText("protocol").orElse(null), etherType);
    Protocol known = protocol == null ? null : Protocol.find(protocol).orElseThrow();
    Integer min = values.optionalInteger("port_range_min").orElse(null);
    Integer max = values.optionalInteger("port_range_max").orElse(null);
    boolean all = min != null && max != null && min == 1 && max == 65535;
    if (all && known != null && hasPorts(known)) {
      min = null;
      max = null;
    }
    checkPorts(protocol, known, min, max);
    String prefix = values.optionalText("remote_ip_prefix").orElse(null);
    checkPrefix(prefix, etherType);
    if (etherType.equals("IPv4") && known != null && known.version6Only()) {
      throw Errors.badRequest(
          "SecurityGroupEthertypeConflictWithProtocol",
          "Invalid ethertype " + etherType + " for protocol " + protocol + ".");
    }
    UUID remoteGroup = values.uuid("remote_group_id").orElse(null);
    if (prefix != null && remoteGroup != null) {
      throw Errors.badRequest(
          "SecurityGroupMultipleRemoteEntites",
          "Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be"
              + " provided.");
    }
    return new SecurityGroupStore.Rule(
        UUID.randomUUID(),
        group,
        projectId,
        values.text("description"),
        values.text("direction"),
        etherType,
        protocol,
        known == null ? null : known.number(),
        min,
        max,
        prefix,
        remoteGroup);
  }

  private static boolean hasPorts(Protocol protocol) {
    return protocol.range() == Protocol.Range.PORTS || protocol.range() == Protocol.Range.ALL_PORTS;
  }

  /** ICMP of version 6 has a name and a number of its own. */
  private static @Nullable String canonical(@Nullable String protocol, String etherType) {
    if (protocol == null || !etherType.equals("IPv6")) {
      return protocol;
    }
    return switch (protocol) {
      case "icmp", "icmpv6" -> "ipv6-icmp";
      case "1" -> "58";
      default -> protocol;
    };
  }

  private static void checkPorts(
      @Nullable String protocol,
      @Nullable Protocol known,
      @Nullable Integer min,
      @Nullable Integer max) {
    if (min == null && max == null) {
      return;
    }
    if (protocol == null || known == null) {
      throw Errors.badRequest(
          "SecurityGroupProtocolRequiredWithPorts",
          "Must also specify protocol if port range is given.");
    }
    if (known.range() == Protocol.Range.PORTS) {
      checkPortRange(min, max);
    } else if (known.range() == Protocol.Range.ICMP) {
      checkIcmp("type", "port_range_min", min);
      checkIcmp("code", "port_range_max", max);
      if (min == null) {
        throw Errors.badRequest(
            "SecurityGroupMissingIcmpType",
            "ICMP code (port-range-max) "
                + max
                + " is provided but ICMP type (port-range-min) is missing.");
      }
    } else {
      throw Errors.badRequest(
          "SecurityGroupInvalidProtocolForPort",
          "Ports cannot be specified for protocol "
              + protocol
              + ". Ports are only supported for "
              + String.join(", ", List.of("SCTP", "TCP", "UDP"))
              + ".");
    }
  }

  private static void checkPortRange(@Nullable Integer min, @Nullable Integer max) {
    if ((min != null && min == 0) || (max != null && max == 0)) {
      throw invalidPort("0");
    }
    if (min == null || max == null || min > max) {
      throw Errors.badRequest(
          "SecurityGroupInvalidPortRange",
          "For TCP/UDP protocols, port_range_min must be <= port_range_max");
    }
  }

  private static void checkIcmp(String field, String attribute, @Nullable Integer value) {
    if (value != null && value > 255) {
      throw Errors.badRequest(
          "SecurityGroupInvalidIcmpValue",
          "Invalid value for ICMP %s (%s) %d. It must be 0 to 255."
              .formatted(field, attribute, value));
    }
  }

  private static void checkPrefix(@Nullable String prefix, String etherType) {
    if (prefix == null) {
      return;
    }
    int version = etherType.equals("IPv4") ? 4 : 6;
    if (Cidr.of(prefix).version() != version) {
      throw Errors.badRequest(
          "SecurityGroupRuleParameterConflict",
          "Conflicting value ethertype " + etherType + " for CIDR " + prefix);
    }
  }
}
