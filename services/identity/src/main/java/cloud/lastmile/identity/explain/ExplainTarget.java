package cloud.lastmile.identity.explain;

import cloud.lastmile.identity.resource.Project;
import cloud.lastmile.identity.role.Role;
import cloud.lastmile.identity.token.TokenScope;
import cloud.lastmile.identity.user.Group;
import cloud.lastmile.identity.user.User;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an action would be done on.
 *
 * @param attributes as policy checks name them; empty for an action in the caller's own scope
 * @param scopes those that have to do with it, nearest first
 */
record ExplainTarget(Map<String, String> attributes, List<TokenScope> scopes) {

  ExplainTarget {
    attributes = Map.copyOf(attributes);
    scopes = List.copyOf(scopes);
  }

  static ExplainTarget none() {
    return new ExplainTarget(Map.of(), List.of());
  }

  static ExplainTarget project(Project project) {
    String domainId = project.domainId() == null ? project.id() : project.domainId();
    return new ExplainTarget(
        Map.of(
            "project_id", project.id(),
            "tenant_id", project.id(),
            "target.project.id", project.id(),
            "target.project.domain_id", domainId,
            "target.domain_id", domainId),
        List.of(TokenScope.project(project.id()), TokenScope.domain(domainId)));
  }

  static ExplainTarget domain(Project domain) {
    return new ExplainTarget(
        Map.of(
            "domain_id", domain.id(),
            "target.domain.id", domain.id(),
            "target.domain_id", domain.id(),
            "target.project.domain_id", domain.id(),
            "target.user.domain_id", domain.id(),
            "target.group.domain_id", domain.id()),
        List.of(TokenScope.domain(domain.id())));
  }

  static ExplainTarget user(User user) {
    return new ExplainTarget(
        Map.of(
            "user_id", user.id(),
            "target.user.id", user.id(),
            "target.user.domain_id", user.domainId(),
            "target.token.user_id", user.id()),
        List.of(TokenScope.domain(user.domainId())));
  }

  static ExplainTarget group(Group group) {
    return new ExplainTarget(
        Map.of("target.group.id", group.id(), "target.group.domain_id", group.domainId()),
        List.of(TokenScope.domain(group.domainId())));
  }

  static ExplainTarget role(Role role) {
    return new ExplainTarget(
        Map.of(
            "target.role.id", role.id(),
            "target.role.name", role.name(),
            "target.role.domain_id", role.domainId() == null ? "None" : role.domainId()),
        List.of());
  }

  /** With more attributes, or other values of them. */
  ExplainTarget with(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(attributes);
    all.putAll(more);
    return new ExplainTarget(all, scopes);
  }
}
