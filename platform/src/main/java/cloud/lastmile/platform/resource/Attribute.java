package cloud.lastmile.platform.resource;

import cloud.lastmile.platform.policy.PolicyRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.StringNode;

/**
 * One attribute of a noun: how it is shown, and what a client may say of it.
 *
 * <pre>{@code
 * Attribute.of(Column.text("name"), text(255)).absent("")           // said, kept, shown
 * Attribute.of(Column.bool("router:external", "r.external"), bool())
 *     .absent(false).only(PolicyRule.ADMIN)                         // administrators say it
 * Attribute.shown(Column.text("status", "'ACTIVE'"))                // the service says it
 * Attribute.said("prefixlen", integer(0, 128)).createOnly()         // decides something else
 * }</pre>
 *
 * @param column how it is read and shown; empty for what is never shown
 * @param stored where plain inserts and updates put it; empty for what the noun's hooks put
 *     elsewhere
 * @param said what a client may say of it
 */
public record Attribute(String name, Optional<Column> column, Optional<Stored> stored, Said said) {

  /**
   * What a client may say.
   *
   * @param create whether when it is made
   * @param update whether later
   * @param required whether a create must have it
   * @param absent its value when a create leaves it out; null if it then has none
   * @param guard who may say it at all, beyond who may create or update the resource
   * @param parts who may say these parts of it, by their names in the objects that its value lists
   */
  public record Said(
      boolean create,
      boolean update,
      boolean required,
      @Nullable JsonNode absent,
      Converter converter,
      Optional<Guard> guard,
      Map<String, Guard> parts) {
    private static final Said NOTHING =
        new Said(false, false, false, null, (_, value) -> value, Optional.empty(), Map.of());
  }

  /** Checks in policy language, one for each operation. */
  public record Guard(String create, String update) {
    String check(String operation) {
      return operation.equals("create") ? create : update;
    }
  }

  /** May be said by create and update, and is kept in the column if that is a plain one. */
  public static Attribute of(Column column, Converter converter) {
    return new Attribute(column.name(), Optional.of(column), Stored.of(column), plain(converter));
  }

  /** Said by the service only. */
  public static Attribute shown(Column column) {
    return new Attribute(column.name(), Optional.of(column), Optional.empty(), Said.NOTHING);
  }

  /** May be said, and is not shown. */
  public static Attribute said(String name, Converter converter) {
    return new Attribute(name, Optional.empty(), Optional.empty(), plain(converter));
  }

  private static Said plain(Converter converter) {
    return new Said(true, true, false, null, converter, Optional.empty(), Map.of());
  }

  private Attribute saying(Said more) {
    return new Attribute(name, column, stored, more);
  }

  public Attribute absent(JsonNode value) {
    return saying(
        new Said(
            said.create,
            said.update,
            said.required,
            value,
            said.converter,
            said.guard,
            said.parts));
  }

  public Attribute absent(String text) {
    return absent(StringNode.valueOf(text));
  }

  public Attribute absent(boolean flag) {
    return absent(BooleanNode.valueOf(flag));
  }

  public Attribute mandatory() {
    return saying(
        new Said(
            said.create, said.update, true, said.absent, said.converter, said.guard, said.parts));
  }

  /** Cannot be changed later. */
  public Attribute createOnly() {
    return settable(true, false);
  }

  /** Cannot be said when it is made. */
  public Attribute updateOnly() {
    return settable(false, true);
  }

  private Attribute settable(boolean create, boolean update) {
    return saying(
        new Said(
            create, update, said.required, said.absent, said.converter, said.guard, said.parts));
  }

  public Attribute only(String policyCheck) {
    return only(policyCheck, policyCheck);
  }

  /** As {@link #only(String)}, with a check for creates and another for updates. */
  public Attribute only(String toCreate, String toUpdate) {
    return saying(
        new Said(
            said.create,
            said.update,
            said.required,
            said.absent,
            said.converter,
            Optional.of(new Guard(toCreate, toUpdate)),
            said.parts));
  }

  /** Guards a part of it beyond the whole: a key of the objects that its value lists. */
  public Attribute part(String key, String toCreate, String toUpdate) {
    Map<String, Guard> parts = new TreeMap<>(said.parts);
    parts.put(key, new Guard(toCreate, toUpdate));
    return saying(
        new Said(
            said.create,
            said.update,
            said.required,
            said.absent,
            said.converter,
            said.guard,
            parts));
  }

  /** Kept in another column than the one that is shown, or in another form. */
  public Attribute stored(Stored place) {
    return new Attribute(name, column, Optional.of(place), said);
  }

  /** The noun's hooks put it where it belongs. */
  public Attribute notStored() {
    return new Attribute(name, column, Optional.empty(), said);
  }

  /** All rules of an operation. */
  List<PolicyRule> rules(String operation, String noun) {
    return rules(operation, noun, said.parts.keySet());
  }

  /** The rules of an operation that says this. */
  List<PolicyRule> rules(String operation, String noun, JsonNode value) {
    Set<String> parts = new TreeSet<>();
    value.forEach(item -> parts.addAll(item.propertyNames()));
    return rules(operation, noun, parts);
  }

  private List<PolicyRule> rules(String operation, String noun, Set<String> parts) {
    String rule = operation + "_" + noun + ":" + name;
    List<PolicyRule> rules = new ArrayList<>();
    said.guard.ifPresent(checks -> rules.add(new PolicyRule(rule, checks.check(operation))));
    said.parts.forEach((key, checks) -> {
      if (parts.contains(key)) {
        rules.add(new PolicyRule(rule + ":" + key, checks.check(operation)));
      }
    });
    return rules;
  }
}
