package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.catalog.Catalog;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.identity.resource.ProjectView;
import cloud.lastmile.identity.resource.UserProjects;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What the bearer of a token may scope it to: {@code /v3/auth/projects} and its sisters. */
public final class AuthRoutes {
  private final Database database;
  private final Catalog catalog;

  public AuthRoutes(Database database, Catalog catalog) {
    this.database = database;
    this.catalog = catalog;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v3/auth/catalog", Rules.everyone("get_auth_catalog"), this::catalog),
        Route.get("/v3/auth/projects", Rules.everyone("get_auth_projects"), this::projects),
        Route.get("/v3/auth/domains", Rules.everyone("get_auth_domains"), this::domains),
        // The same under the names that they had first.
        Route.get(
            "/v3/OS-FEDERATION/projects", Rules.everyone("get_auth_projects"), this::projects),
        Route.get("/v3/OS-FEDERATION/domains", Rules.everyone("get_auth_domains"), this::domains),
        Route.get("/v3/auth/system", Rules.everyone("get_auth_system"), this::system));
  }

  private ApiResponse catalog(ApiRequest request) {
    Caller caller = request.caller();
    if (caller.projectId().isEmpty()) {
      throw ApiException.forbidden(
          "A project-scoped token is required to produce a service catalog.");
    }
    ObjectNode body = Json.object();
    body.putRawValue("catalog", catalog.render(caller.userId(), caller.projectId()));
    return linked(request, "auth/catalog", body);
  }

  private ApiResponse projects(ApiRequest request) {
    return enabled(request, UserProjects.projects(request.caller().userId()), "projects");
  }

  private ApiResponse domains(ApiRequest request) {
    return enabled(request, UserProjects.domains(request.caller().userId()), "domains");
  }

  private ApiResponse enabled(ApiRequest request, Condition condition, String key) {
    Condition enabled = new Condition("p.enabled AND " + condition.sql(), condition.values());
    return Views.list(
        request,
        database,
        key,
        ProjectStore.asked(request.query(), enabled),
        project ->
            project.isDomain()
                ? ProjectView.domain(request, project)
                : ProjectView.project(request, project));
  }

  private ApiResponse system(ApiRequest request) {
    boolean any =
        database.read(handle -> AuthStore.hasSystemRole(handle, request.caller().userId()));
    ObjectNode body = Json.object();
    if (any) {
      body.putArray("system").addObject().put("all", true);
    } else {
      body.putArray("system");
    }
    return linked(request, "auth/system", body);
  }

  private static ApiResponse linked(ApiRequest request, String path, ObjectNode body) {
    body.putObject("links").put("self", Views.root(request) + "/" + path);
    return ApiResponse.ok(body);
  }
}
