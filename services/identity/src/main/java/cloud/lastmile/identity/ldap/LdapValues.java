package cloud.lastmile.identity.ldap;

import cloud.lastmile.identity.domainconfig.LdapOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A domain's options as stored, with the defaults of those that are left out. */
final class LdapValues {
  private final Map<String, JsonNode> stored;
  private final Set<String> read = ConcurrentHashMap.newKeySet();

  private LdapValues(Map<String, JsonNode> stored) {
    this.stored = stored;
  }

  /**
   * @throws IllegalArgumentException naming an option whose value is not of its kind
   */
  static LdapValues of(Map<String, JsonNode> stored) {
    JsonNode driver = stored.get("driver");
    if (driver != null && !driver.asString("").equals("ldap")) {
      throw new IllegalArgumentException("driver: " + driver + " is not one of sql, ldap");
    }
    stored.forEach((name, value) ->
        LdapOptions.unreadable(name, value)
            .ifPresent(problem -> {
              throw new IllegalArgumentException(name + ": " + problem);
            }));
    return new LdapValues(stored);
  }

  /** The options that were asked for so far: those that have an effect. */
  Set<String> read() {
    return Set.copyOf(read);
  }

  private @Nullable JsonNode value(String name) {
    read.add(name);
    JsonNode value = stored.get(name);
    boolean isLeftOut = value == null || value.isNull() || value.asString("-").isEmpty();
    return isLeftOut ? null : value;
  }

  String text(String name, String absent) {
    JsonNode value = value(name);
    return value == null ? absent : value.asString(absent);
  }

  String text(String name) {
    return text(name, LdapOptions.standard(name).asString(""));
  }

  int number(String name) {
    return Integer.parseInt(text(name).strip());
  }

  boolean flag(String name) {
    return text(name).equalsIgnoreCase("true");
  }

  /** A list, or a text with commas. */
  List<String> list(String name) {
    JsonNode value = value(name);
    List<String> members = new ArrayList<>();
    JsonNode all = value == null ? LdapOptions.standard(name) : value;
    if (all.isArray()) {
      all.forEach(member -> members.add(member.asString("").strip()));
    } else if (!all.isNull()) {
      for (String member : all.asString("").split(",", -1)) {
        members.add(member.strip());
      }
    }
    return members;
  }

  /** A list of {@code attribute there:name here}. */
  Map<String, String> pairs(String name) {
    return list(name).stream()
        .map(pair -> pair.split(":", 2))
        .filter(pair -> pair.length == 2)
        .collect(
            Collectors.toMap(
                pair -> pair[0], pair -> pair[1], (first, _) -> first, LinkedHashMap::new));
  }
}
