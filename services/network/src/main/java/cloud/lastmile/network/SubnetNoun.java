package cloud.lastmile.network;

import cloud.lastmile.network.address.AddressConverters;
import cloud.lastmile.network.resource.Attribute;
import cloud.lastmile.network.resource.AttributeMap;
import cloud.lastmile.network.resource.Column;
import cloud.lastmile.network.resource.Converters;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Noun;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import java.util.List;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.StringNode;

/** What a subnet is to clients. */
final class SubnetNoun {
  private static final List<String> MODES = List.of("slaac", "dhcpv6-stateful", "dhcpv6-stateless");

  private SubnetNoun() {}

  static final Noun NOUN =
      Noun.of("subnet", "subnets", "network.subnet r JOIN network.network n ON n.id = r.network_id")
          .columns(
              Column.uuid("id", "r.id"),
              Column.text("name", "r.name"),
              Column.uuid("network_id", "r.network_id"),
              Column.integer("ip_version", "r.ip_version"),
              Column.uuid("subnetpool_id", "r.subnetpool_id").orNull(),
              Column.bool("enable_dhcp", "r.enable_dhcp"),
              Column.text("ipv6_ra_mode", "r.ipv6_ra_mode").orNull(),
              Column.text("ipv6_address_mode", "r.ipv6_address_mode").orNull(),
              Column.text("gateway_ip", "host(r.gateway)").orNull(),
              Column.text("cidr", "text(r.cidr)"),
              Column.json("allocation_pools", "r.allocation_pools"),
              Column.json("host_routes", "r.host_routes"),
              Column.json("dns_nameservers", "to_json(r.dns_nameservers)"),
              Column.json("service_types", "'[]'"),
              Column.text("_network:project_id", "n.project_id").shownOnly(),
              Column.bool("_shared", "n.shared").shownOnly(),
              Column.bool("_router:external", "n.external").shownOnly())
          .standardColumns()
          // Subnets of a network to the outside are its owner's, unless the network is shared.
          .visible(project ->
              Condition.of("r.project_id = {} OR n.project_id = {} OR n.shared", project, project))
          .missing(Errors::subnetNotFound)
          .build();

  static final AttributeMap ATTRIBUTES =
      AttributeMap.of(
          "subnet",
          List.of(
              Attribute.of("ip_version", Converters.integer(4, 6)).createOnly().mandatory(),
              Attribute.of("network_id", Converters::uuid).createOnly().mandatory(),
              Attribute.of("name", Converters.text(255)).absent(StringNode.valueOf("")),
              Attribute.of("subnetpool_id", Converters.orNull(Converters::uuid)).createOnly(),
              Attribute.of("use_default_subnetpool", Converters::bool)
                  .absent(BooleanNode.FALSE)
                  .createOnly(),
              Attribute.of("prefixlen", Converters.orNull(Converters.integer(0, 128))).createOnly(),
              Attribute.of("cidr", Converters.orNull(AddressConverters::subnet)).createOnly(),
              Attribute.of("gateway_ip", Converters.orNull(AddressConverters::ip)),
              Attribute.of("allocation_pools", Converters.list(AddressConverters::pool)),
              Attribute.of("dns_nameservers", Converters.list(AddressConverters::ip))
                  .absent(Json.array()),
              Attribute.of("host_routes", Converters.list(AddressConverters::route))
                  .absent(Json.array()),
              Attribute.of("enable_dhcp", Converters::bool).absent(BooleanNode.TRUE),
              Attribute.of("ipv6_ra_mode", Converters.orNull(Converters.oneOf(MODES))).createOnly(),
              Attribute.of("ipv6_address_mode", Converters.orNull(Converters.oneOf(MODES)))
                  .createOnly()));
}
