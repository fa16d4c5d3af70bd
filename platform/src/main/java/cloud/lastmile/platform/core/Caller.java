package cloud.lastmile.platform.core;

import java.util.Optional;
import java.util.Set;

/**
 * Who calls, as an accepted token says.
 *
 * @param userId 32 hex digits
 * @param userName for people and logs
 * @param userDomainId the domain that owns the user
 * @param scope what the token is good for
 * @param roles names of the effective roles in that scope, implied ones included
 * @param delegation by what the token was made, if not by the user's own login
 */
public record Caller(
    String userId,
    String userName,
    String userDomainId,
    Scope scope,
    Set<String> roles,
    Delegation delegation) {

  public Caller {
    roles = Set.copyOf(roles);
  }

  /** A user that logged in itself. */
  public Caller(
      String userId, String userName, String userDomainId, Scope scope, Set<String> roles) {
    this(userId, userName, userDomainId, scope, roles, new Delegation.None());
  }

  /** The project's id; empty unless the scope is a project. */
  public Optional<String> projectId() {
    return scope instanceof Scope.Project project ? Optional.of(project.id()) : Optional.empty();
  }

  /**
   * The project's id, for services in which everything belongs to a project.
   *
   * @throws ApiException forbidden, if the token is not scoped to a project
   */
  public String requireProjectId() {
    return projectId()
        .orElseThrow(() -> ApiException.forbidden("This needs a token scoped to a project."));
  }

  public boolean hasRole(String role) {
    return roles.contains(role);
  }
}
