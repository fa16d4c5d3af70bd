package cloud.lastmile.platform.policy;

import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Scope;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The caller as policy checks see it: oslo.context's attribute names. */
final class CallerAttributes {
  private CallerAttributes() {}

  static @Nullable String get(Caller caller, String name) {
    return switch (name) {
      case "user_id" -> caller.userId();
      case "user_domain_id", "user.domain_id" -> caller.userDomainId();
      case "project_id", "tenant_id" -> caller.projectId().orElse(null);
      case "project_domain_id", "token.project.domain.id" ->
          caller.scope() instanceof Scope.Project project ? project.domainId() : null;
      case "domain_id", "token.domain.id" ->
          caller.scope() instanceof Scope.Domain domain ? domain.id() : null;
      case "system_scope" -> caller.scope() instanceof Scope.SystemScope ? "all" : null;
      case "is_admin" -> caller.hasRole("admin") ? "True" : "False";
      default -> null;
    };
  }

  /** The target of an operation on the caller's own scope, such as a list or a create. */
  static Map<String, String> ownTarget(Caller caller) {
    Map<String, String> target = new HashMap<>();
    target.put("user_id", caller.userId());
    switch (caller.scope()) {
      case Scope.Project project -> {
        target.put("project_id", project.id());
        target.put("tenant_id", project.id());
      }
      case Scope.Domain domain -> target.put("domain_id", domain.id());
      case Scope.SystemScope _, Scope.Unscoped _ -> {}
    }
    return target;
  }
}
