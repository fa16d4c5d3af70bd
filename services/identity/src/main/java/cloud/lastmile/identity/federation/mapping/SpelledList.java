package cloud.lastmile.identity.federation.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A list of texts that a rule spells out: {@code ['admins', "users"]}. */
final class SpelledList {
  private static final String TEXT = "'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\"";
  private static final Pattern LIST =
      Pattern.compile(
          "\\s*\\[\\s*(?:(?:%1$s)(?:\\s*,\\s*(?:%1$s))*\\s*,?)?\\s*]\\s*".formatted(TEXT));
  private static final Pattern MEMBER = Pattern.compile(TEXT);

  private SpelledList() {}

  /** Its members; empty if the text is no list. */
  static Optional<List<String>> parse(String text) {
    if (!LIST.matcher(text).matches()) {
      return Optional.empty();
    }
    List<String> members = new ArrayList<>();
    Matcher matcher = MEMBER.matcher(text);
    while (matcher.find()) {
      String quoted = matcher.group();
      members.add(quoted.substring(1, quoted.length() - 1).replaceAll("\\\\(.)", "$1"));
    }
    return Optional.of(members);
  }
}
