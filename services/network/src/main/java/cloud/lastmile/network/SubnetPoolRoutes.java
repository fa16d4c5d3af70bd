package cloud.lastmile.network;

import cloud.lastmile.network.resource.Collection;
import cloud.lastmile.network.resource.Values;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2.0/subnetpools}. */
final class SubnetPoolRoutes {
  static final PolicyRule GET =
      new PolicyRule(
          "get_subnetpool", PolicyRule.ADMIN_OR_PROJECT_READER + " or " + NetworkRoutes.SHARED);
  private static final PolicyRule CREATE = PolicyRule.member("create_subnetpool");
  private static final PolicyRule UPDATE = PolicyRule.member("update_subnetpool");
  private static final PolicyRule DELETE = PolicyRule.member("delete_subnetpool");

  private final Collection collection;
  private final Writes writes;

  SubnetPoolRoutes(Collection collection, Writes writes) {
    this.collection = collection;
    this.writes = writes;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v2.0/subnetpools", GET, collection::list),
        Route.post("/v2.0/subnetpools", CREATE, this::create).enforcedByHandler(),
        Route.get("/v2.0/subnetpools/{id}", GET, collection::show).enforcedByHandler(),
        Route.put("/v2.0/subnetpools/{id}", UPDATE, this::update).enforcedByHandler(),
        Route.delete("/v2.0/subnetpools/{id}", DELETE, this::delete).enforcedByHandler());
  }

  private ApiResponse create(ApiRequest request) {
    List<Collection.Create> creates = collection.creates(request);
    for (Collection.Create create : creates) {
      collection.enforceCreate(request, create, Map.of());
    }
    writes.requireRoom(SubnetPoolNoun.NOUN, creates);
    return collection.created(
        request, writes.insert(request, creates, (write, create) -> insert(write, create)));
  }

  private static ObjectNode insert(Write write, Collection.Create create) {
    UUID id = UUID.randomUUID();
    String project = create.projectId();
    SubnetPool pool = SubnetPool.of(id, create.values());
    SubnetPoolStore.insert(write.handle(), project, create.values(), pool);
    ObjectNode row = SubnetPoolNoun.NOUN.get(write.handle(), id);
    write.count(project, "subnetpool", 1);
    write.event("network.subnetpool.create", id, project, row);
    return row;
  }

  private ApiResponse update(ApiRequest request) {
    ObjectNode before = collection.enforced(request);
    Values values = collection.update(request, before);
    UUID id = UUID.fromString(before.path("id").asString());
    ObjectNode after =
        writes.run(
            request,
            write -> {
              SubnetPool pool =
                  SubnetPoolStore.lock(write.handle(), id, Optional.empty())
                      .orElseThrow(() -> SubnetPoolNoun.NOUN.missing(id.toString()));
              SubnetPoolStore.update(write.handle(), values, pool.with(values));
              ObjectNode row = SubnetPoolNoun.NOUN.get(write.handle(), id);
              write.event("network.subnetpool.update", id, row.path("project_id").asString(), row);
              return row;
            });
    return collection.answer(request, 200, after);
  }

  private ApiResponse delete(ApiRequest request) {
    ObjectNode before = collection.enforced(request);
    writes.run(
        request,
        write -> {
          SubnetPoolStore.delete(write, before);
          return Optional.empty();
        });
    return ApiResponse.empty(204);
  }
}
