package cloud.lastmile.identity.role;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.access.Touched;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.resource.Project;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.identity.role.Grant.Actor;
import cloud.lastmile.identity.role.Grant.Target;
import cloud.lastmile.identity.user.Group;
import cloud.lastmile.identity.user.GroupStore;
import cloud.lastmile.identity.user.User;
import cloud.lastmile.identity.user.UserStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The roles of users or groups on projects, domains or the system: {@code
 * /v3/projects/{project_id}/users/{user_id}/roles} and its eleven sisters. One object serves one
 * kind of actor on one kind of target.
 */
public final class GrantRoutes {
  private final Database database;
  private final Changes changes;
  private final Actor actor;
  private final Target target;
  private final boolean inherited;

  private GrantRoutes(
      Database database, Changes changes, Actor actor, Target target, boolean inherited) {
    this.database = database;
    this.changes = changes;
    this.actor = actor;
    this.target = target;
    this.inherited = inherited;
  }

  /** The routes of all kinds. */
  public static List<Route> routes(Database database, Changes changes) {
    List<Route> routes = new ArrayList<>();
    for (Actor actor : Actor.values()) {
      for (Target target : Target.values()) {
        routes.addAll(new GrantRoutes(database, changes, actor, target, false).routes());
        if (target != Target.SYSTEM) {
          routes.addAll(new GrantRoutes(database, changes, actor, target, true).routes());
        }
      }
    }
    return routes;
  }

  private List<Route> routes() {
    String on =
        target == Target.SYSTEM ? "/system" : "/" + target.text() + "s/{" + target.text() + "_id}";
    String of = "/" + actor.text() + "s/{" + actor.text() + "_id}/roles";
    String roles = "/v3" + (inherited ? "/OS-INHERIT" : "") + on + of;
    String suffix = inherited ? "/inherited_to_projects" : "";
    String role = roles + "/{role_id}" + suffix;
    return List.of(
        Route.get(roles + suffix, rule("list"), this::list).enforcedByHandler(),
        Route.get(role, rule("check"), this::check).enforcedByHandler(),
        Route.put(role, rule("create"), this::create).enforcedByHandler(),
        Route.delete(role, rule("revoke"), this::revoke).enforcedByHandler());
  }

  private PolicyRule rule(String verb) {
    if (target == Target.SYSTEM) {
      String operation =
          verb + "_system_grant" + (verb.equals("list") ? "s" : "") + "_for_" + actor.text();
      return verb.equals("list") || verb.equals("check")
          ? Rules.systemReader(operation)
          : Rules.admin(operation);
    }
    return switch (verb) {
      case "list" -> GrantPolicy.LIST;
      case "check" -> GrantPolicy.CHECK;
      case "create" -> GrantPolicy.CREATE;
      default -> GrantPolicy.REVOKE;
    };
  }

  private ApiResponse list(ApiRequest request) {
    Grant grant = enforced(request, Optional.empty());
    List<Role> roles = database.read(handle -> GrantStore.roles(handle, grant));
    return Views.collection(
        request, "roles", roles.stream().map(role -> RoleRoutes.view(request, role)).toList());
  }

  private ApiResponse check(ApiRequest request) {
    Grant grant = enforced(request, Optional.of(role(request)));
    if (!database.read(handle -> GrantStore.exists(handle, grant))) {
      throw missing(grant);
    }
    return ApiResponse.empty(204);
  }

  private ApiResponse create(ApiRequest request) {
    Role role = role(request);
    Grant grant = enforced(request, Optional.of(role));
    changes
        .by(request.context())
        .change((handle, touched) -> {
          GrantStore.insert(handle, grant);
          touch(touched, grant);
          touched.event("role_assignment", grant.actorId(), "created", details(grant));
        });
    return ApiResponse.empty(204);
  }

  private ApiResponse revoke(ApiRequest request) {
    Grant grant = enforced(request, Optional.of(role(request)));
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!GrantStore.delete(handle, grant)) {
            throw missing(grant);
          }
          touch(touched, grant);
          touched.event("role_assignment", grant.actorId(), "deleted", details(grant));
        });
    return ApiResponse.empty(204);
  }

  private static Map<String, String> details(Grant grant) {
    return Map.of(
        grant.actor().text(),
        grant.actorId(),
        grant.target().text(),
        grant.storedTarget().orElse("all"),
        "role",
        grant.roleId(),
        "inherited_to_projects",
        Boolean.toString(grant.inherited()));
  }

  private static void touch(Touched touched, Grant grant) {
    if (grant.actor() == Actor.USER) {
      touched.user(grant.actorId());
    } else {
      touched.everything();
    }
  }

  private static ApiException missing(Grant grant) {
    return ApiException.notFound(
        "Could not find role assignment with role: "
            + grant.roleId()
            + ", user or group: "
            + grant.actorId()
            + ", project, domain, or system: "
            + grant.storedTarget().orElse("system")
            + ".");
  }

  private Role role(ApiRequest request) {
    String id = request.path("role_id");
    return database
        .read(handle -> RoleStore.find(handle, id))
        .orElseThrow(() -> Faults.notFound("role", id));
  }

  /** The grant of the path after the policy check, all that it names being there. */
  private Grant enforced(ApiRequest request, Optional<Role> role) {
    String actorId = request.path(actor.text() + "_id");
    String targetId = target == Target.SYSTEM ? "" : request.path(target.text() + "_id");
    Optional<String> actorDomain = actorDomain(actorId);
    Optional<Project> place =
        database
            .read(handle -> ProjectStore.find(handle, targetId))
            .filter(found -> target != Target.DOMAIN || found.isDomain());
    request.enforce(attributes(role, actorDomain.orElse(null), place.orElse(null)));
    if (actorDomain.isEmpty()) {
      throw Faults.notFound(actor.text(), actorId);
    }
    if (target != Target.SYSTEM && place.isEmpty()) {
      throw Faults.notFound(target.text(), targetId);
    }
    role.ifPresent(found -> requireSameDomain(found, place.orElse(null)));
    return new Grant(actor, actorId, target, targetId, role.map(Role::id).orElse(""), inherited);
  }

  private Optional<String> actorDomain(String actorId) {
    return actor == Actor.USER
        ? database.read(handle -> UserStore.find(handle, actorId)).map(User::domainId)
        : database.read(handle -> GroupStore.find(handle, actorId)).map(Group::domainId);
  }

  private Map<String, String> attributes(
      Optional<Role> role, @Nullable String actorDomain, @Nullable Project place) {
    String domainId = place == null ? null : place.domainId();
    return Rules.target(
        "target.role.name",
        role.map(Role::name).orElse(null),
        "target.role.domain_id",
        role.map(found -> found.domainId() == null ? "None" : found.domainId()).orElse(null),
        "target." + actor.text() + ".domain_id",
        actorDomain,
        "target.project.domain_id",
        target == Target.PROJECT ? domainId : null,
        "target.domain.id",
        target == Target.DOMAIN && place != null ? place.id() : null);
  }

  private void requireSameDomain(Role role, @Nullable Project place) {
    String roleDomain = role.domainId();
    if (roleDomain == null || place == null) {
      return;
    }
    String domainId = place.isDomain() ? place.id() : place.domainId();
    if (!roleDomain.equals(domainId)) {
      throw ApiException.forbidden(
          "Project "
              + place.id()
              + " must be in the same domain as the role "
              + role.id()
              + " being assigned.");
    }
  }
}
