package cloud.lastmile.platform.policy;

import cloud.lastmile.platform.core.Caller;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Evaluates a check as {@link Check#passes} does, and writes down how. */
record Tracer(Caller caller, Map<String, String> target, Function<String, Check> rules) {

  PolicyTrace trace(Check check) {
    boolean passes = check.passes(caller, target, rules);
    return switch (check) {
      case Check.Constant constant -> leaf(constant.value() ? "@" : "!", passes, "");
      case Check.Role role -> leaf("role:" + role.name(), passes, "");
      case Check.Attribute attribute ->
          new PolicyTrace(
              attribute.left() + ":" + attribute.right(),
              passes,
              compared(attribute),
              List.of(),
              missing(attribute));
      case Check.Rule rule ->
          new PolicyTrace(
              "rule:" + rule.name(), passes, "", List.of(trace(rules.apply(rule.name()))));
      case Check.Not not -> new PolicyTrace("not", passes, "", List.of(trace(not.inner())));
      case Check.And and -> new PolicyTrace("and", passes, "", all(and.parts()));
      case Check.Or or -> new PolicyTrace("or", passes, "", all(or.parts()));
    };
  }

  private List<PolicyTrace> all(List<Check> parts) {
    return parts.stream().map(this::trace).toList();
  }

  private static PolicyTrace leaf(String check, boolean passes, String detail) {
    return new PolicyTrace(check, passes, detail, List.of());
  }

  private String compared(Check.Attribute attribute) {
    return "caller: "
        + shown(attribute.actual(caller))
        + ", target: "
        + shown(attribute.expected(target));
  }

  private Set<String> missing(Check.Attribute attribute) {
    return attribute.actual(caller) != null && attribute.expected(target) == null
        ? Set.of(attribute.right().substring(2, attribute.right().length() - 2))
        : Set.of();
  }

  private static String shown(@Nullable String value) {
    return value == null ? "none" : value;
  }
}
