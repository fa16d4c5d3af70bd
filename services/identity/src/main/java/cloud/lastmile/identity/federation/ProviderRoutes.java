package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.access.Touched;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.resource.Project;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.identity.user.FederatedIdentities;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/OS-FEDERATION/identity_providers}. */
final class ProviderRoutes {
  static final String ALL = "/v3/OS-FEDERATION/identity_providers";
  static final String ONE = ALL + "/{idp_id}";
  private static final int MAX_REMOTE_ID = 255;
  private static final int MAX_DESCRIPTION = 65_535;

  private final Database database;
  private final Changes changes;
  private final InstantSource clock;

  ProviderRoutes(Database database, Changes changes, InstantSource clock) {
    this.database = database;
    this.changes = changes;
    this.clock = clock;
  }

  List<Route> routes() {
    return List.of(
        Route.get(ALL, Rules.systemReader("list_identity_providers"), this::list),
        Route.put(ONE, Rules.admin("create_identity_provider"), this::create),
        Route.get(ONE, Rules.systemReader("get_identity_provider"), this::show),
        Route.patch(ONE, Rules.admin("update_identity_provider"), this::update),
        Route.delete(ONE, Rules.admin("delete_identity_provider"), this::delete));
  }

  private static ObjectNode view(ApiRequest request, IdentityProvider provider) {
    ObjectNode view = Json.object();
    view.put("id", provider.id());
    view.put("domain_id", provider.domainId());
    view.put("enabled", provider.enabled());
    view.put("description", provider.description());
    view.set("remote_ids", Json.strings(provider.remoteIds()));
    view.put("authorization_ttl", provider.authorizationTtl());
    String self = link(request, provider.id());
    view.putObject("links").put("self", self).put("protocols", self + "/protocols");
    return view;
  }

  /** Where a provider is found. */
  static String link(ApiRequest request, String providerId) {
    return Views.root(request) + "/OS-FEDERATION/identity_providers/" + providerId;
  }

  static ApiException missing(String id) {
    return Faults.notFound("Identity Provider", id);
  }

  private ApiResponse list(ApiRequest request) {
    ListPage<IdentityProvider> page =
        database.read(handle -> ProviderStore.list(handle, request.query()));
    List<ObjectNode> views = page.rows().stream().map(provider -> view(request, provider)).toList();
    return ApiResponse.ok(
        Views.collectionBody(request, "identity_providers", views, page.hasMore()));
  }

  private ApiResponse create(ApiRequest request) {
    String id = FederationIds.require(request.path("idp_id"));
    Fields fields = request.body().object("identity_provider");
    Optional<String> domainId = Attributes.id(fields, "domain_id");
    IdentityProvider provider = parse(fields, id, domainId.orElseGet(Ids::hex), null);
    unique(
        () ->
            changes
                .by(request.context())
                .transact((handle, touched) -> {
                  if (domainId.isPresent()) {
                    ProjectStore.requireDomain(handle, domainId.get());
                  } else {
                    makeDomain(handle, touched, provider);
                  }
                  ProviderStore.insert(handle, provider, Timestamps.truncate(clock.instant()));
                  touched.target(id);
                  touched.event("identity_provider", id, "created");
                  return provider;
                }),
        provider);
    return Views.member(201, "identity_provider", view(request, provider));
  }

  private static void makeDomain(Handle handle, Touched touched, IdentityProvider provider) {
    String id = provider.domainId();
    ProjectStore.insert(
        handle,
        new Project(
            id,
            id,
            null,
            null,
            true,
            "Auto generated federated domain for Identity Provider: " + provider.id(),
            true,
            Json.object(),
            Json.object(),
            List.of()));
    touched.target(id);
    touched.event("domain", id, "created");
  }

  /**
   * @param old what stays where the request says nothing; null for a new provider
   */
  private static IdentityProvider parse(
      Fields fields, String id, String domainId, @Nullable IdentityProvider old) {
    IdentityProvider parsed =
        new IdentityProvider(
            id,
            domainId,
            fields.bool("enabled", old != null && old.enabled()),
            fields.has("description") || old == null
                ? Attributes.text(fields, "description", MAX_DESCRIPTION).orElse(null)
                : old.description(),
            fields.has("authorization_ttl") || old == null
                ? fields
                    .optional("authorization_ttl")
                    .map(value -> (int) value.integer(0, Integer.MAX_VALUE))
                    .orElse(null)
                : old.authorizationTtl(),
            fields.has("remote_ids") || old == null
                ? fields.optional("remote_ids").map(ProviderRoutes::remoteIds).orElse(List.of())
                : old.remoteIds());
    fields.rejectUnknown();
    return parsed;
  }

  private static List<String> remoteIds(Fields.Value value) {
    Set<String> distinct = new LinkedHashSet<>();
    for (Fields.Value remoteId : value.values()) {
      if (!distinct.add(remoteId.text(1, MAX_REMOTE_ID))) {
        throw value.invalid(value.node() + " has non-unique elements");
      }
    }
    return List.copyOf(distinct);
  }

  private ApiResponse show(ApiRequest request) {
    String id = request.path("idp_id");
    IdentityProvider provider =
        database.read(handle -> ProviderStore.find(handle, id)).orElseThrow(() -> missing(id));
    return Views.member(200, "identity_provider", view(request, provider));
  }

  private ApiResponse update(ApiRequest request) {
    String id = request.path("idp_id");
    Fields fields = request.body().object("identity_provider");
    IdentityProvider seen =
        database.read(handle -> ProviderStore.find(handle, id)).orElseThrow(() -> missing(id));
    if (fields.node().isEmpty()) {
      throw ApiException.badRequest("{} does not have enough properties");
    }
    IdentityProvider changed =
        unique(
            () ->
                changes
                    .by(request.context())
                    .transact((handle, touched) -> {
                      IdentityProvider old =
                          ProviderStore.lock(handle, id).orElseThrow(() -> missing(id));
                      IdentityProvider updated = parse(fields, id, old.domainId(), old);
                      ProviderStore.update(handle, updated);
                      if (old.enabled() && !updated.enabled()) {
                        ProviderStore.refuseTokensBefore(
                            handle, id, Timestamps.truncate(clock.instant()));
                      }
                      touched.target(id);
                      touched.event("identity_provider", id, "updated");
                      return updated;
                    }),
            parse(fields, id, seen.domainId(), seen));
    return Views.member(200, "identity_provider", view(request, changed));
  }

  private ApiResponse delete(ApiRequest request) {
    String id = request.path("idp_id");
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!ProviderStore.delete(handle, id)) {
            throw missing(id);
          }
          FederatedIdentities.forgetMemberships(handle, id);
          FederatedIdentities.deleteOrphans(handle).forEach(touched::user);
          touched.target(id);
          touched.event("identity_provider", id, "deleted");
        });
    return ApiResponse.empty(204);
  }

  private static <T> T unique(Supplier<T> write, IdentityProvider provider) {
    return Faults.unique(
        "identity_provider_pkey",
        () ->
            Faults.unique(
                "provider_remote_id_unique",
                write,
                () ->
                    Faults.conflict(
                        "identity_provider", "Duplicate remote ID: " + provider.remoteIds())),
        () -> Faults.conflict("identity_provider", "Duplicate entry: " + provider.id()));
  }
}
