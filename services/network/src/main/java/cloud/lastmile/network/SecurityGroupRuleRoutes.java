package cloud.lastmile.network;

import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.resource.Attribute;
import cloud.lastmile.network.resource.AttributeMap;
import cloud.lastmile.network.resource.Collection;
import cloud.lastmile.network.resource.Column;
import cloud.lastmile.network.resource.Converters;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Noun;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** {@code /v2.0/security-group-rules}. */
final class SecurityGroupRuleRoutes {
  private static final PolicyRule GET = PolicyRule.reader("get_security_group_rule");
  private static final PolicyRule CREATE = PolicyRule.member("create_security_group_rule");
  private static final PolicyRule DELETE = PolicyRule.member("delete_security_group_rule");

  static final Noun NOUN =
      Noun.of("security_group_rule", "security_group_rules", "network.security_group_rule r")
          .columns(
              Column.uuid("id", "r.id"),
              Column.uuid("security_group_id", "r.security_group_id"),
              Column.text("ethertype", "r.ethertype"),
              Column.text("direction", "r.direction"),
              Column.text("protocol", "r.protocol").orNull(),
              Column.integer("port_range_min", "r.port_range_min").orNull(),
              Column.integer("port_range_max", "r.port_range_max").orNull(),
              Column.text("remote_ip_prefix", "r.remote_ip_prefix").orNull(),
              Column.uuid("remote_group_id", "r.remote_group_id").orNull(),
              Column.text("remote_address_group_id", "CAST(NULL AS text)").orNull().shownOnly(),
              Column.text("normalized_cidr", "text(network(r.remote_ip_prefix::inet))")
                  .orNull()
                  .shownOnly(),
              Column.bool(
                  "belongs_to_default_sg",
                  "EXISTS (SELECT FROM network.security_group g"
                      + " WHERE g.id = r.security_group_id AND g.is_default)"))
          .untaggedColumns()
          .visible(project ->
              Condition.of(
                  "r.project_id = {} OR EXISTS (SELECT FROM network.security_group g"
                      + " WHERE g.id = r.security_group_id AND g.project_id = {})",
                  project,
                  project))
          .missing(id ->
              Errors.notFound(
                  "SecurityGroupRuleNotFound", "Security group rule " + id + " does not exist"))
          .build();

  static final AttributeMap ATTRIBUTES =
      AttributeMap.untagged(
          "security_group_rule",
          List.of(
              Attribute.readOnly("normalized_cidr"),
              Attribute.readOnly("belongs_to_default_sg"),
              Attribute.of("security_group_id", Converters.text(255)).createOnly().mandatory(),
              Attribute.of("direction", Converters.oneOf(List.of("ingress", "egress")))
                  .createOnly()
                  .mandatory(),
              Attribute.of("description", Converters.nullAsEmpty(Converters.text(255)))
                  .absent(StringNode.valueOf(""))
                  .createOnly(),
              Attribute.of("protocol", RuleCheck::protocol)
                  .absent(NullNode.getInstance())
                  .createOnly(),
              Attribute.of("port_range_min", RuleCheck::port).createOnly(),
              Attribute.of("port_range_max", RuleCheck::port).createOnly(),
              Attribute.of("ethertype", RuleCheck::etherType)
                  .absent(StringNode.valueOf("IPv4"))
                  .createOnly(),
              Attribute.of("remote_ip_prefix", RuleCheck::prefix).createOnly(),
              Attribute.of("remote_group_id", Converters.orNull(Converters.text(255))).createOnly(),
              Attribute.of("remote_address_group_id", SecurityGroupRuleRoutes::noAddressGroup)
                  .createOnly()));

  private static JsonNode noAddressGroup(String name, JsonNode value) {
    if (!value.isNull()) {
      throw Errors.notFound(
          "AddressGroupNotFound",
          "Address group " + Converters.shown(value) + " could not be found.");
    }
    return value;
  }

  private final Collection collection;
  private final Writes writes;

  SecurityGroupRuleRoutes(Collection collection, Writes writes) {
    this.collection = collection;
    this.writes = writes;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v2.0/security-group-rules", GET, this::list),
        Route.post("/v2.0/security-group-rules", CREATE, this::create).enforcedByHandler(),
        Route.get("/v2.0/security-group-rules/{id}", GET, collection::show).enforcedByHandler(),
        Route.delete("/v2.0/security-group-rules/{id}", DELETE, this::delete).enforcedByHandler());
  }

  private ApiResponse list(ApiRequest request) {
    request.caller().projectId().ifPresent(project -> writes.ensureDefaultGroup(request, project));
    return collection.list(request);
  }

  private ApiResponse create(ApiRequest request) {
    List<Collection.Create> creates = collection.creates(request);
    List<SecurityGroupStore.Rule> rules = new ArrayList<>();
    for (Collection.Create create : creates) {
      collection.enforceCreate(request, create, Map.of());
      UUID group = requireGroup(request, create.values().text("security_group_id"));
      Optional<String> remote = create.values().optionalText("remote_group_id");
      remote.ifPresent(id -> requireGroup(request, id));
      rules.add(RuleCheck.rule(create.values(), group, create.projectId()));
    }
    writes.requireRoom(NOUN, creates);
    boolean oneGroup = rules.stream().map(SecurityGroupStore.Rule::group).distinct().count() == 1;
    if (!oneGroup) {
      throw Errors.badRequest(
          "SecurityGroupNotSingleGroupRules",
          "Only allowed to update rules for one security profile at a time");
    }
    List<ObjectNode> made =
        writes.run(
            request,
            write -> {
              return insert(write, rules);
            });
    return collection.created(request, made);
  }

  private UUID requireGroup(ApiRequest request, String id) {
    UUID uuid = Ids.parseUuid(id).orElseThrow(() -> Errors.securityGroupNotFound(id));
    writes.requireVisible(request, SecurityGroupNoun.NOUN, uuid);
    return uuid;
  }

  private static List<ObjectNode> insert(Write write, List<SecurityGroupStore.Rule> rules) {
    UUID group = rules.getFirst().group();
    // Takes the group's row, so that rules of one group are compared one transaction at a time.
    SecurityGroupStore.bump(write.handle(), group);
    List<ObjectNode> rows = new ArrayList<>();
    for (SecurityGroupStore.Rule rule : rules) {
      Optional<UUID> same = SecurityGroupStore.same(write.handle(), rule);
      if (same.isPresent()) {
        throw Errors.conflict(
            "SecurityGroupRuleExists",
            "Security group rule already exists. Rule id is " + same.get() + ".");
      }
      SecurityGroupStore.insertRules(write.handle(), List.of(rule));
      ObjectNode row = NOUN.get(write.handle(), rule.id());
      rows.add(row);
      write.count(rule.projectId(), "security_group_rule", 1);
      write.event("network.security_group_rule.create", rule.id(), rule.projectId(), row);
    }
    write.touch(EngineKey.group(group));
    return rows;
  }

  private ApiResponse delete(ApiRequest request) {
    ObjectNode before = collection.enforced(request);
    UUID group = UUID.fromString(before.path("security_group_id").asString());
    writes.run(
        request,
        write -> {
          SecurityGroupStore.bump(write.handle(), group);
          write.delete(NOUN, before);
          write.touch(EngineKey.group(group));
          return Optional.empty();
        });
    return ApiResponse.empty(204);
  }
}
