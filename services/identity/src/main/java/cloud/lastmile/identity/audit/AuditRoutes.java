package cloud.lastmile.identity.audit;

import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.work.Event;
import cloud.lastmile.platform.work.Events;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lastmile's own {@code /v3/lastmile/events}: the outbox of all services, newest first, kept for
 * seven days. For administrators. Identity's payloads are CADF events.
 */
public final class AuditRoutes {
  private static final int PAGE = 1_000;

  private final Database database;

  public AuditRoutes(Database database) {
    this.database = database;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v3/lastmile/events", Rules.systemReader("lastmile_list_events"), this::list));
  }

  private ApiResponse list(ApiRequest request) {
    ListPage<Event> page =
        database.read(
            handle -> Events.list(handle, request.query(), ListDialect.paged(PAGE).withInexact()));
    List<ObjectNode> views = page.rows().stream().map(AuditRoutes::view).toList();
    return ApiResponse.ok(Views.collectionBody(request, "events", views, page.hasMore()));
  }

  private static ObjectNode view(Event event) {
    ObjectNode view = Json.object();
    view.put("id", Long.toString(event.id()));
    view.put("type", event.type());
    view.put("project_id", event.projectId());
    view.put("resource_type", event.resourceType());
    view.put("resource_id", event.resourceId());
    view.put("request_id", event.requestId());
    view.put("at", Timestamps.micros(event.at()));
    view.set("payload", event.payload());
    return view;
  }
}
