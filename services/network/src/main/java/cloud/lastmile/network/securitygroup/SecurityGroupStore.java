package cloud.lastmile.network.securitygroup;

import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.network.write.Writes;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.resource.Values;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** The SQL of security groups and their rules. */
public final class SecurityGroupStore {
  private SecurityGroupStore() {}

  /**
   * A rule to be made.
   *
   * @param protocolNumber the same for a protocol's name and number
   */
  record Rule(
      UUID id,
      UUID group,
      String projectId,
      String description,
      String direction,
      String etherType,
      @Nullable String protocol,
      @Nullable Integer protocolNumber,
      @Nullable Integer portMin,
      @Nullable Integer portMax,
      @Nullable String remotePrefix,
      @Nullable UUID remoteGroup) {

    /** These values with the rule's canonical ones. */
    Values into(Values values) {
      return values
          .with("protocol", Json.mapper().valueToTree(protocol))
          .with("_protocol_number", Json.mapper().valueToTree(protocolNumber))
          .with("port_range_min", Json.mapper().valueToTree(portMin))
          .with("port_range_max", Json.mapper().valueToTree(portMax));
    }
  }

  /** The project's default group, made if it is not there. */
  public static UUID defaultGroup(NetworkWrite write, String projectId) {
    Optional<UUID> present = findDefault(write.handle(), projectId);
    if (present.isPresent()) {
      return present.get();
    }
    UUID id = UUID.randomUUID();
    boolean made = insertDefault(write.handle(), id, projectId);
    if (!made) {
      return findDefault(write.handle(), projectId).orElseThrow();
    }
    insertRules(write.handle(), initialRules(id, projectId, true));
    write.touch(EngineKey.group(id));
    write.count(projectId, "security_group", 1);
    write.count(projectId, "security_group_rule", 4);
    write.created(SecurityGroupNoun.NOUN, SecurityGroupNoun.NOUN.get(write.handle(), id));
    return id;
  }

  /** Makes the default group of a project that looks for its groups and has never had any. */
  static void ensureDefault(Writes writes, ApiRequest request) {
    request
        .caller()
        .projectId()
        .ifPresent(project -> {
          if (writes.read(handle -> findDefault(handle, project)).isEmpty()) {
            writes.run(request.context().requestId(), write -> defaultGroup(write, project));
          }
        });
  }

  static Optional<UUID> findDefault(Handle handle, String projectId) {
    return handle
        .createQuery("SELECT id FROM network.security_group WHERE project_id = :p AND is_default")
        .bind("p", projectId)
        .mapTo(UUID.class)
        .findOne();
  }

  /** The project's group of this id or name. */
  public static Optional<UUID> byNameOrId(
      Handle handle, String projectId, String name, Optional<UUID> id) {
    return handle
        .createQuery(
            """
            SELECT id FROM network.security_group
            WHERE project_id = :project AND (name = :name OR id = :id)
            ORDER BY id = :id DESC, created_at LIMIT 1\
            """)
        .bind("project", projectId)
        .bind("name", name)
        .bindByType("id", id.orElse(null), UUID.class)
        .mapTo(UUID.class)
        .findOne();
  }

  /** All may leave; into a default group its own members may come. */
  static List<Rule> initialRules(UUID group, String projectId, boolean fromMembers) {
    List<Rule> egress =
        List.of(
            initial(group, projectId, "egress", "IPv4", null),
            initial(group, projectId, "egress", "IPv6", null));
    return fromMembers
        ? List.of(
            egress.get(0),
            egress.get(1),
            initial(group, projectId, "ingress", "IPv4", group),
            initial(group, projectId, "ingress", "IPv6", group))
        : egress;
  }

  private static Rule initial(
      UUID group,
      String projectId,
      String direction,
      String etherType,
      @Nullable UUID remoteGroup) {
    return new Rule(
        UUID.randomUUID(),
        group,
        projectId,
        "",
        direction,
        etherType,
        null,
        null,
        null,
        null,
        null,
        remoteGroup);
  }

  /** False if the project has one. */
  private static boolean insertDefault(Handle handle, UUID id, String projectId) {
    return handle.execute(
            """
            INSERT INTO network.security_group
              (id, project_id, name, description, stateful, is_default)
            VALUES (?, ?, 'default', 'Default security group', TRUE, TRUE)
            ON CONFLICT (project_id) WHERE is_default DO NOTHING\
            """,
            id,
            projectId)
        == 1;
  }

  static void insertRules(Handle handle, List<Rule> rules) {
    PreparedBatch batch =
        handle.prepareBatch(
            """
            INSERT INTO network.security_group_rule (id, security_group_id, project_id,
              description, direction, ethertype, protocol, protocol_number, port_range_min,
              port_range_max, remote_ip_prefix, remote_group_id)
            VALUES (:id, :group, :project, :description, :direction, :etherType, :protocol,
              :number, :min, :max, :prefix, :remoteGroup)\
            """);
    for (Rule rule : rules) {
      batch
          .bind("id", rule.id())
          .bind("group", rule.group())
          .bind("project", rule.projectId())
          .bind("description", rule.description())
          .bind("direction", rule.direction())
          .bind("etherType", rule.etherType())
          .bind("protocol", rule.protocol())
          .bind("number", rule.protocolNumber())
          .bind("min", rule.portMin())
          .bind("max", rule.portMax())
          .bind("prefix", rule.remotePrefix())
          .bind("remoteGroup", rule.remoteGroup())
          .add();
    }
    batch.execute();
  }

  /** The id of the rule that says the same already. */
  static Optional<UUID> same(Handle handle, Rule rule) {
    return handle
        .createQuery(
            """
            SELECT id FROM network.security_group_rule
            WHERE security_group_id = :group AND direction = :direction
              AND ethertype = :etherType AND coalesce(protocol_number, -1) = coalesce(:number, -1)
              AND coalesce(port_range_min, -1) = coalesce(:min, -1)
              AND coalesce(port_range_max, -1) = coalesce(:max, -1)
              AND coalesce(nullif(nullif(remote_ip_prefix, '0.0.0.0/0'), '::/0'), '')
                = coalesce(nullif(nullif(CAST(:prefix AS text), '0.0.0.0/0'), '::/0'), '')
              AND remote_group_id IS NOT DISTINCT FROM :remoteGroup
            LIMIT 1\
            """)
        .bind("group", rule.group())
        .bind("direction", rule.direction())
        .bind("etherType", rule.etherType())
        .bind("number", rule.protocolNumber())
        .bind("min", rule.portMin())
        .bind("max", rule.portMax())
        .bind("prefix", rule.remotePrefix())
        .bindByType("remoteGroup", rule.remoteGroup(), UUID.class)
        .mapTo(UUID.class)
        .findOne();
  }

  /** Advances the group's revision when its rules change. */
  static void bump(Handle handle, UUID id) {
    SecurityGroupNoun.NOUN.update(handle, id, Values.NONE);
  }

  /** Removes a group's rules, and those that name it. */
  static void deleteRules(NetworkWrite write, UUID group) {
    record Gone(UUID group, String projectId) {}
    List<Gone> rules =
        write
            .handle()
            .createQuery(
                """
                DELETE FROM network.security_group_rule
                WHERE remote_group_id = :id OR security_group_id = :id
                RETURNING security_group_id, project_id\
                """)
            .bind("id", group)
            .map((row, _) ->
                new Gone(
                    row.getObject("security_group_id", UUID.class), row.getString("project_id")))
            .list();
    for (Gone rule : rules) {
      write.touch(EngineKey.group(rule.group()));
      write.count(rule.projectId(), "security_group_rule", -1);
    }
  }

  /** Those of the groups that this project may put on its ports. */
  public static List<UUID> usable(Handle handle, List<UUID> ids, Optional<String> projectId) {
    return handle
        .createQuery(
            """
            SELECT id FROM network.security_group
            WHERE id = ANY (:ids) AND (CAST(:project AS text) IS NULL OR project_id = :project)\
            """)
        .bindArray("ids", UUID.class, ids)
        .bind("project", projectId.orElse(null))
        .mapTo(UUID.class)
        .list();
  }
}
