package cloud.lastmile.identity.role;

import cloud.lastmile.identity.common.Callers;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.resource.Project;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.identity.role.AssignmentStore.Asked;
import cloud.lastmile.identity.role.AssignmentStore.Filter;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** {@code /v3/role_assignments}: all that is assigned, or all that follows from it. */
public final class RoleAssignmentRoutes {
  private static final String DOMAIN_READER = "(role:reader and domain_id:%(target.domain_id)s)";
  private static final PolicyRule LIST =
      Rules.systemReaderOr("list_role_assignments", DOMAIN_READER);
  private static final PolicyRule LIST_TREE =
      Rules.systemReaderOr("list_role_assignments_for_tree", DOMAIN_READER);

  public static final List<PolicyRule> OTHER_RULES = List.of(LIST_TREE);

  private final Database database;
  private final InstantSource clock;

  public RoleAssignmentRoutes(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(Route.get("/v3/role_assignments", LIST, this::list).enforcedByHandler());
  }

  private ApiResponse list(ApiRequest request) {
    boolean subtree = flag(request, "include_subtree");
    if (subtree) {
      enforceTree(request);
    } else {
      request.enforce(Rules.target("target.domain_id", Callers.domainId(request.caller())));
    }
    boolean effective = flag(request, "effective");
    Filter filter = filter(request, subtree);
    requireSensible(filter, effective);
    Instant now = clock.instant();
    boolean names = flag(request, "include_names");
    return Views.<Assignment>spooled(
        request,
        database,
        "role_assignments",
        (handle, most, each) ->
            AssignmentStore.each(handle, new Asked(filter, effective, now, most), each),
        one -> AssignmentView.of(request, one, names));
  }

  private void enforceTree(ApiRequest request) {
    Optional<String> projectId = request.query("scope.project.id");
    Optional<Project> project =
        projectId.flatMap(id -> database.read(handle -> ProjectStore.find(handle, id)));
    request.enforce(
        LIST_TREE, Rules.target("target.domain_id", project.map(Project::domainId).orElse(null)));
    if (projectId.isEmpty()) {
      throw ApiException.badRequest(
          "scope.project.id must be specified if include_subtree is also specified");
    }
    if (project.isEmpty()) {
      throw Faults.notFound("project", projectId.get());
    }
  }

  private static Filter filter(ApiRequest request, boolean subtree) {
    return new Filter(
        request.query("user.id"),
        request.query("group.id"),
        request.query("role.id"),
        request.query("scope.project.id"),
        request.query("scope.domain.id"),
        request.query("scope.system").isPresent(),
        request.query("scope.OS-INHERIT:inherited_to").map("projects"::equals),
        subtree,
        Optional.ofNullable(Callers.domainId(request.caller())));
  }

  private static void requireSensible(Filter filter, boolean effective) {
    boolean project = filter.projectId().isPresent();
    boolean domain = filter.domainId().isPresent();
    boolean group = filter.groupId().isPresent();
    refuse(domain && project, "Specify a domain or project, not both");
    refuse(domain && filter.system(), "Specify system or domain, not both");
    refuse(project && filter.system(), "Specify system or project, not both");
    refuse(filter.userId().isPresent() && group, "Specify a user or group, not both");
    refuse(
        effective && group,
        "Combining effective and group filter will always result in an empty list.");
    refuse(
        effective && domain && filter.inherited().orElse(false),
        "Combining effective, domain and inherited filters will always result in an empty list.");
  }

  private static void refuse(boolean senseless, String message) {
    if (senseless) {
      throw ApiException.badRequest(message);
    }
  }

  private static boolean flag(ApiRequest request, String name) {
    return request.query(name).filter(value -> !value.equals("0")).isPresent();
  }
}
