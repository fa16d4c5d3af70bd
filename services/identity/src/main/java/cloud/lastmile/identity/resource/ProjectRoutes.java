package cloud.lastmile.identity.resource;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Callers;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.policy.ResourceLimit;
import cloud.lastmile.platform.policy.UnifiedLimits;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/projects}. */
public final class ProjectRoutes {
  private static final String DOMAIN_READER =
      "(role:reader and domain_id:%(target.project.domain_id)s)";
  private static final String DOMAIN_MANAGER =
      "(role:manager and domain_id:%(target.project.domain_id)s)";
  static final String READER_OR_OWN = DOMAIN_READER + " or project_id:%(target.project.id)s";

  /** Of the API's specification; the reference has it inside, but no route to it. */
  private static final String CASCADE = "/v3/projects/{project_id}/cascade";

  private static final PolicyRule LIST =
      Rules.systemReaderOr("list_projects", "(role:reader and domain_id:%(target.domain_id)s)");
  private static final PolicyRule GET = Rules.systemReaderOr("get_project", READER_OR_OWN);
  private static final PolicyRule CREATE = Rules.adminOr("create_project", DOMAIN_MANAGER);
  private static final PolicyRule UPDATE = Rules.adminOr("update_project", DOMAIN_MANAGER);
  private static final PolicyRule DELETE = Rules.adminOr("delete_project", DOMAIN_MANAGER);

  private final Database database;
  private final Changes changes;
  private final InstantSource clock;
  private final int maxTreeDepth;

  /**
   * @param maxTreeDepth levels below a domain that the limit model allows
   */
  public ProjectRoutes(Database database, Changes changes, InstantSource clock, int maxTreeDepth) {
    this.database = database;
    this.changes = changes;
    this.clock = clock;
    this.maxTreeDepth = maxTreeDepth;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v3/projects", LIST, this::list).enforcedByHandler(),
        Route.post("/v3/projects", CREATE, this::create).enforcedByHandler(),
        Route.get("/v3/projects/{project_id}", GET, this::show).enforcedByHandler(),
        Route.patch("/v3/projects/{project_id}", UPDATE, this::update).enforcedByHandler(),
        Route.delete("/v3/projects/{project_id}", DELETE, this::delete).enforcedByHandler(),
        Route.patch(CASCADE, UPDATE, this::updateTree).enforcedByHandler(),
        Route.delete(CASCADE, DELETE, this::deleteTree).enforcedByHandler());
  }

  private ApiResponse list(ApiRequest request) {
    request.enforce(Rules.target("target.domain_id", Callers.domainId(request.caller())));
    Condition visible = Callers.withinDomain(request.caller(), "p.domain_id");
    Condition kind =
        request.query("is_domain").isPresent()
            ? Condition.of("TRUE")
            : Condition.of("NOT p.is_domain");
    Condition within = new Condition(visible.sql() + " AND " + kind.sql(), visible.values());
    return Views.list(
        request,
        database,
        "projects",
        ProjectStore.asked(request.query(), within),
        project -> ProjectView.project(request, project));
  }

  private ApiResponse create(ApiRequest request) {
    Fields fields = request.body().object("project");
    request.enforce(
        Rules.target(
            "target.project.domain_id",
            fields.optional("domain_id").map(value -> value.node().asString("")).orElse(null)));
    boolean isDomain = fields.bool("is_domain", false);
    Optional<String> parentId = Attributes.id(fields, "parent_id");
    if (isDomain && parentId.isPresent()) {
      throw ApiException.badRequest("only root projects are allowed to act as domains.");
    }
    Optional<String> domainId =
        isDomain ? Optional.empty() : Optional.of(Callers.domainOf(request, fields));
    Project project = ProjectChange.parse(fields, Ids.hex(), domainId, parentId);
    ProjectChange.insert(changes.by(request.context()), project, maxTreeDepth);
    return Views.member(201, "project", ProjectView.project(request, project));
  }

  private ApiResponse show(ApiRequest request) {
    Project project = enforced(request);
    boolean parentsAsList = flag(request, "parents_as_list");
    boolean parentsAsIds = flag(request, "parents_as_ids");
    boolean subtreeAsList = flag(request, "subtree_as_list");
    boolean subtreeAsIds = flag(request, "subtree_as_ids");
    refuseBoth(parentsAsList && parentsAsIds, "parents");
    refuseBoth(subtreeAsList && subtreeAsIds, "subtree");
    boolean limits = flag(request, "include_limits");
    if (limits && !parentsAsList && !subtreeAsList) {
      throw ApiException.badRequest(
          "'include_limits' should be used together with 'parents_as_list' or 'subtree_as_list'.");
    }
    ObjectNode view = ProjectView.project(request, project);
    if (parentsAsList || parentsAsIds) {
      List<Project> parents = database.read(handle -> ProjectStore.parents(handle, project.id()));
      view.set(
          "parents",
          parentsAsIds ? ProjectTree.parentsAsIds(parents) : asList(request, parents, limits));
    }
    if (subtreeAsList || subtreeAsIds) {
      List<Project> subtree = database.read(handle -> ProjectStore.subtree(handle, project.id()));
      view.set(
          "subtree",
          subtreeAsIds
              ? ProjectTree.subtreeAsIds(project.id(), subtree)
              : asList(request, subtree, limits));
    }
    return Views.member(200, "project", view);
  }

  /** The reference lists only relatives in which the caller has a role itself. */
  private ArrayNode asList(ApiRequest request, List<Project> relatives, boolean limits) {
    Set<String> own =
        Set.copyOf(database.read(handle -> UserProjects.ids(handle, request.caller().userId())));
    List<Project> visible =
        relatives.stream().filter(project -> own.contains(project.id())).toList();
    Map<String, List<ResourceLimit>> byProject =
        limits
            ? database.read(handle ->
                UnifiedLimits.ofProjects(handle, visible.stream().map(Project::id).toList()))
            : Map.of();
    ArrayNode list = ProjectTree.asList(request, visible);
    if (limits) {
      for (JsonNode item : list) {
        ObjectNode view = (ObjectNode) item.path("project");
        view.set(
            "limits",
            ProjectView.limits(byProject.getOrDefault(view.path("id").asString(), List.of())));
      }
    }
    return list;
  }

  private static boolean flag(ApiRequest request, String name) {
    return request.query(name).filter(value -> !value.equals("0")).isPresent();
  }

  private static void refuseBoth(boolean both, String what) {
    if (both) {
      throw ApiException.badRequest(
          "Cannot use " + what + "_as_list and " + what + "_as_ids query params at the same time.");
    }
  }

  private ApiResponse update(ApiRequest request) {
    Project seen = enforced(request);
    Fields fields = request.body().object("project");
    Attributes.requireSameId(fields, seen.id());
    Project changed = ProjectChange.commit(changes.by(request.context()), clock, seen, fields);
    return Views.member(200, "project", ProjectView.project(request, changed));
  }

  private ApiResponse updateTree(ApiRequest request) {
    Project seen = enforced(request);
    requireNoDomain(seen);
    Fields fields = request.body().object("project");
    Project changed =
        changes
            .by(request.context())
            .transact((handle, touched) ->
                ProjectChange.switchTree(
                    handle, touched, locked(handle, seen.id()), fields, clock.instant()));
    return Views.member(200, "project", ProjectView.project(request, changed));
  }

  private ApiResponse deleteTree(ApiRequest request) {
    Project seen = enforced(request);
    requireNoDomain(seen);
    changes
        .by(request.context())
        .change((handle, touched) ->
            ProjectChange.deleteTree(handle, touched, locked(handle, seen.id())));
    return ApiResponse.empty(204);
  }

  private static void requireNoDomain(Project project) {
    if (project.isDomain()) {
      throw ApiException.badRequest("A domain is disabled and deleted with all in it anyway.");
    }
  }

  private static Project locked(Handle handle, String id) {
    return ProjectStore.lock(handle, id).orElseThrow(() -> Faults.notFound("project", id));
  }

  private ApiResponse delete(ApiRequest request) {
    Project project = enforced(request);
    changes
        .by(request.context())
        .change((handle, touched) ->
            ProjectChange.delete(handle, touched, locked(handle, project.id())));
    return ApiResponse.empty(204);
  }

  /** The project of the path, after the policy check; who may not see it does not learn of it. */
  private Project enforced(ApiRequest request) {
    return enforced(request, database);
  }

  static Project enforced(ApiRequest request, Database database) {
    String id = request.path("project_id");
    Optional<Project> project = database.read(handle -> ProjectStore.find(handle, id));
    Map<String, String> target =
        Rules.target(
            "target.project.id",
            project.map(Project::id).orElse(null),
            "target.project.domain_id",
            project.map(Project::domainId).orElse(null));
    request.enforce(target);
    return project.orElseThrow(() -> Faults.notFound("project", id));
  }
}
