package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/OS-FEDERATION/service_providers}. */
final class ServiceProviderRoutes {
  private static final String ALL = "/v3/OS-FEDERATION/service_providers";
  private static final String ONE = ALL + "/{service_provider_id}";
  private static final String USUAL_PREFIX = "ss:mem:";
  private static final int MAX_URL = 225;
  private static final int MAX_DESCRIPTION = 65_535;

  private final Database database;
  private final Changes changes;

  ServiceProviderRoutes(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  List<Route> routes() {
    return List.of(
        Route.get(ALL, Rules.systemReader("list_service_providers"), this::list),
        Route.put(ONE, Rules.admin("create_service_provider"), this::create),
        Route.get(ONE, Rules.systemReader("get_service_provider"), this::show),
        Route.patch(ONE, Rules.admin("update_service_provider"), this::update),
        Route.delete(ONE, Rules.admin("delete_service_provider"), this::delete));
  }

  private static ObjectNode view(ApiRequest request, ServiceProvider provider) {
    ObjectNode view = Json.object();
    view.put("id", provider.id());
    view.put("auth_url", provider.authUrl());
    view.put("sp_url", provider.spUrl());
    view.put("enabled", provider.enabled());
    view.put("description", provider.description());
    view.put("relay_state_prefix", provider.relayStatePrefix());
    return Views.linked(request, "OS-FEDERATION/service_providers/" + provider.id(), view);
  }

  private static ApiException missing(String id) {
    return Faults.notFound("Service Provider", id);
  }

  private ApiResponse list(ApiRequest request) {
    ListPage<ServiceProvider> page =
        database.read(handle -> ServiceProviderStore.list(handle, request.query()));
    List<ObjectNode> views = page.rows().stream().map(provider -> view(request, provider)).toList();
    return ApiResponse.ok(
        Views.collectionBody(request, "service_providers", views, page.hasMore()));
  }

  private ApiResponse create(ApiRequest request) {
    String id = FederationIds.require(request.path("service_provider_id"));
    Fields fields = request.body().object("service_provider");
    fields.required("auth_url");
    fields.required("sp_url");
    ServiceProvider provider =
        parse(fields, new ServiceProvider(id, false, null, "", "", USUAL_PREFIX));
    Faults.unique(
        "service_provider_pkey",
        () ->
            changes
                .by(request.context())
                .transact((handle, touched) -> {
                  ServiceProviderStore.insert(handle, provider);
                  touched.catalog();
                  touched.event("service_provider", id, "created");
                  return provider;
                }),
        () -> Faults.conflict("service_provider", "Duplicate entry"));
    return Views.member(201, "service_provider", view(request, provider));
  }

  private static ServiceProvider parse(Fields fields, ServiceProvider old) {
    ServiceProvider parsed =
        new ServiceProvider(
            old.id(),
            fields.bool("enabled", old.enabled()),
            fields.has("description") ? description(fields) : old.description(),
            url(fields, "auth_url", old.authUrl()),
            url(fields, "sp_url", old.spUrl()),
            Attributes.text(fields, "relay_state_prefix", 256).orElse(old.relayStatePrefix()));
    fields.rejectUnknown();
    return parsed;
  }

  private static @Nullable String description(Fields fields) {
    return Attributes.text(fields, "description", MAX_DESCRIPTION).orElse(null);
  }

  private static String url(Fields fields, String name, String old) {
    if (!fields.has(name)) {
      return old;
    }
    String url = fields.string(name, 0, MAX_URL);
    if (!url.matches("[a-zA-Z0-9+.-]+:.+")) {
      throw fields.invalid(name, "'" + url + "' does not match '^[a-zA-Z0-9+.-]+:.+'");
    }
    return url;
  }

  private ApiResponse show(ApiRequest request) {
    String id = request.path("service_provider_id");
    ServiceProvider provider =
        database
            .read(handle -> ServiceProviderStore.find(handle, id))
            .orElseThrow(() -> missing(id));
    return Views.member(200, "service_provider", view(request, provider));
  }

  private ApiResponse update(ApiRequest request) {
    String id = request.path("service_provider_id");
    Fields fields = request.body().object("service_provider");
    if (fields.node().isEmpty()) {
      throw ApiException.badRequest("{} does not have enough properties");
    }
    ServiceProvider changed =
        changes
            .by(request.context())
            .transact((handle, touched) -> {
              ServiceProvider old =
                  ServiceProviderStore.find(handle, id).orElseThrow(() -> missing(id));
              ServiceProvider updated = parse(fields, old);
              ServiceProviderStore.update(handle, updated);
              touched.catalog();
              touched.event("service_provider", id, "updated");
              return updated;
            });
    return Views.member(200, "service_provider", view(request, changed));
  }

  private ApiResponse delete(ApiRequest request) {
    String id = request.path("service_provider_id");
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!ServiceProviderStore.delete(handle, id)) {
            throw missing(id);
          }
          touched.catalog();
          touched.event("service_provider", id, "deleted");
        });
    return ApiResponse.empty(204);
  }
}
