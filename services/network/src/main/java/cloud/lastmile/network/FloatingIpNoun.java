package cloud.lastmile.network;

import cloud.lastmile.network.address.AddressConverters;
import cloud.lastmile.network.resource.Attribute;
import cloud.lastmile.network.resource.AttributeMap;
import cloud.lastmile.network.resource.Column;
import cloud.lastmile.network.resource.Converters;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Noun;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;

/** What a floating IP is to clients. */
final class FloatingIpNoun {
  private FloatingIpNoun() {}

  static final Noun NOUN =
      Noun.of("floatingip", "floatingips", "network.floating_ip r")
          .columns(
              Column.uuid("id", "r.id"),
              Column.text("floating_ip_address", "host(r.address)"),
              Column.uuid("floating_network_id", "r.network_id"),
              Column.uuid("router_id", "r.router_id").orNull(),
              Column.uuid("port_id", "r.port_id").orNull(),
              Column.text("fixed_ip_address", "host(r.fixed_address)").orNull(),
              Column.text("status", "r.status"),
              Column.uuid("_floating_port", "r.floating_port_id").shownOnly())
          .standardColumns()
          .missing(id ->
              Errors.notFound("FloatingIPNotFound", "Floating IP " + id + " could not be found"))
          .build();

  static final AttributeMap ATTRIBUTES =
      AttributeMap.of(
          "floatingip",
          List.of(
              Attribute.readOnly("router_id"),
              Attribute.readOnly("status"),
              Attribute.of("floating_network_id", Converters::uuid).createOnly().mandatory(),
              Attribute.of("floating_ip_address", Converters.orNull(AddressConverters::ip))
                  .createOnly()
                  .only(PolicyRule.ADMIN_OR_PROJECT_MANAGER),
              Attribute.of("subnet_id", Converters.orNull(Converters::uuid)).createOnly(),
              Attribute.of("port_id", Converters.orNull(Converters::uuid)),
              Attribute.of("fixed_ip_address", Converters.orNull(AddressConverters::ip))));
}
