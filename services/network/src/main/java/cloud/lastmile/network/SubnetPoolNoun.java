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
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;

/** What a subnet pool is to clients. */
final class SubnetPoolNoun {
  private SubnetPoolNoun() {}

  static final Noun NOUN =
      Noun.of("subnetpool", "subnetpools", "network.subnetpool r")
          .columns(
              Column.uuid("id", "r.id"),
              Column.text("name", "r.name"),
              Column.json("prefixes", "to_json(r.prefixes)"),
              Column.integer("ip_version", "r.ip_version"),
              // The reference writes these three as text.
              Column.text("min_prefixlen", "r.min_prefixlen::text"),
              Column.text("max_prefixlen", "r.max_prefixlen::text"),
              Column.text("default_prefixlen", "r.default_prefixlen::text"),
              Column.integer("default_quota", "r.default_quota").orNull(),
              Column.text("address_scope_id", "CAST(NULL AS text)").orNull().shownOnly(),
              Column.bool("shared", "r.shared"),
              Column.bool("is_default", "r.is_default"))
          .standardColumns()
          .visible(project -> Condition.of("r.project_id = {} OR r.shared", project))
          .missing(id ->
              Errors.notFound("SubnetPoolNotFound", "Subnet pool " + id + " could not be found."))
          .build();

  static final AttributeMap ATTRIBUTES =
      AttributeMap.of(
          "subnetpool",
          List.of(
              Attribute.readOnly("ip_version"),
              Attribute.of("name", Converters.text(255)).mandatory(),
              Attribute.of("prefixes", SubnetPoolNoun::prefixes).mandatory(),
              Attribute.of("min_prefixlen", Converters.orNull(Converters.integer(0, 128))),
              Attribute.of("max_prefixlen", Converters.orNull(Converters.integer(0, 128))),
              Attribute.of("default_prefixlen", Converters.orNull(Converters.integer(0, 128))),
              Attribute.of(
                  "default_quota", Converters.orNull(Converters.integer(0, Integer.MAX_VALUE))),
              Attribute.of("shared", Converters::bool)
                  .absent(BooleanNode.FALSE)
                  .createOnly()
                  .only(PolicyRule.ADMIN),
              Attribute.of("is_default", Converters::bool)
                  .absent(BooleanNode.FALSE)
                  .only(PolicyRule.ADMIN)));

  /** A list, or one alone. */
  private static JsonNode prefixes(String name, JsonNode value) {
    if (value.isString()) {
      return Json.array().add(AddressConverters.subnet(name, value));
    }
    return Converters.list(AddressConverters::subnet).convert(name, value);
  }
}
