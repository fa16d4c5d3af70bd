package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.federation.mapping.Mapping;
import cloud.lastmile.identity.federation.mapping.MappingRules;
import cloud.lastmile.identity.federation.mapping.MappingStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/OS-FEDERATION/mappings}. */
final class MappingRoutes {
  private static final String ALL = "/v3/OS-FEDERATION/mappings";
  private static final String ONE = ALL + "/{mapping_id}";

  private final Database database;
  private final Changes changes;

  MappingRoutes(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  List<Route> routes() {
    return List.of(
        Route.get(ALL, Rules.systemReader("list_mappings"), this::list),
        Route.put(ONE, Rules.admin("create_mapping"), this::create),
        Route.get(ONE, Rules.systemReader("get_mapping"), this::show),
        Route.patch(ONE, Rules.admin("update_mapping"), this::update),
        Route.delete(ONE, Rules.admin("delete_mapping"), this::delete));
  }

  private static ObjectNode view(ApiRequest request, Mapping mapping) {
    ObjectNode view = Json.object();
    view.put("id", mapping.id());
    view.set("rules", mapping.rules());
    view.put("schema_version", mapping.schemaVersion());
    return Views.linked(request, "OS-FEDERATION/mappings/" + mapping.id(), view);
  }

  private static ApiException missing(String id) {
    return Faults.notFound("mapping", id);
  }

  private ApiResponse list(ApiRequest request) {
    ListPage<Mapping> page = database.read(handle -> MappingStore.list(handle, request.query()));
    List<ObjectNode> views = page.rows().stream().map(mapping -> view(request, mapping)).toList();
    return ApiResponse.ok(Views.collectionBody(request, "mappings", views, page.hasMore()));
  }

  private ApiResponse create(ApiRequest request) {
    String id = FederationIds.require(request.path("mapping_id"));
    Mapping mapping = MappingRules.parse(id, request.body().object("mapping"));
    Faults.unique(
        "mapping_pkey",
        () ->
            changes
                .by(request.context())
                .transact((handle, touched) -> {
                  MappingStore.insert(handle, mapping);
                  touched.event("mapping", id, "created");
                  return mapping;
                }),
        () -> Faults.conflict("mapping", "Duplicate entry"));
    return Views.member(201, "mapping", view(request, mapping));
  }

  private ApiResponse show(ApiRequest request) {
    String id = request.path("mapping_id");
    Mapping mapping =
        database.read(handle -> MappingStore.find(handle, id)).orElseThrow(() -> missing(id));
    return Views.member(200, "mapping", view(request, mapping));
  }

  /** All of the mapping is replaced, as in the reference. */
  private ApiResponse update(ApiRequest request) {
    String id = request.path("mapping_id");
    Mapping mapping = MappingRules.parse(id, request.body().object("mapping"));
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!MappingStore.update(handle, mapping)) {
            throw missing(id);
          }
          touched.event("mapping", id, "updated");
        });
    return Views.member(200, "mapping", view(request, mapping));
  }

  private ApiResponse delete(ApiRequest request) {
    String id = request.path("mapping_id");
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!MappingStore.delete(handle, id)) {
            throw missing(id);
          }
          touched.event("mapping", id, "deleted");
        });
    return ApiResponse.empty(204);
  }
}
