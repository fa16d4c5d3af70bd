package cloud.lastmile.identity.catalog;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.catalog.EndpointGroupStore.Association;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.identity.resource.ProjectView;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /v3/OS-EP-FILTER}: which endpoints, by themselves or in groups, a project's catalog is
 * narrowed to. A project without any sees all.
 */
public final class EndpointFilterRoutes {
  private static final String PREFIX = "/v3/OS-EP-FILTER";
  private static final String GROUP = PREFIX + "/endpoint_groups/{endpoint_group_id}";
  private static final String PROJECT = PREFIX + "/projects/{project_id}";
  private static final String OF_GROUP = GROUP + "/projects/{project_id}";
  private static final String OF_ENDPOINT = PROJECT + "/endpoints/{endpoint_id}";

  private final Database database;
  private final Changes changes;

  public EndpointFilterRoutes(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(
            PREFIX + "/endpoints/{endpoint_id}/projects",
            Rules.systemReader("list_projects_for_endpoint"),
            this::projectsOfEndpoint),
        Route.get(
            PROJECT + "/endpoints",
            Rules.systemReader("list_endpoints_for_project"),
            this::endpointsOfProject),
        Route.get(
            OF_ENDPOINT, Rules.systemReader("check_endpoint_in_project"), this::checkEndpoint),
        Route.put(OF_ENDPOINT, Rules.admin("add_endpoint_to_project"), this::addEndpoint),
        Route.delete(
            OF_ENDPOINT, Rules.admin("remove_endpoint_from_project"), this::removeEndpoint),
        Route.get(
            PROJECT + "/endpoint_groups",
            Rules.systemReader("list_endpoint_groups_for_project"),
            this::groupsOfProject),
        Route.get(
            GROUP + "/endpoints",
            Rules.systemReader("list_endpoints_associated_with_endpoint_group"),
            this::endpointsOfGroup),
        Route.get(
            GROUP + "/projects",
            Rules.systemReader("list_projects_associated_with_endpoint_group"),
            this::projectsOfGroup),
        Route.get(OF_GROUP, Rules.systemReader("get_endpoint_group_in_project"), this::showGroup),
        Route.put(OF_GROUP, Rules.admin("add_endpoint_group_to_project"), this::addGroup),
        Route.delete(
            OF_GROUP, Rules.admin("remove_endpoint_group_from_project"), this::removeGroup));
  }

  private ApiResponse projectsOfEndpoint(ApiRequest request) {
    String id = request.path("endpoint_id");
    return projects(request, Association.ENDPOINT, id, handle -> requireEndpoint(handle, id));
  }

  private ApiResponse projectsOfGroup(ApiRequest request) {
    String id = request.path("endpoint_group_id");
    return projects(request, Association.GROUP, id, handle -> requireGroup(handle, id));
  }

  /** A look whether something is there. */
  private interface Requirement {
    void check(Handle handle);
  }

  private ApiResponse projects(
      ApiRequest request, Association kind, String id, Requirement requirement) {
    Condition associated = EndpointGroupStore.projects(kind, id);
    database.change(requirement::check);
    return Views.list(
        request,
        database,
        "projects",
        ProjectStore.asked(request.query(), associated),
        project -> ProjectView.project(request, project));
  }

  private ApiResponse endpointsOfProject(ApiRequest request) {
    String id = request.path("project_id");
    return endpoints(request, EndpointGroupStore.seenBy(id), handle -> requireProject(handle, id));
  }

  private ApiResponse endpointsOfGroup(ApiRequest request) {
    String id = request.path("endpoint_group_id");
    return endpoints(request, EndpointGroupStore.inGroup(id), handle -> requireGroup(handle, id));
  }

  private ApiResponse endpoints(ApiRequest request, Condition within, Requirement requirement) {
    ListPage<Endpoint> page =
        database.read(handle -> {
          requirement.check(handle);
          return CatalogStore.endpoints(handle, request.query(), within);
        });
    return EndpointRoutes.page(request, page);
  }

  private ApiResponse groupsOfProject(ApiRequest request) {
    String id = request.path("project_id");
    return EndpointGroupRoutes.page(
        request,
        database.read(handle -> {
          requireProject(handle, id);
          return EndpointGroupStore.list(handle, request.query(), EndpointGroupStore.ofProject(id));
        }));
  }

  private ApiResponse checkEndpoint(ApiRequest request) {
    String id = request.path("endpoint_id");
    requireAssociated(request, Association.ENDPOINT, id, handle -> requireEndpoint(handle, id));
    return ApiResponse.empty(204);
  }

  private ApiResponse showGroup(ApiRequest request) {
    String id = request.path("endpoint_group_id");
    String projectId = request.path("project_id");
    requireAssociated(request, Association.GROUP, id, handle -> requireGroup(handle, id));
    ObjectNode view = Json.object().put("endpoint_group_id", id).put("project_id", projectId);
    String path = "OS-EP-FILTER/endpoint_groups/" + id + "/projects/" + projectId;
    return Views.member(200, "project_endpoint_group", Views.linked(request, path, view));
  }

  private void requireAssociated(
      ApiRequest request, Association kind, String id, Requirement requirement) {
    String projectId = request.path("project_id");
    boolean found =
        database.read(handle -> {
          requirement.check(handle);
          requireProject(handle, projectId);
          return EndpointGroupStore.associated(handle, kind, projectId, id);
        });
    if (!found) {
      throw missing(kind, projectId, id);
    }
  }

  private ApiResponse addEndpoint(ApiRequest request) {
    String id = request.path("endpoint_id");
    return add(request, Association.ENDPOINT, id, handle -> requireEndpoint(handle, id));
  }

  private ApiResponse addGroup(ApiRequest request) {
    String id = request.path("endpoint_group_id");
    return add(request, Association.GROUP, id, handle -> requireGroup(handle, id));
  }

  private ApiResponse add(
      ApiRequest request, Association kind, String id, Requirement requirement) {
    String projectId = request.path("project_id");
    boolean group = kind == Association.GROUP;
    Faults.unique(
        group ? "project_endpoint_group_pkey" : "project_endpoint_pkey",
        () ->
            changes
                .by(request.context())
                .transact((handle, touched) -> {
                  requirement.check(handle);
                  requireProject(handle, projectId);
                  EndpointGroupStore.associate(handle, kind, projectId, id);
                  touched.catalog();
                  touched.event("project_endpoint", projectId, "created");
                  return id;
                }),
        () ->
            Faults.conflict(
                group ? "project_endpoint_group" : "project_endpoint", "Duplicate entry"));
    return ApiResponse.empty(204);
  }

  private ApiResponse removeEndpoint(ApiRequest request) {
    return remove(request, Association.ENDPOINT, request.path("endpoint_id"));
  }

  private ApiResponse removeGroup(ApiRequest request) {
    return remove(request, Association.GROUP, request.path("endpoint_group_id"));
  }

  private ApiResponse remove(ApiRequest request, Association kind, String id) {
    String projectId = request.path("project_id");
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!EndpointGroupStore.dissociate(handle, kind, projectId, id)) {
            throw missing(kind, projectId, id);
          }
          touched.catalog();
          touched.event("project_endpoint", projectId, "deleted");
        });
    return ApiResponse.empty(204);
  }

  private static ApiException missing(Association kind, String projectId, String id) {
    return ApiException.notFound(
        kind == Association.GROUP
            ? "Endpoint Group Project Association not found"
            : "Endpoint " + id + " not found in project " + projectId);
  }

  private static void requireEndpoint(Handle handle, String id) {
    if (CatalogStore.findEndpoint(handle, id).isEmpty()) {
      throw Faults.notFound("endpoint", id);
    }
  }

  private static void requireGroup(Handle handle, String id) {
    if (EndpointGroupStore.find(handle, id).isEmpty()) {
      throw EndpointGroupRoutes.missing(id);
    }
  }

  private static void requireProject(Handle handle, String id) {
    if (ProjectStore.find(handle, id).isEmpty()) {
      throw Faults.notFound("project", id);
    }
  }
}
