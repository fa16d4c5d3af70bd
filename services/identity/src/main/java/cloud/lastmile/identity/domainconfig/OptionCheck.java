package cloud.lastmile.identity.domainconfig;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPURL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Whether an option's value is of its kind. Numbers and truths may be written as texts, too. */
@FunctionalInterface
interface OptionCheck {
  Pattern ATTRIBUTE = Pattern.compile("[A-Za-z][A-Za-z0-9-]*|\\d+(\\.\\d+)+");

  /** What is wrong with a value that is not left out; empty if nothing is. */
  Optional<String> problem(JsonNode value);

  static boolean isLeftOut(JsonNode value) {
    return value.isNull()
        || (value.isString() && value.asString().isEmpty())
        || (value.isArray() && value.isEmpty());
  }

  private static OptionCheck scalar(String what, Predicate<String> fits) {
    return value ->
        value.isObject() || value.isArray() || !fits.test(value.asString())
            ? Optional.of(value + " is not " + what)
            : Optional.empty();
  }

  static OptionCheck text() {
    return value -> value.isString() ? Optional.empty() : Optional.of(value + " is not a text");
  }

  /** A text that is not shown. */
  static OptionCheck secret() {
    return value -> value.isString() ? Optional.empty() : Optional.of("it is not a text");
  }

  static OptionCheck flag() {
    return scalar(
        "true or false", text -> List.of("true", "false").contains(text.toLowerCase(Locale.ROOT)));
  }

  static OptionCheck number(int least, int most) {
    return scalar(
        "a whole number in " + least + ".." + most,
        text -> {
          try {
            int number = Integer.parseInt(text.strip());
            return number >= least && number <= most;
          } catch (NumberFormatException _) {
            return false;
          }
        });
  }

  static OptionCheck oneOf(String... names) {
    return scalar("one of " + String.join(", ", names), List.of(names)::contains);
  }

  static OptionCheck attribute() {
    return scalar("the name of an attribute or a class", text -> ATTRIBUTE.matcher(text).matches());
  }

  static OptionCheck dn() {
    return scalar("a distinguished name", DN::isValidDN);
  }

  static OptionCheck path() {
    return scalar("an absolute path", text -> text.startsWith("/") && Path.of(text).isAbsolute());
  }

  static OptionCheck filter() {
    return value -> {
      try {
        Filter.create(value.asString());
        return Optional.empty();
      } catch (LDAPException malformed) {
        return Optional.of(value + " is not a filter: " + malformed.getMessage());
      }
    };
  }

  static OptionCheck urls() {
    return value -> {
      for (String url : value.asString("").split(",", -1)) {
        try {
          String scheme = new LDAPURL(url.strip().replaceFirst("/$", "")).getScheme();
          if (!List.of("ldap", "ldaps").contains(scheme)) {
            return Optional.of("'" + url + "' is neither an ldap nor an ldaps URL");
          }
        } catch (LDAPException malformed) {
          return Optional.of("'" + url + "' is not an LDAP URL: " + malformed.getMessage());
        }
      }
      return Optional.empty();
    };
  }

  /** A list, or a text with commas. */
  static List<String> members(JsonNode value) {
    List<String> members = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(member -> members.add(member.asString("").strip()));
    } else if (!isLeftOut(value)) {
      for (String member : value.asString("").split(",", -1)) {
        members.add(member.strip());
      }
    }
    return members;
  }

  /** A list of these names. */
  static OptionCheck attributes(String... names) {
    List<String> known = List.of(names);
    return value ->
        members(value).stream()
            .filter(member -> !known.contains(member))
            .findFirst()
            .map(member ->
                "'" + member + "' cannot be ignored; known are " + String.join(", ", known));
  }

  /** A list of {@code attribute there:attribute here}. */
  static OptionCheck pairs(String... reserved) {
    List<String> ours = List.of(reserved);
    return value -> {
      for (String member : members(value)) {
        String[] pair = member.split(":", 2);
        if (pair.length != 2 || !ATTRIBUTE.matcher(pair[0]).matches() || pair[1].isEmpty()) {
          return Optional.of("'" + member + "' is not ATTRIBUTE:NAME");
        }
        if (ours.contains(pair[1])) {
          return Optional.of("'" + pair[1] + "' has an option of its own or is set here");
        }
      }
      return Optional.empty();
    };
  }

  static OptionCheck only(JsonNode standard, String why) {
    return new Only(standard, why);
  }

  /** Of one value alone: any other would have no effect. */
  record Only(JsonNode standard, String why) implements OptionCheck {
    @Override
    public Optional<String> problem(JsonNode value) {
      return value.asString("").equalsIgnoreCase(standard.asString("-"))
          ? Optional.empty()
          : Optional.of(
              value
                  + " would have no effect: "
                  + why
                  + "; leave it out"
                  + (standard.isNull() ? "" : " or say " + standard));
    }
  }
}
