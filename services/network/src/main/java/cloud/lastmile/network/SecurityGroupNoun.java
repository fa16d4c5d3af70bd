package cloud.lastmile.network;

import cloud.lastmile.network.resource.Attribute;
import cloud.lastmile.network.resource.AttributeMap;
import cloud.lastmile.network.resource.Column;
import cloud.lastmile.network.resource.Converters;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Noun;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.StringNode;

/** What a security group is to clients. */
final class SecurityGroupNoun {
  private SecurityGroupNoun() {}

  /** One rule as JSON, for the group's list of them; {@code g} is the rule. */
  private static final String RULE =
      """
      json_build_object('id', g.id, 'tenant_id', g.project_id, 'project_id', g.project_id,
        'security_group_id', g.security_group_id, 'ethertype', g.ethertype,
        'direction', g.direction, 'protocol', g.protocol, 'port_range_min', g.port_range_min,
        'port_range_max', g.port_range_max, 'remote_ip_prefix', g.remote_ip_prefix,
        'remote_group_id', g.remote_group_id, 'remote_address_group_id', NULL,
        'normalized_cidr', CASE WHEN g.remote_ip_prefix IS NULL THEN NULL
          ELSE text(network(g.remote_ip_prefix::inet)) END,
        'description', g.description, 'revision_number', g.revision,
        'created_at', to_char(g.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'updated_at', to_char(g.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'tags', '[]'::json)\
      """;

  static final Noun NOUN =
      Noun.of("security_group", "security_groups", "network.security_group r")
          .columns(
              Column.uuid("id", "r.id"),
              Column.text("name", "r.name"),
              Column.bool("stateful", "r.stateful"),
              Column.bool("shared", "FALSE"),
              Column.json(
                  "security_group_rules",
                  "(SELECT coalesce(json_agg("
                      + RULE
                      + " ORDER BY g.created_at, g.direction, g.ethertype, g.id), '[]')"
                      + " FROM network.security_group_rule g WHERE g.security_group_id = r.id)"),
              Column.bool("_is_default", "r.is_default").shownOnly())
          .standardColumns()
          .missing(Errors::securityGroupNotFound)
          .build();

  static final AttributeMap ATTRIBUTES =
      AttributeMap.of(
          "security_group",
          List.of(
              Attribute.readOnly("security_group_rules"),
              Attribute.readOnly("shared"),
              Attribute.of("name", SecurityGroupNoun::name).absent(StringNode.valueOf("")),
              Attribute.of("stateful", Converters::bool).absent(BooleanNode.TRUE)));

  private static JsonNode name(String attribute, JsonNode value) {
    JsonNode name = Converters.text(255).convert(attribute, value);
    if (name.asString().equalsIgnoreCase("default")) {
      throw Errors.conflict(
          "SecurityGroupDefaultAlreadyExists", "Default security group already exists.");
    }
    return name;
  }
}
