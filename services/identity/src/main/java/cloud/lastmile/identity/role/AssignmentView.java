package cloud.lastmile.identity.role;

import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.role.Assignment.Named;
import cloud.lastmile.identity.role.Assignment.Origin;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Assignments as clients see them, each with the link by which it could be revoked. */
public final class AssignmentView {
  private AssignmentView() {}

  public static ObjectNode of(ApiRequest request, Assignment assignment, boolean names) {
    ObjectNode view = Json.object();
    view.set("role", named(assignment.role(), names));
    if (assignment.user() != null) {
      view.set("user", named(assignment.user(), names));
    }
    if (assignment.group() != null) {
      view.set("group", named(assignment.group(), names));
    }
    ObjectNode scope = view.putObject("scope");
    Named target = assignment.target();
    if (target == null) {
      scope.putObject("system").put("all", true);
    } else {
      scope.set(assignment.kind(), named(target, names));
    }
    if (assignment.inherited()
        || (assignment.origin() != null && assignment.origin().inherited())) {
      scope.put("OS-INHERIT:inherited_to", "projects");
    }
    links(request, view.putObject("links"), assignment);
    return view;
  }

  private static ObjectNode named(Named named, boolean names) {
    ObjectNode node = Json.object().put("id", named.id());
    if (!names) {
      return node;
    }
    node.put("name", named.name());
    if (named.domainId() != null) {
      node.putObject("domain").put("id", named.domainId()).put("name", named.domainName());
    }
    return node;
  }

  private static void links(ApiRequest request, ObjectNode links, Assignment assignment) {
    String root = Views.root(request);
    Origin origin = assignment.origin();
    Named target = assignment.target();
    Named user = assignment.user();
    Named group = assignment.group();
    if (origin == null) {
      String actor =
          user != null ? "users/" + user.id() : "groups/" + (group == null ? "" : group.id());
      links.put(
          "assignment",
          root
              + path(
                  assignment.kind(),
                  target == null ? null : target.id(),
                  actor,
                  assignment.role().id(),
                  assignment.inherited()));
      return;
    }
    String userId = user == null ? "" : user.id();
    String actor = origin.groupId() == null ? "users/" + userId : "groups/" + origin.groupId();
    links.put(
        "assignment",
        root + path(origin.kind(), origin.targetId(), actor, origin.roleId(), origin.inherited()));
    if (origin.groupId() != null) {
      links.put("membership", root + "/groups/" + origin.groupId() + "/users/" + userId);
    }
    if (!origin.roleId().equals(assignment.role().id())) {
      links.put(
          "prior_role",
          root + "/prior_role/" + origin.roleId() + "/implies/" + assignment.role().id());
    }
  }

  private static String path(
      String kind, @Nullable String targetId, String actor, String roleId, boolean inherited) {
    String on = targetId == null ? "/system" : "/" + kind + "s/" + targetId;
    String path = on + "/" + actor + "/roles/" + roleId;
    return inherited ? "/OS-INHERIT" + path + "/inherited_to_projects" : path;
  }
}
