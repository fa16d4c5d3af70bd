package cloud.lastmile.identity.catalog;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/OS-EP-FILTER/endpoint_groups}. */
public final class EndpointGroupRoutes {
  private static final String ALL = "/v3/OS-EP-FILTER/endpoint_groups";
  private static final String ONE = ALL + "/{endpoint_group_id}";
  private static final List<String> FILTERS = List.of("service_id", "region_id", "interface");
  private static final Set<String> FACES = Set.of("admin", "internal", "public");

  private final Database database;
  private final Changes changes;

  public EndpointGroupRoutes(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(ALL, Rules.systemReader("list_endpoint_groups"), this::list),
        Route.post(ALL, Rules.admin("create_endpoint_group"), this::create),
        Route.get(ONE, Rules.systemReader("get_endpoint_group"), this::show),
        Route.patch(ONE, Rules.admin("update_endpoint_group"), this::update),
        Route.delete(ONE, Rules.admin("delete_endpoint_group"), this::delete));
  }

  static ObjectNode view(ApiRequest request, EndpointGroup group) {
    ObjectNode view = Json.object();
    view.put("id", group.id());
    view.put("name", group.name());
    view.put("description", group.description());
    view.set("filters", group.filters());
    return Views.linked(request, "OS-EP-FILTER/endpoint_groups/" + group.id(), view);
  }

  static ApiResponse page(ApiRequest request, ListPage<EndpointGroup> page) {
    List<ObjectNode> views = page.rows().stream().map(group -> view(request, group)).toList();
    return ApiResponse.ok(Views.collectionBody(request, "endpoint_groups", views, page.hasMore()));
  }

  private ApiResponse list(ApiRequest request) {
    return page(
        request,
        database.read(
            handle -> EndpointGroupStore.list(handle, request.query(), Condition.of("TRUE"))));
  }

  private ApiResponse create(ApiRequest request) {
    Fields fields = request.body().object("endpoint_group");
    String name = Attributes.name(fields, 255);
    ObjectNode filters = filters(fields);
    if (filters.isEmpty()) {
      throw ApiException.badRequest("filters field is required and cannot be empty");
    }
    EndpointGroup group = new EndpointGroup(Ids.hex(), name, description(fields, null), filters);
    changes
        .by(request.context())
        .change((handle, touched) -> {
          EndpointGroupStore.put(handle, group);
          touched.event("endpoint_group", group.id(), "created");
        });
    return Views.member(201, "endpoint_group", view(request, group));
  }

  private static @Nullable String description(Fields fields, @Nullable String absent) {
    return fields.isNull("description")
        ? null
        : Attributes.text(fields, "description", 65_535).orElse(absent);
  }

  private static ObjectNode filters(Fields fields) {
    if (fields.optional("filters").isEmpty()) {
      return Json.object();
    }
    Fields given = fields.object("filters");
    ObjectNode filters = Json.object();
    for (String name : given.node().propertyNames()) {
      if (!FILTERS.contains(name)) {
        throw Faults.expecting(String.join(" or ", FILTERS), "endpoint_group");
      }
      if (name.equals("region_id") && given.isNull(name)) {
        filters.putNull(name);
      } else {
        filters.put(name, given.string(name, 1, 255));
      }
    }
    if (filters.has("interface") && !FACES.contains(filters.path("interface").asString())) {
      throw given.invalid("interface", "it is not one of ['admin', 'internal', 'public']");
    }
    return filters;
  }

  private ApiResponse show(ApiRequest request) {
    String id = request.path("endpoint_group_id");
    EndpointGroup group =
        database.read(handle -> EndpointGroupStore.find(handle, id)).orElseThrow(() -> missing(id));
    return Views.member(200, "endpoint_group", view(request, group));
  }

  static ApiException missing(String id) {
    return Faults.notFound("Endpoint Group", id);
  }

  private ApiResponse update(ApiRequest request) {
    String id = request.path("endpoint_group_id");
    Fields fields = request.body().object("endpoint_group");
    Attributes.requireSameId(fields, id);
    EndpointGroup changed =
        changes
            .by(request.context())
            .transact((handle, touched) -> {
              EndpointGroup old =
                  EndpointGroupStore.find(handle, id).orElseThrow(() -> missing(id));
              EndpointGroup group =
                  new EndpointGroup(
                      id,
                      Attributes.optionalName(fields, 255).orElse(old.name()),
                      description(fields, old.description()),
                      fields.has("filters") ? filters(fields) : old.filters());
              EndpointGroupStore.put(handle, group);
              touched.catalog();
              touched.event("endpoint_group", id, "updated");
              return group;
            });
    return Views.member(200, "endpoint_group", view(request, changed));
  }

  private ApiResponse delete(ApiRequest request) {
    String id = request.path("endpoint_group_id");
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!EndpointGroupStore.delete(handle, id)) {
            throw missing(id);
          }
          touched.catalog();
          touched.event("endpoint_group", id, "deleted");
        });
    return ApiResponse.empty(204);
  }
}
