package cloud.lastmile.network;

import cloud.lastmile.network.resource.Attribute;
import cloud.lastmile.network.resource.AttributeMap;
import cloud.lastmile.network.resource.Column;
import cloud.lastmile.network.resource.Converters;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Noun;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.StringNode;

/** What a network is to clients. */
final class NetworkNoun {
  private NetworkNoun() {}

  static final Noun NOUN =
      Noun.of("network", "networks", "network.network r")
          .columns(
              Column.uuid("id", "r.id"),
              Column.text("name", "r.name"),
              Column.bool("admin_state_up", "r.admin_state_up"),
              Column.integer("mtu", "r.mtu"),
              Column.text("status", "'ACTIVE'"),
              Column.json(
                  "subnets",
                  "(SELECT coalesce(json_agg(s.id ORDER BY s.created_at, s.id), '[]')"
                      + " FROM network.subnet s WHERE s.network_id = r.id)"),
              Column.bool("shared", "r.shared"),
              Column.json("availability_zone_hints", "'[]'"),
              Column.json("availability_zones", "'[]'"),
              Column.text("ipv4_address_scope", "NULL").orNull().shownOnly(),
              Column.text("ipv6_address_scope", "NULL").orNull().shownOnly(),
              Column.bool("router:external", "r.external"),
              Column.bool("is_default", "r.is_default"),
              Column.bool("port_security_enabled", "r.port_security_enabled"),
              Column.text("dns_domain", "r.dns_domain"),
              Column.text("provider:network_type", "r.network_type").only(PolicyRule.ADMIN),
              Column.text("provider:physical_network", "r.physical_network")
                  .orNull()
                  .only(PolicyRule.ADMIN),
              Column.integer("provider:segmentation_id", "r.segmentation_id")
                  .orNull()
                  .only(PolicyRule.ADMIN))
          .standardColumns()
          .visible(project -> Condition.of("r.project_id = {} OR r.shared OR r.external", project))
          .missing(Errors::networkNotFound)
          .build();

  static final AttributeMap ATTRIBUTES =
      AttributeMap.of(
          "network",
          List.of(
              Attribute.readOnly("status"),
              Attribute.readOnly("subnets"),
              Attribute.readOnly("availability_zones"),
              Attribute.readOnly("ipv4_address_scope"),
              Attribute.readOnly("ipv6_address_scope"),
              Attribute.of("name", Converters.text(255)).absent(StringNode.valueOf("")),
              Attribute.of("admin_state_up", Converters::bool).absent(BooleanNode.TRUE),
              Attribute.of("shared", Converters::bool)
                  .absent(BooleanNode.FALSE)
                  .only(PolicyRule.ADMIN),
              Attribute.of("router:external", Converters::bool)
                  .absent(BooleanNode.FALSE)
                  .only(PolicyRule.ADMIN),
              Attribute.of("is_default", Converters::bool)
                  .absent(BooleanNode.FALSE)
                  .only(PolicyRule.ADMIN),
              Attribute.of("mtu", Converters.integer(0, 65535)).absent(IntNode.valueOf(0)),
              Attribute.of("port_security_enabled", Converters::bool).absent(BooleanNode.TRUE),
              Attribute.of("dns_domain", Converters.nullAsEmpty(Converters.text(255)))
                  .absent(StringNode.valueOf("")),
              Attribute.of("availability_zone_hints", ZoneHints::none).createOnly(),
              Attribute.of("provider:network_type", Converters.orNull(Converters.text(32)))
                  .only(PolicyRule.ADMIN)
                  .createOnly(),
              Attribute.of("provider:physical_network", Converters.orNull(Converters.text(64)))
                  .only(PolicyRule.ADMIN)
                  .createOnly(),
              Attribute.of(
                      "provider:segmentation_id",
                      Converters.orNull(Converters.integer(0, 16_777_215)))
                  .only(PolicyRule.ADMIN)
                  .createOnly()));
}
