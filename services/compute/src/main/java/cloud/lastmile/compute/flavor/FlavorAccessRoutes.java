package cloud.lastmile.compute.flavor;

import cloud.lastmile.compute.common.ComputeEvents;
import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Which projects may use a private flavor. */
public final class FlavorAccessRoutes {
  private final Database database;
  private final FlavorStore flavors;
  private final ComputeEvents events;

  public FlavorAccessRoutes(Database database, FlavorStore flavors, ComputeEvents events) {
    this.database = database;
    this.flavors = flavors;
    this.events = events;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(
            "/v2.1/flavors/{flavor_id}/os-flavor-access",
            ComputePolicies.FLAVOR_ACCESS,
            this::list),
        Route.post("/v2.1/flavors/{flavor_id}/action", ComputePolicies.FLAVOR_ACCESS_ADD, this::act)
            .enforcedByHandler());
  }

  private ApiResponse list(ApiRequest request) {
    String id = request.path("flavor_id");
    return database.read(handle -> {
      Flavor flavor = flavors.find(handle, id).orElseThrow(() -> FlavorRoutes.notFound(id));
      if (flavor.isPublic()) {
        throw ApiException.notFound("Access list not available for public flavors.");
      }
      return view(flavor, flavors.projects(handle, flavor.number()));
    });
  }

  private ApiResponse act(ApiRequest request) {
    Fields body = request.body();
    boolean remove = body.has("removeTenantAccess");
    String action = remove ? "removeTenantAccess" : "addTenantAccess";
    request.enforce(
        remove ? ComputePolicies.FLAVOR_ACCESS_REMOVE : ComputePolicies.FLAVOR_ACCESS_ADD,
        Map.of());
    Fields fields = body.object(action);
    Fields.Value tenant = fields.required("tenant");
    String project = tenant.text(1, 255);
    if (!project.matches("[a-zA-Z0-9-]*")) {
      throw tenant.invalid("'" + project + "' does not match '^[a-zA-Z0-9-]*$'");
    }
    fields.rejectUnknown();
    body.rejectUnknown();
    return remove ? remove(request, project) : add(request, project);
  }

  private ApiResponse add(ApiRequest request, String project) {
    String id = request.path("flavor_id");
    return database.transact(handle -> {
      Flavor flavor = flavors.find(handle, id).orElseThrow(() -> FlavorRoutes.notFound(id));
      if (flavor.isPublic() && request.atLeast("2.7")) {
        throw ApiException.conflict("Can not add access to a public flavor.");
      }
      if (!flavors.give(handle, flavor.number(), project)) {
        throw ApiException.conflict(
            "Flavor access already exists for flavor "
                + id
                + " and project "
                + project
                + " combination.");
      }
      tell(handle, "create", flavor, project, request);
      return view(flavor, flavors.projects(handle, flavor.number()));
    });
  }

  private ApiResponse remove(ApiRequest request, String project) {
    String id = request.path("flavor_id");
    return database.transact(handle -> {
      Flavor flavor = flavors.find(handle, id).orElseThrow(() -> FlavorRoutes.notFound(id));
      if (!flavors.take(handle, flavor.number(), project)) {
        throw ApiException.notFound(
            "Flavor access not found for " + id + " / " + project + " combination.");
      }
      tell(handle, "delete", flavor, project, request);
      return view(flavor, flavors.projects(handle, flavor.number()));
    });
  }

  private void tell(Handle handle, String what, Flavor flavor, String project, ApiRequest request) {
    events.happened(
        handle,
        "flavor_access",
        what,
        flavor.id(),
        request.context(),
        Json.object().put("project_id", project));
  }

  private static ApiResponse view(Flavor flavor, List<String> projects) {
    ObjectNode body = Json.object();
    ArrayNode access = body.putArray("flavor_access");
    projects.forEach(
        project -> access.addObject().put("flavor_id", flavor.id()).put("tenant_id", project));
    return ApiResponse.ok(body);
  }
}
