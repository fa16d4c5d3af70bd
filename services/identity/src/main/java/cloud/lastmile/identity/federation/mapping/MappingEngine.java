package cloud.lastmile.identity.federation.mapping;

import cloud.lastmile.identity.federation.mapping.Mapped.Domain;
import cloud.lastmile.identity.federation.mapping.Mapped.GroupName;
import cloud.lastmile.identity.federation.mapping.Mapped.Project;
import cloud.lastmile.identity.federation.mapping.Mapped.User;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Makes of an assertion what a mapping says: every rule that applies adds groups, the first that
 * names a user names it, the last that names projects names them. Immutable.
 */
public final class MappingEngine {
  private static final Pattern NUMBER = Pattern.compile("\\{?(\\d{1,4})}?.*", Pattern.DOTALL);

  private final Mapping mapping;

  public MappingEngine(Mapping mapping) {
    this.mapping = mapping;
  }

  /** What the local parts of all rules come to. */
  private static final class Sum {
    private Optional<User> user = Optional.empty();
    private Optional<Domain> lastDomain = Optional.empty();
    private final Set<String> groupIds = new LinkedHashSet<>();
    private final Set<GroupName> groups = new LinkedHashSet<>();
    private List<Project> projects = List.of();
    private boolean any;
  }

  /**
   * @throws Unmappable if no rule applies, or a rule cannot be followed
   */
  public Mapped process(Assertion assertion) throws Unmappable {
    Sum sum = new Sum();
    Conditions conditions = new Conditions(assertion);
    for (JsonNode rule : mapping.rules()) {
      Optional<DirectMaps> maps = conditions.apply(rule.path("remote"));
      if (maps.isPresent()) {
        for (JsonNode local : rule.path("local")) {
          add(sum, local, maps.get());
        }
      }
    }
    if (!sum.any) {
      throw new Unmappable("no rule of mapping " + mapping.id() + " applies");
    }
    User user =
        sum.user.orElse(
            new User(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false));
    return new Mapped(inUsualDomain(user, sum), sum.groupIds, sum.groups, sum.projects);
  }

  private User inUsualDomain(User user, Sum sum) {
    return user.domain().isPresent() || !MappingRules.since(mapping.schemaVersion(), "2.0")
        ? user
        : new User(user.id(), user.name(), user.email(), sum.lastDomain, user.local());
  }

  private void add(Sum sum, JsonNode local, DirectMaps maps) throws Unmappable {
    sum.any = true;
    sum.lastDomain = domain(local, maps);
    JsonNode user = local.path("user");
    if (sum.user.isEmpty() && !user.isEmpty()) {
      sum.user = Optional.of(user(user, maps));
    }
    if (local.has("group")) {
      addGroup(sum, local.path("group"), maps);
    }
    if (local.has("groups")) {
      for (String group : values(local.path("groups").asString(), maps)) {
        sum.groups.add(groupName(group, sum.lastDomain));
      }
    }
    if (local.has("group_ids")) {
      sum.groupIds.addAll(values(local.path("group_ids").asString(), maps));
    }
    if (local.has("projects") || local.has("projects_json")) {
      sum.projects = projects(local, sum.lastDomain, maps);
    }
  }

  private static User user(JsonNode user, DirectMaps maps) throws Unmappable {
    return new User(
        text(user, "id", maps),
        text(user, "name", maps),
        text(user, "email", maps),
        domain(user, maps),
        text(user, "type", maps).filter("local"::equals).isPresent());
  }

  private static void addGroup(Sum sum, JsonNode group, DirectMaps maps) throws Unmappable {
    Optional<String> id = text(group, "id", maps);
    if (id.isPresent()) {
      sum.groupIds.add(id.get());
      return;
    }
    Optional<Domain> domain = domain(group, maps);
    sum.groups.add(groupName(text(group, "name", maps).orElse(""), domain));
  }

  /** A group's name, or a JSON object with name and domain after {@code JSON:}. */
  private static GroupName groupName(String text, Optional<Domain> usual) throws Unmappable {
    if (text.startsWith("JSON:")) {
      JsonNode group = AssertedProjects.json(text.substring("JSON:".length()));
      Optional<Domain> own = AssertedProjects.domain(group);
      return new GroupName(group.path("name").asString(""), own.orElseThrow(MappingEngine::alone));
    }
    return new GroupName(text, usual.orElseThrow(MappingEngine::alone));
  }

  private static Unmappable alone() {
    return new Unmappable("a rule has groups without a domain");
  }

  /**
   * What {@code groups} and {@code group_ids} stand for: the values of a reference, the members of
   * a list that the rule itself spells out, or else one text.
   */
  private static List<String> values(String template, DirectMaps maps) throws Unmappable {
    Optional<List<String>> values = maps.list(template);
    if (values.isPresent()) {
      return values.get();
    }
    Optional<List<String>> spelled = SpelledList.parse(template);
    if (spelled.isEmpty()) {
      return List.of(maps.fill(template));
    }
    List<String> filled = new ArrayList<>();
    for (String member : spelled.get()) {
      filled.add(maps.fill(member));
    }
    return filled;
  }

  private List<Project> projects(JsonNode local, Optional<Domain> usual, DirectMaps maps)
      throws Unmappable {
    List<Project> projects = new ArrayList<>();
    for (JsonNode project : local.path("projects")) {
      projects.add(project(project, maps));
    }
    if (local.has("projects_json")) {
      projects.addAll(asserted(local.path("projects_json").asString(), maps));
    }
    return MappingRules.since(mapping.schemaVersion(), "2.0")
        ? projects.stream().map(project -> project.orIn(usual)).toList()
        : projects;
  }

  private static Project project(JsonNode project, DirectMaps maps) throws Unmappable {
    List<String> roles = new ArrayList<>();
    for (JsonNode role : project.path("roles")) {
      roles.add(maps.fill(role.path("name").asString("")));
    }
    return new Project(text(project, "name", maps).orElse(""), domain(project, maps), roles);
  }

  /** Whether {@code projects_json} is a reference to one of so many values. */
  static boolean refersWithin(String template, int count) {
    Matcher number = NUMBER.matcher(template);
    return number.matches() && Integer.parseInt(number.group(1)) < count;
  }

  /** Projects that the assertion itself has, as JSON. */
  private static List<Project> asserted(String template, DirectMaps maps) throws Unmappable {
    Matcher number = NUMBER.matcher(template);
    if (!number.matches()) {
      throw new Unmappable("projects_json is no reference: " + template);
    }
    List<Project> projects = new ArrayList<>();
    for (String value : maps.values(number.group(1))) {
      projects.addAll(AssertedProjects.parse(value));
    }
    return projects;
  }

  private static Optional<Domain> domain(JsonNode owner, DirectMaps maps) throws Unmappable {
    JsonNode domain = owner.path("domain");
    if (domain.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new Domain(text(domain, "id", maps), text(domain, "name", maps)));
  }

  private static Optional<String> text(JsonNode owner, String name, DirectMaps maps)
      throws Unmappable {
    JsonNode value = owner.path(name);
    return value.isString() ? Optional.of(maps.fill(value.asString())) : Optional.empty();
  }
}
