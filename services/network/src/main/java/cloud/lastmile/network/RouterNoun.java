package cloud.lastmile.network;

import cloud.lastmile.network.address.AddressConverters;
import cloud.lastmile.network.resource.Attribute;
import cloud.lastmile.network.resource.AttributeMap;
import cloud.lastmile.network.resource.Column;
import cloud.lastmile.network.resource.Converters;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Noun;
import cloud.lastmile.platform.core.Json;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** What a router is to clients. */
final class RouterNoun {
  private RouterNoun() {}

  static final Noun NOUN =
      Noun.of(
              "router",
              "routers",
              "network.router r LEFT JOIN network.port g ON g.id = r.gateway_port_id")
          .columns(
              Column.uuid("id", "r.id"),
              Column.text("name", "r.name"),
              Column.bool("admin_state_up", "r.admin_state_up"),
              Column.text("status", "'ACTIVE'"),
              Column.json(
                  "external_gateway_info",
                  "CASE WHEN g.id IS NOT NULL THEN json_build_object('network_id',"
                      + " r.gateway_network_id, 'enable_snat', r.enable_snat,"
                      + " 'external_fixed_ips', g.fixed_ips) END"),
              Column.json("routes", "r.routes"),
              Column.json("availability_zones", "'[]'"),
              Column.json("availability_zone_hints", "'[]'"))
          .standardColumns()
          .missing(Errors::routerNotFound)
          .build();

  static final AttributeMap ATTRIBUTES =
      AttributeMap.of(
          "router",
          List.of(
              Attribute.readOnly("status"),
              Attribute.readOnly("availability_zones"),
              Attribute.of("name", Converters.nullAsEmpty(Converters.text(255)))
                  .absent(StringNode.valueOf("")),
              Attribute.of("admin_state_up", Converters::bool).absent(BooleanNode.TRUE),
              Attribute.of("availability_zone_hints", ZoneHints::none).createOnly(),
              Attribute.of("external_gateway_info", RouterNoun::gateway),
              Attribute.of("routes", Converters.list(AddressConverters::route)).updateOnly()));

  /** Null and the empty object both mean none. */
  private static JsonNode gateway(String name, JsonNode value) {
    if (value.isNull() || (value.isObject() && value.isEmpty())) {
      return NullNode.getInstance();
    }
    AddressConverters.keys(
        name, value, Set.of("network_id"), Set.of("enable_snat", "external_fixed_ips"));
    ObjectNode gateway = Json.object();
    gateway.set("network_id", Converters.uuid(name, value.path("network_id")));
    if (value.has("enable_snat")) {
      gateway.set("enable_snat", Converters.bool(name, value.path("enable_snat")));
    }
    if (value.has("external_fixed_ips")) {
      gateway.set(
          "external_fixed_ips",
          Converters.list(AddressConverters::fixedIp)
              .convert(name, value.path("external_fixed_ips")));
    }
    return gateway;
  }
}
