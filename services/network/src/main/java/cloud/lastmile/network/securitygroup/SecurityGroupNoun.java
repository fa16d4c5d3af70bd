package cloud.lastmile.network.securitygroup;

import cloud.lastmile.network.common.Converters;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.common.Standard;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.network.write.Writes;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.resource.Attribute;
import cloud.lastmile.platform.resource.Column;
import cloud.lastmile.platform.resource.Create;
import cloud.lastmile.platform.resource.Delete;
import cloud.lastmile.platform.resource.Hooks;
import cloud.lastmile.platform.resource.Noun;
import cloud.lastmile.platform.resource.Update;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2.0/security-groups}. */
public final class SecurityGroupNoun implements Hooks<NetworkWrite> {
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

  public static final Noun NOUN =
      Standard.tagged(
              Standard.noun("security_group", "security_groups", "network.security_group r")
                  .path("/security-groups")
                  .has(
                      Attribute.of(Column.text("name"), SecurityGroupNoun::name).absent(""),
                      Attribute.of(Column.bool("stateful"), Converters::bool).absent(true),
                      Attribute.shown(Column.bool("shared", "FALSE")),
                      Attribute.shown(
                          Column.json(
                              "security_group_rules",
                              "(SELECT coalesce(json_agg("
                                  + RULE
                                  + " ORDER BY g.created_at, g.direction, g.ethertype, g.id), '[]')"
                                  + " FROM network.security_group_rule g"
                                  + " WHERE g.security_group_id = r.id)")),
                      Attribute.shown(Column.bool("_is_default", "r.is_default").shownOnly())))
          .missing(Errors::securityGroupNotFound)
          .violating(
              "membership_group",
              values ->
                  Errors.conflict(
                      "SecurityGroupInUse", "Security Group " + values.text("id") + " in use."))
          .build();

  private static JsonNode name(String attribute, JsonNode value) {
    JsonNode name = Converters.text(255).convert(attribute, value);
    if (name.asString().equalsIgnoreCase("default")) {
      throw Errors.conflict(
          "SecurityGroupDefaultAlreadyExists", "Default security group already exists.");
    }
    return name;
  }

  private final Writes writes;

  public SecurityGroupNoun(Writes writes) {
    this.writes = writes;
  }

  /** A project that has never had groups finds its default one here. */
  @Override
  public void listing(ApiRequest request) {
    SecurityGroupStore.ensureDefault(writes, request);
  }

  /** A project that has never had groups gets its default one first. */
  @Override
  public void beforeAll(NetworkWrite write, List<Create> creates) {
    creates.stream()
        .map(Create::projectId)
        .distinct()
        .forEach(project -> SecurityGroupStore.defaultGroup(write, project));
  }

  @Override
  public ObjectNode inserted(NetworkWrite write, Create create, ObjectNode row) {
    SecurityGroupStore.insertRules(
        write.handle(), SecurityGroupStore.initialRules(create.id(), create.projectId(), false));
    write.count(create.projectId(), "security_group_rule", 2);
    return NOUN.get(write.handle(), create.id());
  }

  @Override
  public void checkUpdate(ApiRequest request, Update update) {
    if (isDefault(update.before()) && update.values().isGiven("name")) {
      throw Errors.conflict(
          "SecurityGroupCannotUpdateDefault", "Updating default security group not allowed.");
    }
  }

  private static boolean isDefault(ObjectNode row) {
    return row.path("_is_default").asBoolean();
  }

  /** Its rules and those that name it go with it. */
  @Override
  public void deleting(NetworkWrite write, Delete delete) {
    if (isDefault(delete.before()) && !delete.seesAll()) {
      throw Errors.conflict(
          "SecurityGroupCannotRemoveDefault",
          "Insufficient rights for removing default security group.");
    }
    UUID id = delete.id();
    // First, as whoever adds rules does: a rule that comes meanwhile would go uncounted.
    ObjectNode _ = NOUN.lock(write.handle(), id);
    SecurityGroupStore.deleteRules(write, id);
  }

  @Override
  public void changed(NetworkWrite write, ObjectNode row) {
    write.touch(EngineKey.group(NOUN.id(row)));
  }
}
