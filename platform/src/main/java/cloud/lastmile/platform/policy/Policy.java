package cloud.lastmile.platform.policy;

import static java.util.stream.Collectors.joining;

import cloud.lastmile.platform.core.Caller;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Who may do what: every service's rules with the operator's overrides, in oslo.policy's language
 * ({@code role:admin or (role:member and project_id:%(project_id)s)}, {@code rule:other}, {@code
 * system_scope:all}, {@code not}, {@code @} for everyone, {@code !} for nobody).
 *
 * <p>Immutable; a reload makes a new one. Names in {@code rule:} that nobody defined stop the
 * start, as does an override of an unknown rule: a misspelt name must not open or close a door in
 * silence.
 */
public final class Policy {
  private final Map<String, Check> checks;
  private final SortedMap<String, String> sources;
  private final Map<String, PolicyRule> defaults;

  private Policy(
      Map<String, Check> checks,
      SortedMap<String, String> sources,
      Map<String, PolicyRule> defaults) {
    this.checks = Map.copyOf(checks);
    this.sources = sources;
    this.defaults = Map.copyOf(defaults);
  }

  /**
   * @param rules every rule of every service
   * @param overrides by rule name; unknown names that contain no colon define helper rules
   * @throws InvalidPolicy if a check cannot be read or names an unknown rule
   */
  public static Policy of(Collection<PolicyRule> rules, Map<String, String> overrides) {
    SortedMap<String, String> sources = new TreeMap<>();
    Map<String, PolicyRule> defaults = new HashMap<>();
    for (PolicyRule rule : rules) {
      sources.put(rule.name(), rule.check());
      PolicyRule previous = defaults.put(rule.name(), rule);
      if (previous != null && !previous.equals(rule)) {
        throw new IllegalArgumentException("policy rule " + rule.name() + " has two defaults");
      }
    }
    overrides.forEach((name, check) -> {
      if (!sources.containsKey(name) && name.contains(":")) {
        throw new InvalidPolicy(name, "unknown policy rule " + name);
      }
      sources.put(name, check);
    });
    Map<String, Check> checks = new HashMap<>();
    sources.forEach((name, source) -> checks.put(name, parsed(name, source)));
    checks.forEach((name, check) -> requireResolved(name, check, checks, 0));
    return new Policy(checks, sources, defaults);
  }

  private static Check parsed(String name, String source) {
    try {
      return CheckParser.parse(source);
    } catch (IllegalArgumentException unreadable) {
      throw new InvalidPolicy(name, name + ": " + unreadable.getMessage());
    }
  }

  private static void requireResolved(
      String name, Check check, Map<String, Check> checks, int depth) {
    if (depth > 50) {
      throw new InvalidPolicy(name, "policy rule " + name + " refers to itself");
    }
    switch (check) {
      case Check.Rule rule -> {
        Check target = checks.get(rule.name());
        if (target == null) {
          throw new InvalidPolicy(
              name, "policy rule " + name + " names the unknown rule " + rule.name());
        }
        requireResolved(name, target, checks, depth + 1);
      }
      case Check.Not not -> requireResolved(name, not.inner(), checks, depth + 1);
      case Check.And and ->
          and.parts().forEach(part -> requireResolved(name, part, checks, depth + 1));
      case Check.Or or ->
          or.parts().forEach(part -> requireResolved(name, part, checks, depth + 1));
      case Check.Constant _, Check.Role _, Check.Attribute _ -> {}
    }
  }

  /** Whether {@code caller} may do {@code rule} on something with these attributes. */
  public boolean allows(PolicyRule rule, Caller caller, Map<String, String> target) {
    return inScope(rule, caller) && check(rule.name()).passes(caller, target, this::check);
  }

  private static boolean inScope(PolicyRule rule, Caller caller) {
    return rule.scopes().contains(ScopeType.of(caller.scope()));
  }

  /** Whether {@code caller} may do {@code rule} in its own scope, as lists and creates do. */
  public boolean allowsInOwnScope(PolicyRule rule, Caller caller) {
    return allows(rule, caller, CallerAttributes.ownTarget(caller));
  }

  /** Every rule in force with its check, sorted by name. */
  public SortedMap<String, String> effective() {
    return new TreeMap<>(sources);
  }

  /** A rule as it is unless the operator overrides it; empty for the operator's own helpers. */
  public Optional<PolicyRule> defaultOf(String name) {
    return Optional.ofNullable(defaults.get(name));
  }

  /**
   * As {@link #allows}, part by part.
   *
   * @param name of a rule in {@link #effective}
   * @throws IllegalArgumentException if there is no such rule
   */
  public PolicyTrace explain(String name, Caller caller, Map<String, String> target) {
    PolicyTrace trace = new Tracer(caller, target, this::check).trace(check(name));
    Optional<PolicyRule> rule = defaultOf(name);
    return rule.isEmpty() || inScope(rule.get(), caller)
        ? trace
        : new PolicyTrace(
            "scope", false, "only for " + scopes(rule.get()) + " tokens", List.of(trace));
  }

  private static String scopes(PolicyRule rule) {
    return rule.scopes().stream().sorted().map(ScopeType::text).collect(joining(", "));
  }

  /** The target of what a caller does in its own scope, as lists and creates do. */
  public static Map<String, String> ownTarget(Caller caller) {
    return CallerAttributes.ownTarget(caller);
  }

  private Check check(String name) {
    Check check = checks.get(name);
    if (check == null) {
      throw new IllegalArgumentException("unknown policy rule " + name);
    }
    return check;
  }
}
