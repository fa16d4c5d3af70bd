package cloud.lastmile.identity.explain;

import cloud.lastmile.identity.access.Access;
import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.access.AccessKey;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.role.Assignment;
import cloud.lastmile.identity.role.AssignmentStore;
import cloud.lastmile.identity.role.AssignmentView;
import cloud.lastmile.identity.token.TokenScope;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.Policy;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.policy.PolicyTrace;
import cloud.lastmile.platform.policy.ScopeType;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lastmile's own {@code /v3/lastmile/policy}: which rules are in force, and why a user may or may
 * not do something. For administrators.
 */
public final class ExplainRoutes {
  private static final String ATTRIBUTE = "attribute.";

  /** Beyond this many scopes a user's others are not tried, and the answer says so. */
  private static final int MAX_SCOPES = 200;

  private final Database database;
  private final AccessControl control;
  private final InstantSource clock;

  public ExplainRoutes(Database database, AccessControl control, InstantSource clock) {
    this.database = database;
    this.control = control;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(
            "/v3/lastmile/policy/rules", Rules.systemReader("lastmile_list_rules"), this::rules),
        Route.get(
            "/v3/lastmile/policy/explain", Rules.systemReader("lastmile_explain"), this::explain));
  }

  private ApiResponse rules(ApiRequest request) {
    String prefix = request.query("name__startswith").orElse("");
    ObjectNode body = Json.object();
    ArrayNode rules = body.putArray("rules");
    request
        .policy()
        .effective()
        .forEach((name, check) -> {
          if (name.startsWith(prefix)) {
            Optional<PolicyRule> rule = request.policy().defaultOf(name);
            Optional<String> standard = rule.map(PolicyRule::check);
            ObjectNode view =
                rules
                    .addObject()
                    .put("name", name)
                    .put("check", check)
                    .put("default", standard.orElse(null))
                    .put("overridden", !standard.equals(Optional.of(check)));
            rule.ifPresent(known -> view.set("scope_types", Json.strings(scopes(known))));
          }
        });
    return ApiResponse.ok(body);
  }

  private static List<String> scopes(PolicyRule rule) {
    return rule.scopes().stream().sorted().map(ScopeType::text).toList();
  }

  /** A scope that was tried, and how the rule came out in it. */
  private record Attempt(TokenScope scope, Access access, PolicyTrace trace) {}

  private ApiResponse explain(ApiRequest request) {
    String action = parameter(request, "action");
    SortedMap<String, String> rules = request.policy().effective();
    if (!rules.containsKey(action)) {
      throw Faults.notFound("policy rule", action);
    }
    String user = parameter(request, "user");
    Map<String, String> attributes = attributes(request);
    record Found(String userId, ExplainTarget target, UserScopes scopes) {}
    Found found =
        database.read(handle -> {
          String userId = ExplainStore.id(handle, "user", user);
          ExplainTarget target =
              request
                  .query("target")
                  .map(text -> ExplainStore.target(handle, text))
                  .orElse(ExplainTarget.none())
                  .with(attributes);
          return new Found(
              userId,
              target,
              new UserScopes(AssignmentStore.effective(handle, userId, clock.instant())));
        });
    Optional<Attempt> attempt =
        attempt(request.policy(), action, found.userId(), found.target(), found.scopes());
    ObjectNode body = Json.object();
    ObjectNode view = body.putObject("explanation");
    int untried = Math.max(0, found.scopes().nearestFirst(found.target()).size() - MAX_SCOPES);
    PolicyTrace.Verdict verdict =
        attempt.map(one -> one.trace().verdict()).orElse(PolicyTrace.Verdict.REFUSED);
    boolean isSure = verdict != PolicyTrace.Verdict.REFUSED || untried == 0;
    view.put("allowed", verdict == PolicyTrace.Verdict.ALLOWED);
    view.put(
        "decision",
        (isSure ? verdict : PolicyTrace.Verdict.UNKNOWN).name().toLowerCase(Locale.ROOT));
    view.put("untried_scopes", verdict == PolicyTrace.Verdict.ALLOWED ? 0 : untried);
    view.set(
        "missing_attributes",
        Json.strings(
            attempt.stream().flatMap(one -> one.trace().unknowns()).distinct().sorted().toList()));
    view.put("user_id", found.userId());
    view.put("action", action);
    view.put("check", rules.get(action));
    ObjectNode target = view.putObject("target");
    found.target().attributes().forEach(target::put);
    attempt.ifPresent(one -> describe(request, view, one, found.scopes()));
    return ApiResponse.ok(body);
  }

  private static String parameter(ApiRequest request, String name) {
    return request
        .query(name)
        .filter(text -> !text.isEmpty())
        .orElseThrow(() -> ApiException.badRequest("The query parameter " + name + " is needed."));
  }

  private static Map<String, String> attributes(ApiRequest request) {
    Map<String, String> attributes = new HashMap<>();
    request
        .query()
        .forEach((name, values) -> {
          if (name.startsWith(ATTRIBUTE)) {
            attributes.put(name.substring(ATTRIBUTE.length()), values.getLast());
          }
        });
    return attributes;
  }

  /**
   * The first scope in which it is allowed; else the first in which that is not certain; else the
   * nearest; empty if the user is disabled.
   */
  private Optional<Attempt> attempt(
      Policy policy, String action, String userId, ExplainTarget target, UserScopes scopes) {
    Optional<Attempt> nearest = Optional.empty();
    Optional<Attempt> uncertain = Optional.empty();
    List<TokenScope> candidates = scopes.nearestFirst(target);
    for (TokenScope scope : candidates.subList(0, Math.min(candidates.size(), MAX_SCOPES))) {
      Optional<Attempt> attempt = attempt(policy, action, userId, target, scope);
      if (is(attempt, PolicyTrace.Verdict.ALLOWED)) {
        return attempt;
      }
      if (uncertain.isEmpty() && is(attempt, PolicyTrace.Verdict.UNKNOWN)) {
        uncertain = attempt;
      }
      nearest = nearest.or(() -> attempt);
    }
    Optional<Attempt> best = uncertain.isPresent() ? uncertain : nearest;
    return best.or(() -> attempt(policy, action, userId, target, TokenScope.UNSCOPED));
  }

  private static boolean is(Optional<Attempt> attempt, PolicyTrace.Verdict verdict) {
    return attempt.filter(one -> one.trace().verdict() == verdict).isPresent();
  }

  private Optional<Attempt> attempt(
      Policy policy, String action, String userId, ExplainTarget target, TokenScope scope) {
    return control
        .cache()
        .find(new AccessKey(userId, scope))
        .map(access -> {
          Caller caller = access.caller();
          Map<String, String> attributes =
              target.attributes().isEmpty() ? Policy.ownTarget(caller) : target.attributes();
          return new Attempt(scope, access, policy.explain(action, caller, attributes));
        });
  }

  private static void describe(
      ApiRequest request, ObjectNode view, Attempt attempt, UserScopes scopes) {
    Caller caller = attempt.access().caller();
    view.put("user_name", caller.userName());
    ObjectNode scope = view.putObject("scope");
    switch (caller.scope()) {
      case Scope.Project project ->
          scope.putObject("project").put("id", project.id()).put("name", project.name());
      case Scope.Domain domain ->
          scope.putObject("domain").put("id", domain.id()).put("name", domain.name());
      case Scope.SystemScope _ -> scope.putObject("system").put("all", true);
      case Scope.Unscoped _ -> scope.put("unscoped", true);
    }
    view.set("roles", Json.strings(caller.roles().stream().sorted().toList()));
    view.set("trace", trace(attempt.trace()));
    Set<String> decisive = attempt.trace().decisiveRoles().collect(Collectors.toSet());
    ArrayNode assignments = view.putArray("assignments");
    for (Assignment assignment : scopes.giving(attempt.scope(), decisive)) {
      assignments.add(AssignmentView.of(request, assignment, true));
    }
  }

  private static ObjectNode trace(PolicyTrace trace) {
    ObjectNode node = Json.object().put("check", trace.check()).put("passes", trace.passes());
    if (!trace.detail().isEmpty()) {
      node.put("detail", trace.detail());
    }
    if (!trace.parts().isEmpty()) {
      ArrayNode parts = node.putArray("parts");
      trace.parts().forEach(part -> parts.add(trace(part)));
    }
    return node;
  }
}
