package cloud.lastmile.identity.domainconfig;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The options that a domain may have of its own, with the defaults of the others. */
final class DomainOptions {
  private static final String LDAP = "ldap";
  static final String PASSWORD = "password";
  private static final String IDENTITY = "identity";
  private static final OptionCheck LIST_LIMIT = OptionCheck.number(0, Integer.MAX_VALUE);

  private static final Map<String, Map<String, JsonNode>> DEFAULTS =
      Map.of(IDENTITY, identity(), LDAP, LdapOptions.defaults());

  private DomainOptions() {}

  /** One option of a request or of the database. */
  record Option(String group, String name, JsonNode value) {
    boolean sensitive() {
      return group.equals(LDAP) && name.equals(PASSWORD);
    }
  }

  private static Map<String, JsonNode> identity() {
    Map<String, JsonNode> options = new LinkedHashMap<>();
    options.put("driver", text("sql"));
    options.put("list_limit", JsonNodeFactory.instance.nullNode());
    return options;
  }

  private static JsonNode text(String value) {
    return JsonNodeFactory.instance.stringNode(value);
  }

  /**
   * The defaults, of all groups, of one, or of one option.
   *
   * @throws ApiException forbidden if there is no such group or option
   */
  static ObjectNode defaults(Optional<String> group, Optional<String> option) {
    require(group, option);
    ObjectNode config = Json.object();
    if (option.isPresent()) {
      JsonNode value = DEFAULTS.getOrDefault(group.orElse(""), Map.of()).get(option.get());
      config.set(option.get(), value == null ? JsonNodeFactory.instance.nullNode() : value);
      return config;
    }
    for (String name : group.map(List::of).orElse(List.of(IDENTITY, LDAP))) {
      ObjectNode values = config.putObject(name);
      DEFAULTS.getOrDefault(name, Map.of()).forEach(values::set);
    }
    return config;
  }

  static void require(Optional<String> group, Optional<String> option) {
    group.ifPresent(name -> {
      if (!DEFAULTS.containsKey(name)) {
        throw invalid("Group " + name + " is not supported for domain specific configurations");
      }
      option.ifPresent(one -> {
        boolean known = DEFAULTS.getOrDefault(name, Map.of()).containsKey(one);
        if (!known && !(name.equals(LDAP) && one.equals(PASSWORD))) {
          throw invalid(
              "Option "
                  + one
                  + " in group "
                  + name
                  + " is not supported for domain specific configurations");
        }
      });
    });
  }

  /**
   * The options of {@code {"ldap": {"url": ...}}}.
   *
   * @throws ApiException forbidden, as in the reference, if it has none or an unknown one
   */
  static List<Option> read(JsonNode config) {
    if (!config.isObject() || config.isEmpty()) {
      throw invalid("No options specified");
    }
    List<Option> options = new ArrayList<>();
    for (String group : config.propertyNames()) {
      JsonNode values = config.path(group);
      if (!values.isObject() || values.isEmpty()) {
        throw invalid(
            "The value of group "
                + group
                + " specified in the config should be a dictionary of options");
      }
      for (String name : values.propertyNames()) {
        require(Optional.of(group), Optional.of(name));
        options.add(new Option(group, name, values.path(name)));
      }
    }
    return options;
  }

  /**
   * Refuses values that are not of their option's kind, or that would have no effect. What names
   * the directory, {@code driver} and {@code url}, may be any text, as in the reference: it is held
   * against what there is when it is followed.
   *
   * @throws ApiException forbidden, naming group, option and value
   */
  static void requireValues(List<Option> options) {
    for (Option option : options) {
      problem(option)
          .ifPresent(problem -> {
            throw invalid(
                "Option " + option.name() + " in group " + option.group() + ": " + problem);
          });
    }
  }

  private static Optional<String> problem(Option option) {
    if (OptionCheck.isLeftOut(option.value())) {
      return Optional.empty();
    }
    return switch (option.name()) {
      case "driver", "url" -> OptionCheck.text().problem(option.value());
      case "list_limit" -> LIST_LIMIT.problem(option.value());
      default -> LdapOptions.problem(option.name(), option.value());
    };
  }

  static ApiException invalid(String reason) {
    return ApiException.forbidden("Invalid domain specific configuration: " + reason + ".");
  }
}
