package cloud.lastmile.identity.federation.mapping;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a mapping made of an assertion.
 *
 * @param groupIds groups that must exist
 * @param groups groups that count if they exist
 */
public record Mapped(
    User user, Set<String> groupIds, Set<GroupName> groups, List<Project> projects) {

  /** A domain by id or by name. */
  public record Domain(Optional<String> id, Optional<String> name) {}

  /**
   * @param local whether it must be a user that is here already, not one that the login makes
   */
  public record User(
      Optional<String> id,
      Optional<String> name,
      Optional<String> email,
      Optional<Domain> domain,
      boolean local) {}

  /** A group by its name. */
  public record GroupName(String name, Domain domain) {}

  /** A project to be made if it is not there, and the roles that the user gets in it, by name. */
  public record Project(String name, Optional<Domain> domain, List<String> roles) {
    public Project {
      roles = List.copyOf(roles);
    }

    Project orIn(Optional<Domain> usual) {
      return domain.isPresent() ? this : new Project(name, usual, roles);
    }
  }

  public Mapped {
    groupIds = Set.copyOf(groupIds);
    groups = Set.copyOf(groups);
    projects = List.copyOf(projects);
  }
}
