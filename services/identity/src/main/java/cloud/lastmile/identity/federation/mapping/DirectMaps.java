package cloud.lastmile.identity.federation.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The values that a rule's conditions let through, which {@code {0}}, {@code {1}} in its local part
 * stand for. Several values within a text are written as a list in the reference's language.
 */
final class DirectMaps {
  private static final Pattern REFERENCE = Pattern.compile("\\{(\\d{1,4})}");
  private static final Pattern PART = Pattern.compile("\\{\\{|}}|\\{(\\d{1,4})}|[{}]");

  /** What would be a reference, were there values to refer to; JSON is none. */
  private static final Pattern FIELD = Pattern.compile("\\{(\\d{0,4})(?:[!.:\\[][^{}\"]*)?}");

  private final List<List<String>> matches;

  DirectMaps(List<List<String>> matches) {
    this.matches = List.copyOf(matches);
  }

  /** The values of a text that is nothing but one reference. */
  Optional<List<String>> list(String template) throws Unmappable {
    Matcher matcher = REFERENCE.matcher(template);
    return matcher.matches() ? Optional.of(values(matcher.group(1))) : Optional.empty();
  }

  /** The values by number. */
  List<String> values(String number) throws Unmappable {
    int index = Integer.parseInt(number);
    if (index >= matches.size()) {
      throw new Unmappable("the local part of a rule refers to a match that is not: " + index);
    }
    return matches.get(index);
  }

  String fill(String template) throws Unmappable {
    if (matches.isEmpty()) {
      // As in the reference, where there is nothing to refer to a brace is a brace.
      return template;
    }
    Matcher matcher = PART.matcher(template);
    StringBuilder filled = new StringBuilder();
    int end = 0;
    while (matcher.find()) {
      filled.append(template, end, matcher.start()).append(part(matcher));
      end = matcher.end();
    }
    return filled.append(template, end, template.length()).toString();
  }

  private String part(Matcher matcher) throws Unmappable {
    String part = matcher.group();
    if (part.equals("{{") || part.equals("}}")) {
      return part.substring(1);
    }
    if (matcher.group(1) == null) {
      throw new Unmappable("a brace in the local part of a rule stands for nothing");
    }
    List<String> values = values(matcher.group(1));
    if (values.isEmpty()) {
      // A name must not be the same for all of whom nothing is said.
      return "";
    }
    return values.size() == 1 ? values.getFirst() : written(values);
  }

  /**
   * What is wrong with a text of a rule's local part; empty if it can be filled.
   *
   * @param count how many values there are to refer to
   */
  static Optional<String> problem(String template, int count) {
    Matcher matcher = (count == 0 ? FIELD : PART).matcher(template);
    while (matcher.find()) {
      String part = matcher.group();
      if (part.equals("{{") || part.equals("}}")) {
        continue;
      }
      String number = matcher.group(1);
      if (number == null || number.isEmpty()) {
        return Optional.of(
            "a brace stands for nothing: a value is referred to as {0}, and a brace is written"
                + " twice");
      }
      if (Integer.parseInt(number) >= count) {
        return Optional.of(
            "{%s} refers to a value that is not there: the remote part lets %d through"
                .formatted(number, count));
      }
    }
    return Optional.empty();
  }

  private static String written(List<String> values) {
    List<String> quoted = new ArrayList<>();
    for (String value : values) {
      String quote = value.contains("'") && !value.contains("\"") ? "\"" : "'";
      String escaped = value.replace("\\", "\\\\");
      quoted.add(quote + (quote.equals("'") ? escaped.replace("'", "\\'") : escaped) + quote);
    }
    return "[" + String.join(", ", quoted) + "]";
  }
}
