package cloud.lastmile.identity.federation.mapping;

import cloud.lastmile.platform.http.Fields;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;

/**
 * Reads a mapping and holds it to the reference's schema of its version: 2.0 lets projects have a
 * domain, 3.0 lets projects come from the assertion. A regular expression must also be one.
 */
public final class MappingRules {
  static final String USUAL_VERSION = "1.0";
  private static final List<String> VERSIONS = List.of(USUAL_VERSION, "2.0", "3.0");
  private static final Set<String> CONDITIONS =
      Set.of("any_one_of", "not_any_of", "blacklist", "whitelist");
  private static final int MAX_TEXT = 4096;

  private final String version;

  private MappingRules(String version) {
    this.version = version;
  }

  /** Whether a version is at least another. */
  public static boolean since(String version, String least) {
    return version.compareTo(least) >= 0;
  }

  public static Mapping parse(String id, Fields mapping) {
    Optional<Fields.Value> given = mapping.optional("schema_version");
    String version = given.map(value -> value.text(1, 5)).orElse(USUAL_VERSION);
    if (!VERSIONS.contains(version)) {
      throw mapping.invalid("schema_version", "'" + version + "' is not one of " + VERSIONS);
    }
    Fields.Value rules = mapping.required("rules");
    MappingRules schema = new MappingRules(version);
    requireSome(rules);
    for (Fields.Value rule : rules.values()) {
      schema.rule(rule.object());
    }
    return new Mapping(id, rules.node(), version);
  }

  private static void requireSome(Fields.Value array) {
    if (array.values().isEmpty()) {
      throw array.invalid("[] is too short");
    }
  }

  private void rule(Fields rule) {
    for (Fields.Value local : rule.required("local").values()) {
      local(local.object());
    }
    Fields.Value remote = rule.required("remote");
    requireSome(remote);
    for (Fields.Value condition : remote.values()) {
      condition(condition.object());
    }
    rule.rejectUnknown();
    references(rule, references(remote.node()));
  }

  /** How many values the conditions let through. */
  private static int references(JsonNode remote) {
    return (int)
        remote
            .valueStream()
            .filter(condition -> !condition.has("any_one_of") && !condition.has("not_any_of"))
            .count();
  }

  /** A text that cannot be filled would fail every login. */
  private static void references(Fields rule, int count) {
    for (JsonNode local : rule.node().path("local")) {
      for (JsonNode text : texts(local)) {
        DirectMaps.problem(text.asString(), count)
            .ifPresent(problem -> {
              throw rule.invalid("local", "'" + text.asString() + "': " + problem);
            });
      }
      if (local.has("projects_json")
          && !MappingEngine.refersWithin(local.path("projects_json").asString(""), count)) {
        throw rule.invalid("local", "projects_json is no reference to a value");
      }
    }
  }

  private static List<JsonNode> texts(JsonNode node) {
    if (node.isString()) {
      return List.of(node);
    }
    return node.valueStream().flatMap(member -> texts(member).stream()).toList();
  }

  private static void condition(Fields condition) {
    condition.string("type", 0, MAX_TEXT);
    List<String> kinds = CONDITIONS.stream().filter(condition::has).toList();
    boolean regex = condition.has("regex");
    if (kinds.size() > 1 || (kinds.isEmpty() && regex)) {
      throw condition.invalid("type", "it has more or less than one of " + CONDITIONS);
    }
    if (kinds.size() == 1) {
      boolean expressions = regex && flag(condition.required("regex"));
      for (Fields.Value value : condition.required(kinds.getFirst()).values()) {
        if (expressions) {
          expression(value);
        }
      }
    }
    condition.rejectUnknown();
  }

  private static boolean flag(Fields.Value value) {
    if (!value.node().isBoolean()) {
      throw value.invalid(value.node() + " is not of type 'boolean'");
    }
    return value.node().asBoolean();
  }

  private static void expression(Fields.Value value) {
    try {
      PythonPattern.compile(value.text(0, MAX_TEXT));
    } catch (PatternSyntaxException malformed) {
      throw value.invalid("it is no regular expression: " + malformed.getDescription());
    }
  }

  private void local(Fields local) {
    if (local.has("user")) {
      user(local.object("user"));
    }
    if (local.has("group")) {
      group(local.object("group"));
    }
    if (local.has("projects")) {
      for (Fields.Value project : local.required("projects").values()) {
        project(project.object());
      }
    }
    texts(local, "groups", "group_ids");
    if (since(version, "3.0")) {
      texts(local, "projects_json");
    }
    if (local.has("domain")) {
      domain(local.object("domain"));
    }
    local.rejectUnknown();
  }

  private static void user(Fields user) {
    texts(user, "id", "name", "email");
    if (user.has("domain")) {
      domain(user.object("domain"));
    }
    if (user.has("type")) {
      String type = user.string("type", 0, MAX_TEXT);
      if (!type.equals("ephemeral") && !type.equals("local")) {
        throw user.invalid("type", "'" + type + "' is not one of ['ephemeral', 'local']");
      }
    }
    user.rejectUnknown();
  }

  private static void group(Fields group) {
    if (group.has("id")) {
      group.string("id", 0, MAX_TEXT);
    } else {
      group.string("name", 0, MAX_TEXT);
      domain(group.object("domain"));
    }
    group.rejectUnknown();
  }

  /** Also of what {@code projects_json} brings. */
  private void project(Fields project) {
    project.string("name", 0, MAX_TEXT);
    for (Fields.Value role : project.required("roles").values()) {
      Fields fields = role.object();
      fields.string("name", 0, MAX_TEXT);
      fields.rejectUnknown();
    }
    if (since(version, "2.0") && project.has("domain")) {
      domain(project.object("domain"));
    }
    project.rejectUnknown();
  }

  private static void domain(Fields domain) {
    texts(domain, "id", "name");
    domain.rejectUnknown();
  }

  private static void texts(Fields fields, String... names) {
    for (String name : names) {
      if (fields.has(name)) {
        fields.string(name, 0, MAX_TEXT);
      }
    }
  }
}
