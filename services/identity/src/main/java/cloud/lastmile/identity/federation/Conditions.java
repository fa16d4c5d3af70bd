package cloud.lastmile.identity.federation;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The remote part of a rule: whether it applies to an assertion, and with which values. */
final class Conditions {
  private static final int MOST_STEPS = 1_000_000;

  private Conditions() {}

  /** Empty if the rule does not apply. */
  static Optional<DirectMaps> apply(JsonNode remote, Assertion assertion) throws Unmappable {
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

  private static List<String> filtered(JsonNode condition, List<String> values) throws Unmappable {
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
  private static Set<String> matching(JsonNode condition, String kind, List<String> values)
      throws Unmappable {
    Set<String> matching = new LinkedHashSet<>();
    boolean regex = condition.path("regex").asBoolean(false);
    for (String value : values) {
      for (JsonNode wanted : condition.path(kind)) {
        if (wanted.isString() && matches(wanted.asString(), value, regex)) {
          matching.add(value);
        }
      }
    }
    return matching;
  }

  private static boolean matches(String wanted, String value, boolean regex) throws Unmappable {
    if (!regex) {
      return wanted.equals(value);
    }
    try {
      return Pattern.compile(wanted).matcher(new Watched(value)).find();
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
  private static final class Watched implements CharSequence {
    private final String text;
    private int steps;

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
