package cloud.lastmile.identity.explain;

import cloud.lastmile.identity.role.Assignment;
import cloud.lastmile.identity.token.TokenScope;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The scopes in which a user may get a token, by its effective assignments. */
record UserScopes(List<Assignment> assignments) {

  /** Those nearest to the target first: it itself, its domain, the system, then all others. */
  List<TokenScope> nearestFirst(ExplainTarget target) {
    Set<TokenScope> held = new LinkedHashSet<>();
    assignments.forEach(assignment -> held.add(scope(assignment)));
    Set<TokenScope> ordered = new LinkedHashSet<>();
    target.scopes().stream().filter(held::contains).forEach(ordered::add);
    if (held.contains(TokenScope.SYSTEM)) {
      ordered.add(TokenScope.SYSTEM);
    }
    ordered.addAll(held);
    return List.copyOf(ordered);
  }

  /** What gives these roles in a scope. */
  List<Assignment> giving(TokenScope scope, Set<String> roles) {
    return assignments.stream()
        .filter(assignment ->
            scope(assignment).equals(scope) && roles.contains(assignment.role().name()))
        .toList();
  }

  private static TokenScope scope(Assignment assignment) {
    Assignment.Named target = assignment.target();
    if (target == null) {
      return TokenScope.SYSTEM;
    }
    return assignment.kind().equals("domain")
        ? TokenScope.domain(target.id())
        : TokenScope.project(target.id());
  }
}
