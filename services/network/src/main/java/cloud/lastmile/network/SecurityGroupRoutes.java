package cloud.lastmile.network;

import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.resource.Collection;
import cloud.lastmile.network.resource.Errors;
import cloud.lastmile.network.resource.Noun;
import cloud.lastmile.network.resource.Values;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2.0/security-groups}. */
final class SecurityGroupRoutes {
  static final PolicyRule GET = PolicyRule.reader("get_security_group");
  private static final PolicyRule CREATE = PolicyRule.member("create_security_group");
  private static final PolicyRule UPDATE = PolicyRule.member("update_security_group");
  private static final PolicyRule DELETE = PolicyRule.member("delete_security_group");

  private final Collection collection;
  private final Writes writes;

  SecurityGroupRoutes(Collection collection, Writes writes) {
    this.collection = collection;
    this.writes = writes;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v2.0/security-groups", GET, this::list),
        Route.post("/v2.0/security-groups", CREATE, this::create).enforcedByHandler(),
        Route.get("/v2.0/security-groups/{id}", GET, collection::show).enforcedByHandler(),
        Route.put("/v2.0/security-groups/{id}", UPDATE, this::update).enforcedByHandler(),
        Route.delete("/v2.0/security-groups/{id}", DELETE, this::delete).enforcedByHandler());
  }

  /** A project that has never had groups finds its default one here. */
  private ApiResponse list(ApiRequest request) {
    request.caller().projectId().ifPresent(project -> writes.ensureDefaultGroup(request, project));
    return collection.list(request);
  }

  private ApiResponse create(ApiRequest request) {
    List<Collection.Create> creates = collection.creates(request);
    for (Collection.Create create : creates) {
      collection.enforceCreate(request, create, Map.of());
    }
    writes.requireRoom(SecurityGroupNoun.NOUN, creates);
    List<ObjectNode> made =
        writes.run(
            request,
            write -> {
              List<ObjectNode> rows = new ArrayList<>();
              for (Collection.Create create : creates) {
                SecurityGroupStore.defaultGroup(write, create.projectId());
              }
              for (Collection.Create create : creates) {
                rows.add(insert(write, create.projectId(), create.values()));
              }
              return rows;
            });
    return collection.created(request, made);
  }

  private static ObjectNode insert(Write write, String projectId, Values values) {
    UUID id = UUID.randomUUID();
    SecurityGroupStore.insert(
        write.handle(),
        id,
        projectId,
        values.text("name"),
        values.text("description"),
        values.bool("stateful"),
        false);
    SecurityGroupStore.insertRules(
        write.handle(), SecurityGroupStore.initialRules(id, projectId, false));
    ObjectNode row = SecurityGroupNoun.NOUN.get(write.handle(), id);
    write.touch(EngineKey.group(id));
    write.count(projectId, "security_group", 1);
    write.count(projectId, "security_group_rule", 2);
    write.event("network.security_group.create", id, projectId, row);
    return row;
  }

  private ApiResponse update(ApiRequest request) {
    ObjectNode before = collection.enforced(request);
    Values values = collection.update(request, before);
    UUID id = UUID.fromString(before.path("id").asString());
    if (before.path("_is_default").asBoolean() && values.isGiven("name")) {
      throw Errors.conflict(
          "SecurityGroupCannotUpdateDefault", "Updating default security group not allowed.");
    }
    ObjectNode after =
        writes.run(
            request,
            write -> {
              SecurityGroupStore.update(write.handle(), id, values);
              ObjectNode row = SecurityGroupNoun.NOUN.get(write.handle(), id);
              write.touch(EngineKey.group(id));
              write.event(
                  "network.security_group.update", id, row.path("project_id").asString(), row);
              return row;
            });
    return collection.answer(request, 200, after);
  }

  private ApiResponse delete(ApiRequest request) {
    ObjectNode before = collection.enforced(request);
    UUID id = UUID.fromString(before.path("id").asString());
    if (before.path("_is_default").asBoolean() && !request.allows(Noun.CONTEXT_IS_ADMIN)) {
      throw Errors.conflict(
          "SecurityGroupCannotRemoveDefault",
          "Insufficient rights for removing default security group.");
    }
    writes.run(
        request,
        write -> {
          SecurityGroupStore.delete(write, id);
          return Optional.empty();
        });
    return ApiResponse.empty(204);
  }
}
