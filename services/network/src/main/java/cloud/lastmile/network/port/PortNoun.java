package cloud.lastmile.network.port;

import cloud.lastmile.network.address.AddressConverters;
import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.common.Converters;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.common.Standard;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.resource.Attribute;
import cloud.lastmile.platform.resource.Column;
import cloud.lastmile.platform.resource.Converter;
import cloud.lastmile.platform.resource.Noun;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * What a port is. Its rows are written by {@link PortCreate} and {@link PortUpdate}: two other
 * tables hold what it repeats.
 */
public final class PortNoun {
  /** The owner of the network that the port is on. */
  private static final String NETWORK_OWNER = "(role:member and project_id:%(network:project_id)s)";

  private static final String NETWORK_READER =
      "(role:reader and project_id:%(network:project_id)s)";
  private static final String NETWORK_MANAGER =
      "(role:manager and project_id:%(network:project_id)s)";
  private static final String OWN =
      PolicyRule.ADMIN_OR_SERVICE + " or (" + PolicyRule.PROJECT_MEMBER + ")";
  private static final String GUARDED = PolicyRule.ADMIN_OR_SERVICE + " or " + NETWORK_OWNER;
  private static final String GUARDED_OR_SHARED = GUARDED + " or " + Standard.SHARED;

  /** Who may choose a new port's address; on another's network one gets what its pools give. */
  public static final PolicyRule CREATE_ADDRESS =
      new PolicyRule("create_port:fixed_ips:ip_address", GUARDED);

  private static final int MOST_PAIRS = 10;

  private PortNoun() {}

  private static final Noun.Rules RULES =
      new Noun.Rules(
          new PolicyRule("get_port", PolicyRule.ADMIN_OR_PROJECT_READER + " or " + NETWORK_READER),
          new PolicyRule("create_port", GUARDED + " or (role:member and " + Standard.SHARED + ")"),
          new PolicyRule("update_port", OWN),
          new PolicyRule("delete_port", OWN + " or " + NETWORK_OWNER));

  public static final Noun NOUN =
      Standard.tagged(
              Standard.noun(
                      "port",
                      "ports",
                      "network.port r JOIN network.network n ON n.id = r.network_id",
                      RULES)
                  .has(
                      text("name", Converters.text(255)),
                      Attribute.of(Column.uuid("network_id"), Converters::uuid)
                          .createOnly()
                          .mandatory(),
                      Attribute.of(
                              Column.text("mac_address", "text(r.mac_address)"),
                              Converters.orNull(AddressConverters::mac))
                          .only(GUARDED, PolicyRule.ADMIN_OR_SERVICE + " or " + NETWORK_MANAGER),
                      Attribute.of(Column.bool("admin_state_up"), Converters::bool).absent(true),
                      Attribute.shown(Column.text("status")),
                      text("device_id", Converters.text(255)).only(OWN),
                      text("device_owner", Converters.text(255))
                          .only("'False':%(network_device)s or " + GUARDED),
                      Attribute.of(
                              Column.json("fixed_ips"),
                              Converters.orNull(Converters.list(AddressConverters::fixedIp)))
                          .only(GUARDED_OR_SHARED, GUARDED)
                          .part("ip_address", CREATE_ADDRESS.check(), GUARDED)
                          .part("subnet_id", GUARDED_OR_SHARED, GUARDED_OR_SHARED),
                      Attribute.of(Column.json("allowed_address_pairs"), PortNoun::pairs)
                          .absent(Json.array())
                          .only(GUARDED)
                          .part("ip_address", GUARDED, GUARDED)
                          .part("mac_address", GUARDED, GUARDED),
                      Attribute.of(
                              Column.json("extra_dhcp_opts"),
                              Converters.list(PortDhcpOptions::option))
                          .absent(Json.array()),
                      Attribute.of(
                          Column.json("security_groups", "to_json(r.security_groups)"),
                          Converters.list(Converters::uuid)),
                      Attribute.of(Column.bool("port_security_enabled"), Converters::bool)
                          .only(GUARDED),
                      Attribute.of(Column.text("dns_name"), PortNoun::dnsName).absent(""),
                      Attribute.shown(Column.json("dns_assignment")),
                      Attribute.of(
                              Column.text("binding:vnic_type", "r.vnic_type"),
                              Converters.oneOf(List.of("normal")))
                          .absent("normal")
                          .only(OWN),
                      Attribute.of(
                              Column.text("binding:host_id", "r.host_id")
                                  .only(PolicyRule.ADMIN_OR_SERVICE),
                              Converters.nullAsEmpty(Converters.text(255)))
                          .absent("")
                          .only(PolicyRule.ADMIN_OR_SERVICE),
                      Attribute.of(
                              Column.json("binding:profile", "r.binding_profile")
                                  .only(PolicyRule.ADMIN_OR_SERVICE),
                              Converters::object)
                          .absent(Json.object())
                          .only("role:service"),
                      Attribute.shown(
                          Column.text(
                                  "binding:vif_type",
                                  "CASE WHEN r.host_id = '' THEN 'unbound' ELSE 'ovs' END")
                              .only(PolicyRule.ADMIN_OR_SERVICE)),
                      Attribute.shown(
                          Column.json(
                                  "binding:vif_details",
                                  "CASE WHEN r.host_id = '' THEN '{}'"
                                      + " ELSE '{\"port_filter\": true}' END")
                              .only(PolicyRule.ADMIN_OR_SERVICE)),
                      Attribute.shown(Column.bool("_service", "r.service").shownOnly()),
                      Attribute.shown(
                          Column.text("_network:project_id", "n.project_id").shownOnly()),
                      Attribute.shown(Column.bool("_shared", "n.shared").shownOnly())))
          .filter("fixed_ips", PortNoun::byFixedIps)
          .filter("security_groups", PortNoun::bySecurityGroups)
          .filter("security_group_ids", PortNoun::bySecurityGroups)
          .visible(
              project -> Condition.of("r.project_id = {} OR n.project_id = {}", project, project))
          .missing(Errors::portNotFound)
          .build();

  private static Attribute text(String name, Converter converter) {
    return Attribute.of(Column.text(name), Converters.nullAsEmpty(converter)).absent("");
  }

  private static JsonNode pairs(String name, JsonNode value) {
    JsonNode pairs = Converters.list(PortNoun::pair).convert(name, value);
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

  /** {@code ip_address=...}, {@code subnet_id=...}: any value of a key, and all keys. */
  private static Condition byFixedIps(List<String> values) {
    Map<String, List<Condition>> byKey = new LinkedHashMap<>();
    for (String value : values) {
      int equals = value.indexOf('=');
      String key = equals < 0 ? "" : value.substring(0, equals);
      String wanted = value.substring(equals + 1);
      Condition one =
          switch (key) {
            case "ip_address" ->
                Ip.parse(wanted)
                    .map(ip -> Condition.of("a.address = CAST({} AS inet)", ip.toString()))
                    .orElse(Condition.NEVER);
            case "ip_address_substr" -> Condition.contains("host(a.address)", wanted);
            case "subnet_id" ->
                Ids.parseUuid(wanted)
                    .map(id -> Condition.of("a.subnet_id = {}", id))
                    .orElse(Condition.NEVER);
            default ->
                throw Errors.badRequest("HTTPBadRequest", "Invalid filter fixed_ips=" + value);
          };
      byKey.computeIfAbsent(key, _ -> new ArrayList<>()).add(one);
    }
    StringBuilder sql = new StringBuilder("TRUE");
    List<Object> bound = new ArrayList<>();
    for (List<Condition> any : byKey.values()) {
      Condition condition = Condition.anyOf(any);
      sql.append(" AND EXISTS (SELECT FROM network.ip_allocation a WHERE a.port_id = r.id AND ")
          .append(condition.sql())
          .append(")");
      bound.addAll(condition.values());
    }
    return new Condition(sql.toString(), bound);
  }

  private static Condition bySecurityGroups(List<String> values) {
    List<Object> ids =
        values.stream()
            .flatMap(value -> Ids.parseUuid(value).stream())
            .<Object>map(id -> id)
            .toList();
    return new Condition(
        "EXISTS (SELECT FROM network.port_security_group m WHERE m.port_id = r.id AND "
            + Condition.in("m.security_group_id", ids).sql()
            + ")",
        Condition.in("m.security_group_id", ids).values());
  }
}
