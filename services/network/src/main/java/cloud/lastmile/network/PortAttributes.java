package cloud.lastmile.network;

import cloud.lastmile.network.address.AddressConverters;
import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.resource.Attribute;
import cloud.lastmile.network.resource.AttributeMap;
import cloud.lastmile.network.resource.Converters;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** What clients may say of a port. */
final class PortAttributes {
  /** The owner of the network that the port is on. */
  static final String NETWORK_OWNER = "(role:member and project_id:%(network:project_id)s)";

  private static final String NETWORK_MANAGER =
      "(role:manager and project_id:%(network:project_id)s)";
  private static final String OWN =
      PolicyRule.ADMIN_OR_SERVICE + " or (" + PolicyRule.PROJECT_MEMBER + ")";
  private static final String GUARDED = PolicyRule.ADMIN_OR_SERVICE + " or " + NETWORK_OWNER;
  private static final String GUARDED_OR_SHARED = GUARDED + " or " + NetworkRoutes.SHARED;

  /** Who may choose a new port's address; on another's network one gets what its pools give. */
  static final PolicyRule CREATE_ADDRESS =
      new PolicyRule("create_port:fixed_ips:ip_address", GUARDED);

  private static final int MOST_PAIRS = 10;

  private PortAttributes() {}

  static final AttributeMap MAP =
      AttributeMap.of(
          "port",
          List.of(
              Attribute.readOnly("status"),
              Attribute.readOnly("dns_assignment"),
              Attribute.readOnly("binding:vif_type"),
              Attribute.readOnly("binding:vif_details"),
              Attribute.of("network_id", Converters::uuid).createOnly().mandatory(),
              Attribute.of("name", Converters.nullAsEmpty(Converters.text(255)))
                  .absent(StringNode.valueOf("")),
              Attribute.of("admin_state_up", Converters::bool).absent(BooleanNode.TRUE),
              Attribute.of("mac_address", Converters.orNull(AddressConverters::mac))
                  .only(GUARDED, PolicyRule.ADMIN_OR_SERVICE + " or " + NETWORK_MANAGER),
              Attribute.of(
                      "fixed_ips", Converters.orNull(Converters.list(AddressConverters::fixedIp)))
                  .only(GUARDED_OR_SHARED, GUARDED)
                  .part("ip_address", CREATE_ADDRESS.check(), GUARDED)
                  .part("subnet_id", GUARDED_OR_SHARED, GUARDED_OR_SHARED),
              Attribute.of("device_id", Converters.nullAsEmpty(Converters.text(255)))
                  .absent(StringNode.valueOf(""))
                  .only(OWN),
              Attribute.of("device_owner", Converters.nullAsEmpty(Converters.text(255)))
                  .absent(StringNode.valueOf(""))
                  .only("'False':%(network_device)s or " + GUARDED),
              Attribute.of("security_groups", Converters.list(Converters::uuid)),
              Attribute.of("allowed_address_pairs", PortAttributes::pairs)
                  .absent(Json.array())
                  .only(GUARDED)
                  .part("ip_address", GUARDED, GUARDED)
                  .part("mac_address", GUARDED, GUARDED),
              Attribute.of("extra_dhcp_opts", Converters.list(PortDhcpOptions::option))
                  .absent(Json.array()),
              Attribute.of("port_security_enabled", Converters::bool).only(GUARDED),
              Attribute.of("binding:host_id", Converters.nullAsEmpty(Converters.text(255)))
                  .absent(StringNode.valueOf(""))
                  .only(PolicyRule.ADMIN_OR_SERVICE),
              Attribute.of("binding:profile", Converters::object)
                  .absent(Json.object())
                  .only("role:service"),
              Attribute.of("binding:vnic_type", Converters.oneOf(List.of("normal")))
                  .absent(StringNode.valueOf("normal"))
                  .only(OWN),
              Attribute.of("dns_name", PortAttributes::dnsName).absent(StringNode.valueOf(""))));

  private static JsonNode pairs(String name, JsonNode value) {
    JsonNode pairs = Converters.list(PortAttributes::pair).convert(name, value);
    if (pairs.size() > MOST_PAIRS) {
      throw Errors.badRequest(
          "AllowedAddressPairExhausted",
          "The number of allowed address pair exceeds the maximum " + MOST_PAIRS + ".");
    }
    return pairs;
  }

  private static JsonNode pair(String name, JsonNode value) {
    if (value.isObject() && !value.has("ip_address")) {
      throw Errors.badRequest(
          "AllowedAddressPairsMissingIP", "AllowedAddressPair must contain ip_address");
    }
    AddressConverters.keys(name, value, Set.of("ip_address"), Set.of("mac_address"));
    ObjectNode pair = Json.object();
    JsonNode mac = value.path("mac_address");
    if (!mac.isMissingNode() && !mac.isNull()) {
      pair.set("mac_address", AddressConverters.mac(name, mac));
    }
    String address = value.path("ip_address").asString("");
    pair.put(
        "ip_address",
        Cidr.parse(address)
            .map(Cidr::toString)
            .orElseGet(() -> AddressConverters.ip(name, value.path("ip_address")).asString()));
    return pair;
  }

  private static JsonNode dnsName(String name, JsonNode value) {
    if (value.isNull()) {
      return StringNode.valueOf("");
    }
    String text = Converters.text(255).convert(name, value).asString();
    if (!text.isEmpty()
        && !text.matches("(?i)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9-]+)*\\.?")) {
      throw Errors.invalid(name, "'" + text + "' not a valid PQDN or FQDN");
    }
    return value;
  }
}
