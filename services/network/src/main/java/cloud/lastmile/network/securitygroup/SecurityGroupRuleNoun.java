package cloud.lastmile.network.securitygroup;

import cloud.lastmile.network.common.Converters;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.common.Standard;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.network.write.Writes;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.resource.Attribute;
import cloud.lastmile.platform.resource.Column;
import cloud.lastmile.platform.resource.Column.Kind;
import cloud.lastmile.platform.resource.Converter;
import cloud.lastmile.platform.resource.Create;
import cloud.lastmile.platform.resource.Delete;
import cloud.lastmile.platform.resource.Hooks;
import cloud.lastmile.platform.resource.Noun;
import cloud.lastmile.platform.resource.Stored;
import cloud.lastmile.platform.resource.Values;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2.0/security-group-rules}; a rule is made and deleted, never changed. */
public final class SecurityGroupRuleNoun implements Hooks<NetworkWrite> {

  public static final Noun NOUN =
      Standard.noun(
              "security_group_rule",
              "security_group_rules",
              "network.security_group_rule r",
              new Noun.Rules(
                  PolicyRule.reader("get_security_group_rule"),
                  PolicyRule.member("create_security_group_rule"),
                  Optional.empty(),
                  PolicyRule.member("delete_security_group_rule")))
          .path("/security-group-rules")
          .has(
              said(Column.uuid("security_group_id"), Converters.text(255)).mandatory(),
              said(Column.text("ethertype"), RuleCheck::etherType).absent("IPv4"),
              said(Column.text("direction"), Converters.oneOf(List.of("ingress", "egress")))
                  .mandatory(),
              said(Column.text("protocol").orNull(), RuleCheck::protocol)
                  .absent(NullNode.getInstance()),
              said(Column.integer("port_range_min").orNull(), RuleCheck::port),
              said(Column.integer("port_range_max").orNull(), RuleCheck::port),
              said(Column.text("remote_ip_prefix").orNull(), RuleCheck::prefix),
              said(
                  Column.uuid("remote_group_id").orNull(), Converters.orNull(Converters.text(255))),
              said(
                  Column.text("remote_address_group_id", "CAST(NULL AS text)").orNull().shownOnly(),
                  SecurityGroupRuleNoun::noAddressGroup),
              Attribute.shown(
                  Column.text("normalized_cidr", "text(network(r.remote_ip_prefix::inet))")
                      .orNull()
                      .shownOnly()),
              Attribute.shown(
                  Column.bool(
                      "belongs_to_default_sg",
                      "EXISTS (SELECT FROM network.security_group g"
                          + " WHERE g.id = r.security_group_id AND g.is_default)")),
              Attribute.shown(Column.integer("_protocol_number", "r.protocol_number").shownOnly())
                  .stored(Stored.in("protocol_number", Kind.INTEGER)))
          .has(Standard.attributes(Standard.description().createOnly()))
          .visible(project ->
              Condition.of(
                  "r.project_id = {} OR EXISTS (SELECT FROM network.security_group g"
                      + " WHERE g.id = r.security_group_id AND g.project_id = {})",
                  project,
                  project))
          .missing(id ->
              Errors.notFound(
                  "SecurityGroupRuleNotFound", "Security group rule " + id + " does not exist"))
          .violating(
              "rule_group",
              values -> Errors.securityGroupNotFound(values.text("security_group_id")))
          .violating(
              "rule_remote_group",
              values -> Errors.securityGroupNotFound(values.text("remote_group_id")))
          .build();

  private static Attribute said(Column column, Converter converter) {
    return Attribute.of(column, converter).createOnly();
  }

  private static JsonNode noAddressGroup(String name, JsonNode value) {
    if (!value.isNull()) {
      throw Errors.notFound(
          "AddressGroupNotFound",
          "Address group " + Converters.shown(value) + " could not be found.");
    }
    return value;
  }

  private final Writes writes;

  public SecurityGroupRuleNoun(Writes writes) {
    this.writes = writes;
  }

  @Override
  public void listing(ApiRequest request) {
    SecurityGroupStore.ensureDefault(writes, request);
  }

  @Override
  public void checkCreate(ApiRequest request, Create create) {
    Values values = create.values();
    requireGroup(request, values.text("security_group_id"));
    values.optionalText("remote_group_id").ifPresent(id -> requireGroup(request, id));
    SecurityGroupStore.Rule _ = rule(create);
  }

  private static SecurityGroupStore.Rule rule(Create create) {
    return RuleCheck.rule(create.values(), group(create.values()), create.projectId());
  }

  private void requireGroup(ApiRequest request, String id) {
    UUID uuid = Ids.parseUuid(id).orElseThrow(() -> Errors.securityGroupNotFound(id));
    writes.requireVisible(request, SecurityGroupNoun.NOUN, uuid);
  }

  @Override
  public void beforeAll(NetworkWrite write, List<Create> creates) {
    List<UUID> groups = creates.stream().map(create -> group(create.values())).distinct().toList();
    if (groups.size() != 1) {
      throw Errors.badRequest(
          "SecurityGroupNotSingleGroupRules",
          "Only allowed to update rules for one security profile at a time");
    }
    // Takes the group's row, so that rules of one group are compared one transaction at a time.
    SecurityGroupStore.bump(write.handle(), groups.getFirst());
  }

  private static UUID group(Values values) {
    return values.uuid("security_group_id").orElseThrow();
  }

  @Override
  public Values inserting(NetworkWrite write, Create create) {
    SecurityGroupStore.Rule rule = rule(create);
    SecurityGroupStore.same(write.handle(), rule)
        .ifPresent(same -> {
          throw Errors.conflict(
              "SecurityGroupRuleExists",
              "Security group rule already exists. Rule id is " + same + ".");
        });
    return rule.into(create.values());
  }

  @Override
  public void deleting(NetworkWrite write, Delete delete) {
    SecurityGroupStore.bump(write.handle(), group(delete.before()));
  }

  @Override
  public void changed(NetworkWrite write, ObjectNode row) {
    write.touch(EngineKey.group(group(row)));
  }

  private static UUID group(ObjectNode rule) {
    return UUID.fromString(rule.path("security_group_id").asString());
  }
}
