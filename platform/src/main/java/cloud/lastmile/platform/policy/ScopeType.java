package cloud.lastmile.platform.policy;

import cloud.lastmile.platform.core.Scope;
import java.util.Locale;

/** The kinds of tokens that a rule may be for. */
public enum ScopeType {
  SYSTEM,
  DOMAIN,
  PROJECT;

  /** What a token counts as; as in the references one without scope counts as a project's. */
  static ScopeType of(Scope scope) {
    return switch (scope) {
      case Scope.SystemScope _ -> SYSTEM;
      case Scope.Domain _ -> DOMAIN;
      case Scope.Project _, Scope.Unscoped _ -> PROJECT;
    };
  }

  /** {@code system}, as the references write it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
