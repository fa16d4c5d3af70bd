package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.federation.mapping.MappingStore;
import cloud.lastmile.identity.user.FederatedIdentities;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.time.InstantSource;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols}. */
final class ProtocolRoutes {
  private static final String ALL = ProviderRoutes.ONE + "/protocols";
  static final String ONE = ALL + "/{protocol_id}";
  private static final int MAX_ATTRIBUTE = 64;

  private final Database database;
  private final Changes changes;
  private final InstantSource clock;

  ProtocolRoutes(Database database, Changes changes, InstantSource clock) {
    this.database = database;
    this.changes = changes;
    this.clock = clock;
  }

  List<Route> routes() {
    return List.of(
        Route.get(ALL, Rules.systemReader("list_protocols"), this::list),
        Route.put(ONE, Rules.admin("create_protocol"), this::create),
        Route.get(ONE, Rules.systemReader("get_protocol"), this::show),
        Route.patch(ONE, Rules.admin("update_protocol"), this::update),
        Route.delete(ONE, Rules.admin("delete_protocol"), this::delete));
  }

  private static ObjectNode view(ApiRequest request, FederationProtocol protocol) {
    ObjectNode view = Json.object();
    view.put("id", protocol.id());
    view.put("mapping_id", protocol.mappingId());
    if (protocol.remoteIdAttribute() != null) {
      view.put("remote_id_attribute", protocol.remoteIdAttribute());
    }
    String provider = ProviderRoutes.link(request, protocol.providerId());
    view.putObject("links")
        .put("self", provider + "/protocols/" + protocol.id())
        .put("identity_provider", provider);
    return view;
  }

  /** Lists say more, as in the reference. */
  private static ObjectNode listed(ApiRequest request, FederationProtocol protocol) {
    return view(request, protocol)
        .put("idp_id", protocol.providerId())
        .put("remote_id_attribute", protocol.remoteIdAttribute());
  }

  static ApiException missing(String providerId, String id) {
    return ApiException.notFound(
        "Could not find federated protocol " + id + " for Identity Provider: " + providerId + ".");
  }

  private ApiResponse list(ApiRequest request) {
    ListPage<FederationProtocol> page =
        database.read(
            handle -> ProtocolStore.list(handle, request.query(), request.path("idp_id")));
    List<ObjectNode> views =
        page.rows().stream().map(protocol -> listed(request, protocol)).toList();
    return ApiResponse.ok(Views.collectionBody(request, "protocols", views, page.hasMore()));
  }

  private ApiResponse create(ApiRequest request) {
    String providerId = request.path("idp_id");
    FederationProtocol protocol =
        parse(request, FederationIds.require(request.path("protocol_id")), null);
    Faults.unique(
        "federation_protocol_pkey",
        () ->
            changes
                .by(request.context())
                .transact((handle, touched) -> {
                  if (ProviderStore.lock(handle, providerId).isEmpty()) {
                    throw ProviderRoutes.missing(providerId);
                  }
                  requireMapping(handle, protocol.mappingId());
                  ProtocolStore.insert(handle, protocol, Timestamps.truncate(clock.instant()));
                  touched.target(providerId);
                  touched.event("federation_protocol", protocol.id(), "created");
                  return protocol;
                }),
        () -> Faults.conflict("federation_protocol", "Duplicate entry"));
    return Views.member(201, "protocol", view(request, protocol));
  }

  private static FederationProtocol parse(
      ApiRequest request, String id, @Nullable String oldAttribute) {
    Fields fields = request.body().object("protocol");
    FederationProtocol protocol =
        new FederationProtocol(
            request.path("idp_id"),
            id,
            fields.string("mapping_id", 1, 64),
            fields.has("remote_id_attribute")
                ? Attributes.text(fields, "remote_id_attribute", MAX_ATTRIBUTE).orElse(null)
                : oldAttribute);
    fields.rejectUnknown();
    return protocol;
  }

  private static void requireMapping(Handle handle, String mappingId) {
    if (MappingStore.find(handle, mappingId).isEmpty()) {
      throw ApiException.badRequest("Invalid mapping id: " + mappingId);
    }
  }

  private ApiResponse show(ApiRequest request) {
    String providerId = request.path("idp_id");
    String id = request.path("protocol_id");
    FederationProtocol protocol =
        database
            .read(handle -> ProtocolStore.find(handle, providerId, id))
            .orElseThrow(() -> missing(providerId, id));
    return Views.member(200, "protocol", view(request, protocol));
  }

  private ApiResponse update(ApiRequest request) {
    String providerId = request.path("idp_id");
    String id = request.path("protocol_id");
    FederationProtocol changed =
        changes
            .by(request.context())
            .transact((handle, touched) -> {
              FederationProtocol old =
                  ProtocolStore.find(handle, providerId, id)
                      .orElseThrow(() -> missing(providerId, id));
              FederationProtocol updated = parse(request, id, old.remoteIdAttribute());
              requireMapping(handle, updated.mappingId());
              ProtocolStore.update(handle, updated);
              touched.event("federation_protocol", id, "updated");
              return updated;
            });
    return Views.member(200, "protocol", view(request, changed));
  }

  private ApiResponse delete(ApiRequest request) {
    String providerId = request.path("idp_id");
    String id = request.path("protocol_id");
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!ProtocolStore.delete(handle, providerId, id)) {
            throw missing(providerId, id);
          }
          FederatedIdentities.deleteOrphans(handle).forEach(touched::user);
          touched.target(providerId);
          touched.event("federation_protocol", id, "deleted");
        });
    return ApiResponse.empty(204);
  }
}
