package cloud.lastmile.identity.auth;

import cloud.lastmile.identity.auth.AuthRequest.Named;
import cloud.lastmile.identity.auth.AuthRequest.WantedScope;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.Fields;
import java.util.Optional;

/** Reads {@code auth.scope}. */
final class AuthScope {
  private AuthScope() {}

  static WantedScope parse(Fields auth) {
    Optional<Fields.Value> wanted = auth.optional("scope");
    if (wanted.isEmpty()) {
      return new WantedScope.Default();
    }
    if (wanted.get().isString()) {
      if (wanted.get().node().asString().equals("unscoped")) {
        return new WantedScope.Unscoped();
      }
      throw oneScope();
    }
    Fields scope = wanted.get().object();
    boolean project = scope.has("project");
    boolean domain = scope.has("domain");
    boolean system = scope.has("system");
    boolean unscoped = scope.has("unscoped");
    boolean trust = scope.has("OS-TRUST:trust");
    int given = count(project, domain, system, unscoped, trust);
    if (given != 1) {
      throw oneScope();
    }
    if (trust) {
      return new WantedScope.Trust(scope.object("OS-TRUST:trust").string("id", 0, 255));
    }
    if (project) {
      return new WantedScope.Project(projectOf(scope));
    }
    if (domain) {
      return new WantedScope.Domain(AuthRequest.named(scope.object("domain"), "scope/domain"));
    }
    return unscoped ? new WantedScope.Unscoped() : new WantedScope.SystemScope();
  }

  private static Named projectOf(Fields scope) {
    Named project = AuthRequest.named(scope.object("project"), "scope/project");
    if (project.id().isEmpty() && project.domain().isEmpty()) {
      throw Faults.expecting("domain", "project");
    }
    return project;
  }

  private static int count(boolean... flags) {
    int count = 0;
    for (boolean flag : flags) {
      count += flag ? 1 : 0;
    }
    return count;
  }

  private static ApiException oneScope() {
    return Faults.expecting("system, project, domain, OS-TRUST:trust or unscoped", "scope");
  }
}
