package cloud.lastmile.identity.federation;

import cloud.lastmile.identity.access.Touched;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.federation.FederationStore.NamedRole;
import cloud.lastmile.identity.federation.mapping.Mapped;
import cloud.lastmile.identity.federation.mapping.Unmappable;
import cloud.lastmile.identity.role.Grant;
import cloud.lastmile.identity.role.GrantStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/** Makes the projects that a mapping says a user has, and gives it its roles there. */
final class MappedProjects {
  private static final int MAX_NAME = 64;

  private final Handle handle;
  private final Touched touched;
  private final Domains domains;

  MappedProjects(Handle handle, Touched touched, Domains domains) {
    this.handle = handle;
    this.touched = touched;
    this.domains = domains;
  }

  /**
   * @param only whether roles in projects that the mapping does not say are taken away
   * @throws ApiException not found, if a role or domain is not there; then nothing is made
   */
  void grant(String userId, Iterable<Mapped.Project> projects, boolean only) throws Unmappable {
    Map<String, NamedRole> roles = roles(projects);
    Set<String> before = FederationStore.projectRoles(handle, userId);
    Set<String> wanted = new HashSet<>();
    for (Mapped.Project project : projects) {
      String projectId = projectId(project);
      for (String role : project.roles()) {
        wanted.add(projectId + " " + Objects.requireNonNull(roles.get(role)).id());
      }
    }
    for (String grant : wanted) {
      if (!before.contains(grant)) {
        GrantStore.insert(handle, of(userId, grant));
        tell(userId, grant, "created");
      }
    }
    if (only) {
      for (String grant : before) {
        if (!wanted.contains(grant)) {
          GrantStore.delete(handle, of(userId, grant));
          tell(userId, grant, "deleted");
        }
      }
    }
  }

  private Map<String, NamedRole> roles(Iterable<Mapped.Project> projects) throws Unmappable {
    Set<String> names = new TreeSet<>();
    projects.forEach(project -> names.addAll(project.roles()));
    Map<String, NamedRole> roles = new HashMap<>();
    FederationStore.roles(handle, names).forEach(role -> roles.put(role.name(), role));
    for (String name : names) {
      NamedRole role = roles.get(name);
      if (role == null) {
        throw Faults.notFound("role", name);
      }
      if (role.domainId() != null && !role.domainId().equals(domains.ofUser())) {
        throw ApiException.forbidden(
            "role: "
                + name
                + " must be within the same domain as the identity provider: "
                + domains.providerId()
                + ".");
      }
    }
    return roles;
  }

  private String projectId(Mapped.Project project) throws Unmappable {
    String name = project.name();
    if (name.isBlank() || name.codePointCount(0, name.length()) > MAX_NAME) {
      throw new Unmappable("a project's name is empty or too long");
    }
    String domainId = domains.id(project.domain());
    String id = FederationStore.projectByName(handle, domainId, name).orElseGet(Ids::hex);
    if (FederationStore.insertProject(handle, id, domainId, name)) {
      touched.target(id);
      touched.event("project", id, "created");
      return id;
    }
    return FederationStore.projectByName(handle, domainId, name)
        .orElseThrow(() -> new Unmappable("the project is just being deleted"));
  }

  private static Grant of(String userId, String grant) {
    String[] ids = grant.split(" ", 2);
    return Grant.user(userId, Grant.Target.PROJECT, ids[0], ids[1]);
  }

  private void tell(String userId, String grant, String verb) {
    String[] ids = grant.split(" ", 2);
    touched.user(userId);
    touched.event(
        "role_assignment", userId, verb, Map.of("user", userId, "project", ids[0], "role", ids[1]));
  }
}
