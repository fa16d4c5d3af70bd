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
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/endpoints}. */
public final class EndpointRoutes {
  private static final Set<String> KNOWN =
      Set.of("id", "service_id", "region_id", "region", "interface", "url", "enabled", "links");
  private static final List<String> FACES = List.of("admin", "internal", "public");
  private static final Pattern PLACEHOLDER = Pattern.compile("[$%]\\((\\w*)\\)(.?)");
  private static final Set<String> SUBSTITUTED = Set.of("project_id", "tenant_id", "user_id");

  private final Database database;
  private final Changes changes;

  public EndpointRoutes(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  public List<Route> routes() {
    String one = "/v3/endpoints/{endpoint_id}";
    return List.of(
        Route.get("/v3/endpoints", Rules.systemReader("list_endpoints"), this::list),
        Route.post("/v3/endpoints", Rules.admin("create_endpoint"), this::create),
        Route.get(one, Rules.systemReader("get_endpoint"), this::show),
        Route.patch(one, Rules.admin("update_endpoint"), this::update),
        Route.delete(one, Rules.admin("delete_endpoint"), this::delete));
  }

  private static ObjectNode view(ApiRequest request, Endpoint endpoint) {
    ObjectNode view = Json.object();
    view.setAll(endpoint.extra());
    view.put("id", endpoint.id());
    view.put("service_id", endpoint.serviceId());
    view.put("region_id", endpoint.regionId());
    view.put("region", endpoint.regionId());
    view.put("interface", endpoint.face());
    view.put("url", endpoint.url());
    view.put("enabled", endpoint.enabled());
    return Views.linked(request, "endpoints/" + endpoint.id(), view);
  }

  private ApiResponse list(ApiRequest request) {
    Condition all = Condition.of("TRUE");
    return page(
        request, database.read(handle -> CatalogStore.endpoints(handle, request.query(), all)));
  }

  public static ApiResponse page(ApiRequest request, ListPage<Endpoint> page) {
    List<ObjectNode> views = page.rows().stream().map(endpoint -> view(request, endpoint)).toList();
    return ApiResponse.ok(Views.collectionBody(request, "endpoints", views, page.hasMore()));
  }

  private ApiResponse create(ApiRequest request) {
    Fields fields = request.body().object("endpoint");
    String face = face(fields.required("interface"));
    String url = url(fields.required("url"));
    String serviceId = fields.string("service_id", 1, 64);
    boolean enabled = enabled(fields, true);
    ObjectNode extra = Attributes.extra(fields, KNOWN);
    Endpoint endpoint =
        changes
            .by(request.context())
            .transact((handle, touched) -> {
              String regionId = region(handle, fields, null);
              Endpoint made =
                  new Endpoint(Ids.hex(), serviceId, regionId, face, url, enabled, extra);
              put(handle, made);
              touched.catalog();
              touched.event("endpoint", made.id(), "created");
              return made;
            });
    return Views.member(201, "endpoint", view(request, endpoint));
  }

  private static void put(Handle handle, Endpoint endpoint) {
    if (CatalogStore.findService(handle, endpoint.serviceId()).isEmpty()) {
      throw ApiException.badRequest("Could not find service: " + endpoint.serviceId() + ".");
    }
    CatalogStore.put(handle, endpoint);
  }

  /** {@code region_id} must exist; the older {@code region} is made if it does not. */
  private static @Nullable String region(Handle handle, Fields fields, @Nullable String old) {
    Optional<String> id = Attributes.text(fields, "region_id", 255);
    if (id.isPresent()) {
      if (CatalogStore.findRegion(handle, id.get()).isEmpty()) {
        throw ApiException.badRequest("Could not find region: " + id.get() + ".");
      }
      return id.get();
    }
    Optional<String> legacy = Attributes.text(fields, "region", 255);
    if (legacy.isPresent()) {
      if (CatalogStore.findRegion(handle, legacy.get()).isEmpty()) {
        CatalogStore.put(handle, new Region(legacy.get(), null, "", Json.object()));
      }
      return legacy.get();
    }
    return fields.isNull("region_id") ? null : old;
  }

  /** Here, unlike elsewhere, the reference takes no words for booleans. */
  private static boolean enabled(Fields fields, boolean absent) {
    Optional<Fields.Value> value = fields.optional("enabled");
    if (value.isPresent() && value.get().isString()) {
      throw value.get().invalid("'" + value.get().node().asString() + "' is not of type 'boolean'");
    }
    return value.map(Fields.Value::bool).orElse(absent);
  }

  private static String face(Fields.Value value) {
    String face = value.text(1, 255);
    if (!FACES.contains(face)) {
      throw value.invalid("'" + face + "' is not one of ['admin', 'internal', 'public']");
    }
    return face;
  }

  private static String url(Fields.Value value) {
    String url = value.text(0, 225);
    if (!url.matches("(?s)[a-zA-Z0-9+.-]+:.+")) {
      throw value.invalid("'" + url + "' does not match '^[a-zA-Z0-9+.-]+:.+'");
    }
    Matcher matcher = PLACEHOLDER.matcher(url);
    while (matcher.find()) {
      if (!SUBSTITUTED.contains(matcher.group(1)) || !matcher.group(2).equals("s")) {
        throw ApiException.badRequest(
            "Cannot create an endpoint with an invalid URL: " + url + ".");
      }
    }
    return url;
  }

  private ApiResponse show(ApiRequest request) {
    return Views.member(200, "endpoint", view(request, existing(request)));
  }

  private ApiResponse update(ApiRequest request) {
    Endpoint seen = existing(request);
    Fields fields = request.body().object("endpoint");
    Attributes.requireSameId(fields, seen.id());
    Endpoint changed =
        changes
            .by(request.context())
            .transact((handle, touched) -> {
              Endpoint old =
                  CatalogStore.findEndpoint(handle, seen.id())
                      .orElseThrow(() -> Faults.notFound("endpoint", seen.id()));
              Endpoint updated =
                  new Endpoint(
                      old.id(),
                      Attributes.id(fields, "service_id").orElse(old.serviceId()),
                      region(handle, fields, old.regionId()),
                      fields.optional("interface").map(EndpointRoutes::face).orElse(old.face()),
                      fields.optional("url").map(EndpointRoutes::url).orElse(old.url()),
                      enabled(fields, old.enabled()),
                      Attributes.merged(old.extra(), Attributes.extra(fields, KNOWN)));
              put(handle, updated);
              touched.catalog();
              touched.event("endpoint", updated.id(), "updated");
              return updated;
            });
    return Views.member(200, "endpoint", view(request, changed));
  }

  private ApiResponse delete(ApiRequest request) {
    String id = request.path("endpoint_id");
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!CatalogStore.deleteEndpoint(handle, id)) {
            throw Faults.notFound("endpoint", id);
          }
          touched.catalog();
          touched.event("endpoint", id, "deleted");
        });
    return ApiResponse.empty(204);
  }

  private Endpoint existing(ApiRequest request) {
    String id = request.path("endpoint_id");
    return database
        .read(handle -> CatalogStore.findEndpoint(handle, id))
        .orElseThrow(() -> Faults.notFound("endpoint", id));
  }
}
