package cloud.lastmile.identity.policy;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.catalog.CatalogStore;
import cloud.lastmile.identity.catalog.Endpoint;
import cloud.lastmile.identity.catalog.EndpointRoutes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/** {@code OS-ENDPOINT-POLICY}: which policy is for which endpoints. */
public final class PolicyAssociationRoutes {
  private static final String PREFIX = "/v3/policies/{policy_id}/OS-ENDPOINT-POLICY";
  private static final String OF_POLICY = PREFIX + "/endpoints";
  private static final String OF_ENDPOINT = "/v3/endpoints/{endpoint_id}/OS-ENDPOINT-POLICY/policy";

  private final Database database;
  private final Changes changes;

  public PolicyAssociationRoutes(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  public List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    routes.add(
        Route.get(OF_POLICY, Rules.systemReader("list_endpoints_for_policy"), this::endpoints));
    routes.add(Route.get(OF_ENDPOINT, Rules.systemReader("get_policy_for_endpoint"), this::policy));
    routes.addAll(
        associations(
            "/endpoints/{endpoint_id}",
            "endpoint",
            request -> PolicyTarget.endpoint(request.path("endpoint_id"))));
    routes.addAll(
        associations(
            "/services/{service_id}",
            "service",
            request -> PolicyTarget.service(request.path("service_id"), null)));
    routes.addAll(
        associations(
            "/services/{service_id}/regions/{region_id}",
            "region_and_service",
            request ->
                PolicyTarget.service(request.path("service_id"), request.path("region_id"))));
    return routes;
  }

  private List<Route> associations(
      String path, String kind, Function<ApiRequest, PolicyTarget> target) {
    String rule = "_policy_association_for_" + kind;
    return List.of(
        Route.get(
            PREFIX + path,
            Rules.systemReader("check" + rule),
            request -> check(request, target.apply(request))),
        Route.put(
            PREFIX + path,
            Rules.admin("create" + rule),
            request -> create(request, target.apply(request))),
        Route.delete(
            PREFIX + path,
            Rules.admin("delete" + rule),
            request -> delete(request, target.apply(request))));
  }

  private ApiResponse check(ApiRequest request, PolicyTarget target) {
    String policyId = request.path("policy_id");
    boolean found =
        database.read(handle -> {
          require(handle, policyId, target);
          return PolicyStore.associated(handle, policyId, target);
        });
    if (!found) {
      throw missing();
    }
    return ApiResponse.empty(204);
  }

  private ApiResponse create(ApiRequest request, PolicyTarget target) {
    String policyId = request.path("policy_id");
    changes
        .by(request.context())
        .change((handle, touched) -> {
          require(handle, policyId, target);
          // Two at once for one target would both find nothing to replace.
          handle.execute("LOCK TABLE identity.policy_association IN SHARE ROW EXCLUSIVE MODE");
          PolicyStore.associate(handle, policyId, target);
          touched.event("policy_association", policyId, "created");
        });
    return ApiResponse.empty(204);
  }

  private ApiResponse delete(ApiRequest request, PolicyTarget target) {
    String policyId = request.path("policy_id");
    changes
        .by(request.context())
        .change((handle, touched) -> {
          require(handle, policyId, target);
          if (!PolicyStore.dissociate(handle, policyId, target)) {
            throw missing();
          }
          touched.event("policy_association", policyId, "deleted");
        });
    return ApiResponse.empty(204);
  }

  private ApiResponse endpoints(ApiRequest request) {
    String policyId = request.path("policy_id");
    ListPage<Endpoint> page =
        database.read(handle -> {
          requireFound(PolicyStore.find(handle, policyId), "policy", policyId);
          return CatalogStore.endpoints(handle, request.query(), PolicyStore.endpoints(policyId));
        });
    return EndpointRoutes.page(request, page);
  }

  private ApiResponse policy(ApiRequest request) {
    String endpointId = request.path("endpoint_id");
    PolicyDocument policy =
        database
            .read(handle -> {
              requireFound(CatalogStore.findEndpoint(handle, endpointId), "endpoint", endpointId);
              return PolicyStore.ofEndpoint(handle, endpointId);
            })
            .orElseThrow(() ->
                ApiException.notFound("No policy is associated with endpoint " + endpointId + "."));
    return Views.member(200, "policy", PolicyRoutes.view(request, policy));
  }

  private static void require(Handle handle, String policyId, PolicyTarget target) {
    requireFound(PolicyStore.find(handle, policyId), "policy", policyId);
    String endpointId = target.endpointId();
    if (endpointId != null) {
      requireFound(CatalogStore.findEndpoint(handle, endpointId), "endpoint", endpointId);
    }
    String serviceId = target.serviceId();
    if (serviceId != null) {
      requireFound(CatalogStore.findService(handle, serviceId), "service", serviceId);
    }
    String regionId = target.regionId();
    if (regionId != null) {
      requireFound(CatalogStore.findRegion(handle, regionId), "region", regionId);
    }
  }

  private static void requireFound(Optional<?> found, String noun, String id) {
    if (found.isEmpty()) {
      throw Faults.notFound(noun, id);
    }
  }

  private static ApiException missing() {
    return ApiException.notFound("Could not find policy association.");
  }
}
