package cloud.lastmile.identity.catalog;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.UnifiedLimits;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/services}. */
public final class ServiceRoutes {
  private static final Set<String> KNOWN =
      Set.of("id", "type", "name", "description", "enabled", "links");

  private final Database database;
  private final Changes changes;

  public ServiceRoutes(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v3/services", Rules.systemReader("list_services"), this::list),
        Route.post("/v3/services", Rules.admin("create_service"), this::create),
        Route.get("/v3/services/{service_id}", Rules.systemReader("get_service"), this::show),
        Route.patch("/v3/services/{service_id}", Rules.admin("update_service"), this::update),
        Route.delete("/v3/services/{service_id}", Rules.admin("delete_service"), this::delete));
  }

  private static ObjectNode view(ApiRequest request, Service service) {
    ObjectNode view = Json.object();
    view.setAll(service.extra());
    view.put("id", service.id());
    view.put("type", service.type());
    view.put("enabled", service.enabled());
    if (service.name() != null) {
      view.put("name", service.name());
    }
    if (service.description() != null) {
      view.put("description", service.description());
    }
    return Views.linked(request, "services/" + service.id(), view);
  }

  private ApiResponse list(ApiRequest request) {
    ListPage<Service> page =
        database.read(handle -> CatalogStore.services(handle, request.query()));
    List<ObjectNode> views = page.rows().stream().map(service -> view(request, service)).toList();
    return ApiResponse.ok(Views.collectionBody(request, "services", views, page.hasMore()));
  }

  private ApiResponse create(ApiRequest request) {
    Fields fields = request.body().object("service");
    Service service =
        new Service(
            Ids.hex(),
            fields.string("type", 1, 255),
            Attributes.text(fields, "name", 255).orElse(null),
            Attributes.text(fields, "description", 65_535).orElse(null),
            fields.bool("enabled", true),
            Attributes.extra(fields, KNOWN));
    changes
        .by(request.context())
        .change((handle, touched) -> {
          CatalogStore.put(handle, service);
          touched.catalog();
          touched.event("service", service.id(), "created");
        });
    return Views.member(201, "service", view(request, service));
  }

  private ApiResponse show(ApiRequest request) {
    return Views.member(200, "service", view(request, existing(request)));
  }

  private ApiResponse update(ApiRequest request) {
    Service seen = existing(request);
    Fields fields = request.body().object("service");
    Attributes.requireSameId(fields, seen.id());
    Service changed =
        changes
            .by(request.context())
            .transact((handle, touched) -> {
              Service old =
                  CatalogStore.findService(handle, seen.id())
                      .orElseThrow(() -> Faults.notFound("service", seen.id()));
              Service updated =
                  new Service(
                      old.id(),
                      fields.has("type") ? fields.string("type", 1, 255) : old.type(),
                      Attributes.text(fields, "name", 255).orElse(old.name()),
                      Attributes.text(fields, "description", 65_535).orElse(old.description()),
                      fields.bool("enabled", old.enabled()),
                      Attributes.merged(old.extra(), Attributes.extra(fields, KNOWN)));
              CatalogStore.put(handle, updated);
              UnifiedLimits.retype(handle, updated.id(), updated.type());
              touched.catalog();
              touched.event("service", updated.id(), "updated");
              return updated;
            });
    return Views.member(200, "service", view(request, changed));
  }

  private ApiResponse delete(ApiRequest request) {
    String id = request.path("service_id");
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!CatalogStore.deleteService(handle, id)) {
            throw Faults.notFound("service", id);
          }
          UnifiedLimits.deleteOfService(handle, id);
          touched.catalog();
          touched.event("service", id, "deleted");
        });
    return ApiResponse.empty(204);
  }

  private Service existing(ApiRequest request) {
    String id = request.path("service_id");
    return database
        .read(handle -> CatalogStore.findService(handle, id))
        .orElseThrow(() -> Faults.notFound("service", id));
  }
}
