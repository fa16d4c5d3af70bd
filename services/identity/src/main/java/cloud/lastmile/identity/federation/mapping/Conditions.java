package cloud.lastmile.identity.federation.mapping;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;

/**
 * The remote parts of rules: whether each applies to an assertion, and with which values. One is
 * made for each login, which may not take longer than a while altogether.
 */
final class Conditions {
  /** Of all expressions of a login together. */
  private static final int MOST_STEPS = 10_000_000;

  private final Assertion assertion;
  private int steps;

  Conditions(Assertion assertion) {
    this.assertion = assertion;
  }

  /** Empty if the rule does not apply. */
  Optional<DirectMaps> apply(JsonNode remote) throws Unmappable {
    List<List<String>> matches = new ArrayList<>();
    for (JsonNode condition : remote) {
      List<String> values = assertion.of(condition.path("type").asString());
      if (!assertion.has(condition.path("type").asString())) {
        return Optional.empty();
      }
      if (condition.has("any_one_of")) {
        if (matching(condition, "any_one_of", values).isEmpty()) {
          return Optional.empty();
        }
      } else if (condition.has("not_any_of")) {
        if (!matching(condition, "not_any_of", values).isEmpty()) {
          return Optional.empty();
        }
      } else {
        matches.add(filtered(condition, values));
      }
    }
    return Optional.of(new DirectMaps(matches));
  }

  private List<String> filtered(JsonNode condition, List<String> values) throws Unmappable {
    if (condition.has("blacklist")) {
      Set<String> kept = new LinkedHashSet<>(values);
      kept.removeAll(matching(condition, "blacklist", values));
      return List.copyOf(kept);
    }
    return condition.has("whitelist")
        ? List.copyOf(matching(condition, "whitelist", values))
        : values;
  }

  /** Those of the values that are among the condition's, in their order. */
  private Set<String> matching(JsonNode condition, String kind, List<String> values)
      throws Unmappable {
    Set<String> matching = new LinkedHashSet<>();
    boolean regex = condition.path("regex").asBoolean(false);
    for (JsonNode wanted : condition.path(kind)) {
      if (wanted.isString()) {
        matching.addAll(
            regex ? found(wanted.asString(), values) : equal(wanted.asString(), values));
      }
    }
    Set<String> inOrder = new LinkedHashSet<>(values);
    inOrder.retainAll(matching);
    return inOrder;
  }

  private static List<String> equal(String wanted, List<String> values) {
    return values.contains(wanted) ? List.of(wanted) : List.of();
  }

  private List<String> found(String wanted, List<String> values) throws Unmappable {
    try {
      Pattern pattern = PythonPattern.compile(wanted);
      return values.stream().filter(value -> pattern.matcher(new Watched(value)).find()).toList();
    } catch (PatternSyntaxException malformed) {
      throw new Unmappable("the mapping's regular expression is none: " + wanted);
    } catch (TooLong | StackOverflowError endless) {
      throw new Unmappable("a regular expression takes too long: " + wanted);
    }
  }

  /** Thrown out of a match that does not end. */
  private static final class TooLong extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooLong() {
      super(null, null, false, false);
    }
  }

  /** A text that is read so often and no more: the provider's users choose what is matched. */
  private final class Watched implements CharSequence {
    private final String text;

    Watched(String text) {
      this.text = text;
    }

    @Override
    public char charAt(int index) {
      if (++steps > MOST_STEPS) {
        throw new TooLong();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
