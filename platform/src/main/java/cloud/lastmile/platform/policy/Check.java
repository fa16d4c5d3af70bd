package cloud.lastmile.platform.policy;

import cloud.lastmile.platform.core.Caller;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A parsed policy check. */
sealed interface Check {

  /**
   * Whether {@code caller} passes.
   *
   * @param target attributes of what is acted on; a missing one never matches
   * @param rules the checks of other rules, for {@code rule:name}
   */
  boolean passes(Caller caller, Map<String, String> target, Function<String, Check> rules);

  /** {@code @} and {@code !}. */
  record Constant(boolean value) implements Check {
    @Override
    public boolean passes(
        Caller caller, Map<String, String> target, Function<String, Check> rules) {
      return value;
    }
  }

  /** {@code role:name}. */
  record Role(String name) implements Check {
    @Override
    public boolean passes(
        Caller caller, Map<String, String> target, Function<String, Check> rules) {
      return caller.hasRole(name);
    }
  }

  /** {@code rule:name}. */
  record Rule(String name) implements Check {
    @Override
    public boolean passes(
        Caller caller, Map<String, String> target, Function<String, Check> rules) {
      return rules.apply(name).passes(caller, target, rules);
    }
  }

  /**
   * {@code project_id:%(project_id)s}, {@code user_id:abc}, {@code system_scope:all}: an attribute
   * of the caller against a literal or an attribute of the target; also {@code
   * 'public':%(visibility)s}, a quoted literal against the target.
   */
  record Attribute(String left, String right) implements Check {
    @Override
    public boolean passes(
        Caller caller, Map<String, String> target, Function<String, Check> rules) {
      String actual = actual(caller);
      return actual != null && actual.equals(expected(target));
    }

    @Nullable String actual(Caller caller) {
      return left.startsWith("'")
          ? left.substring(1, left.length() - 1)
          : CallerAttributes.get(caller, left);
    }

    @Nullable String expected(Map<String, String> target) {
      return right.startsWith("%(") && right.endsWith(")s")
          ? target.get(right.substring(2, right.length() - 2))
          : right;
    }
  }

  record Not(Check inner) implements Check {
    @Override
    public boolean passes(
        Caller caller, Map<String, String> target, Function<String, Check> rules) {
      return !inner.passes(caller, target, rules);
    }
  }

  record And(List<Check> parts) implements Check {
    @Override
    public boolean passes(
        Caller caller, Map<String, String> target, Function<String, Check> rules) {
      for (Check part : parts) {
        if (!part.passes(caller, target, rules)) {
          return false;
        }
      }
      return true;
    }
  }

  record Or(List<Check> parts) implements Check {
    @Override
    public boolean passes(
        Caller caller, Map<String, String> target, Function<String, Check> rules) {
      for (Check part : parts) {
        if (part.passes(caller, target, rules)) {
          return true;
        }
      }
      return false;
    }
  }
}
