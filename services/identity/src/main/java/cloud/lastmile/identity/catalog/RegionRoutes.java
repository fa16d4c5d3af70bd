package cloud.lastmile.identity.catalog;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/regions}. */
public final class RegionRoutes {
  private static final Set<String> KNOWN = Set.of("id", "parent_region_id", "description", "links");

  private final Database database;
  private final Changes changes;

  public RegionRoutes(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  public List<Route> routes() {
    String one = "/v3/regions/{region_id}";
    return List.of(
        Route.get("/v3/regions", Rules.everyone("list_regions"), this::list),
        Route.post("/v3/regions", Rules.admin("create_region"), this::create),
        Route.get(one, Rules.everyone("get_region"), this::show),
        Route.put(one, Rules.admin("create_region"), this::createWithId),
        Route.patch(one, Rules.admin("update_region"), this::update),
        Route.delete(one, Rules.admin("delete_region"), this::delete));
  }

  private static ObjectNode view(ApiRequest request, Region region) {
    ObjectNode view = Json.object();
    view.setAll(region.extra());
    view.put("id", region.id());
    view.put("description", region.description());
    view.put("parent_region_id", region.parentId());
    return Views.linked(request, "regions/" + region.id(), view);
  }

  private ApiResponse list(ApiRequest request) {
    ListPage<Region> page = database.read(handle -> CatalogStore.regions(handle, request.query()));
    List<ObjectNode> views = page.rows().stream().map(region -> view(request, region)).toList();
    return ApiResponse.ok(Views.collectionBody(request, "regions", views, page.hasMore()));
  }

  private ApiResponse create(ApiRequest request) {
    Fields fields = request.body().object("region");
    Optional<String> id = Attributes.text(fields, "id", 255).filter(text -> !text.isEmpty());
    return insert(request, fields, id.orElseGet(Ids::hex));
  }

  private ApiResponse createWithId(ApiRequest request) {
    Fields fields = request.body().object("region");
    String id = request.path("region_id");
    Optional<String> given = Attributes.text(fields, "id", 255);
    if (given.isPresent() && !given.get().equals(id)) {
      throw ApiException.badRequest(
          "Conflicting region IDs specified: \"" + id + "\" != \"" + given.get() + "\"");
    }
    return insert(request, fields, id);
  }

  private ApiResponse insert(ApiRequest request, Fields fields, String id) {
    Region region =
        new Region(
            id,
            Attributes.text(fields, "parent_region_id", 255).orElse(null),
            Attributes.text(fields, "description", 255).orElse(""),
            Attributes.extra(fields, KNOWN));
    changes
        .by(request.context())
        .change((handle, touched) -> {
          lock(handle);
          if (CatalogStore.findRegion(handle, id).isPresent()) {
            throw Faults.conflict("region", "Duplicate ID, " + id);
          }
          requireParent(handle, region.parentId());
          CatalogStore.put(handle, region);
          touched.catalog();
          touched.event("region", id, "created");
        });
    return Views.member(201, "region", view(request, region));
  }

  /** Regions are few and rarely change; one writer at a time keeps their trees trees. */
  private static void lock(Handle handle) {
    handle.execute("LOCK TABLE identity.region IN SHARE ROW EXCLUSIVE MODE");
  }

  private static void requireParent(Handle handle, @Nullable String parentId) {
    if (parentId != null && CatalogStore.findRegion(handle, parentId).isEmpty()) {
      throw Faults.notFound("region", parentId);
    }
  }

  private ApiResponse show(ApiRequest request) {
    return Views.member(200, "region", view(request, existing(request)));
  }

  private ApiResponse update(ApiRequest request) {
    Region seen = existing(request);
    Fields fields = request.body().object("region");
    Attributes.requireSameId(fields, seen.id());
    Region changed =
        changes
            .by(request.context())
            .transact((handle, touched) -> {
              lock(handle);
              Region old =
                  CatalogStore.findRegion(handle, seen.id())
                      .orElseThrow(() -> Faults.notFound("region", seen.id()));
              Region updated =
                  new Region(
                      old.id(),
                      fields.isNull("parent_region_id")
                          ? null
                          : Attributes.text(fields, "parent_region_id", 255).orElse(old.parentId()),
                      fields.has("description")
                          ? Attributes.text(fields, "description", 255).orElse("")
                          : old.description(),
                      Attributes.merged(old.extra(), Attributes.extra(fields, KNOWN)));
              requireParent(handle, updated.parentId());
              requireTree(handle, updated);
              CatalogStore.put(handle, updated);
              touched.catalog();
              touched.event("region", updated.id(), "updated");
              return updated;
            });
    return Views.member(200, "region", view(request, changed));
  }

  private static void requireTree(Handle handle, Region region) {
    String parentId = region.parentId();
    if (parentId != null && CatalogStore.isAbove(handle, region.id(), parentId)) {
      throw ApiException.badRequest(
          "The specified parent region " + parentId + " would create a circular region hierarchy.");
    }
  }

  private ApiResponse delete(ApiRequest request) {
    String id = request.path("region_id");
    Faults.unique(
        "endpoint_region_id_fkey",
        () ->
            changes
                .by(request.context())
                .transact((handle, touched) -> {
                  if (CatalogStore.deleteRegionTree(handle, id) == 0) {
                    throw Faults.notFound("region", id);
                  }
                  touched.catalog();
                  touched.event("region", id, "deleted");
                  return id;
                }),
        () ->
            ApiException.of(
                Kind.FORBIDDEN,
                "Unable to delete region "
                    + id
                    + " because it or its child regions have associated endpoints."));
    return ApiResponse.empty(204);
  }

  private Region existing(ApiRequest request) {
    String id = request.path("region_id");
    return database
        .read(handle -> CatalogStore.findRegion(handle, id))
        .orElseThrow(() -> Faults.notFound("region", id));
  }
}
