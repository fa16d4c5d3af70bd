package cloud.lastmile.network.resource;

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

/**
 * What a client may say about one attribute of a resource.
 *
 * @param absent its value when a create leaves it out; null if it may be left out without a value
 * @param required whether a create must have it
 * @param guard who may set it at all, beyond who may create or update the resource
 * @param parts who may say these parts of it, by their names in the objects that its value lists
 */
public record Attribute(
    String name,
    boolean create,
    boolean update,
    boolean required,
    @Nullable JsonNode absent,
    Converter converter,
    Optional<Guard> guard,
    Map<String, Guard> parts) {

  /** Checks in policy language, one for each operation. */
  public record Guard(String create, String update) {
    String check(String operation) {
      return operation.equals("create") ? create : update;
    }
  }

  /** Turns what the client sent into what is kept; throws bad request with the reason. */
  @FunctionalInterface
  public interface Converter {
    JsonNode convert(String name, JsonNode value);
  }

  /** May be set by create and update. */
  public static Attribute of(String name, Converter converter) {
    return new Attribute(
        name, true, true, false, null, converter, Optional.empty(), new TreeMap<>());
  }

  /** Set by the service only. */
  public static Attribute readOnly(String name) {
    return new Attribute(
        name, false, false, false, null, (_, value) -> value, Optional.empty(), new TreeMap<>());
  }

  public Attribute absent(JsonNode value) {
    return new Attribute(name, create, update, required, value, converter, guard, parts);
  }

  public Attribute mandatory() {
    return new Attribute(name, create, update, true, absent, converter, guard, parts);
  }

  /** Cannot be changed later. */
  public Attribute createOnly() {
    return new Attribute(name, true, false, required, absent, converter, guard, parts);
  }

  /** Cannot be said when it is made. */
  public Attribute updateOnly() {
    return new Attribute(name, false, true, required, absent, converter, guard, parts);
  }

  public Attribute only(String policyCheck) {
    return only(policyCheck, policyCheck);
  }

  /** As {@link #only(String)}, with a check for creates and another for updates. */
  public Attribute only(String toCreate, String toUpdate) {
    return new Attribute(
        name,
        create,
        update,
        required,
        absent,
        converter,
        Optional.of(new Guard(toCreate, toUpdate)),
        parts);
  }

  /** Guards a part of it beyond the whole: a key of the objects that its value lists. */
  public Attribute part(String key, String toCreate, String toUpdate) {
    Map<String, Guard> more = new TreeMap<>(parts);
    more.put(key, new Guard(toCreate, toUpdate));
    return new Attribute(name, create, update, required, absent, converter, guard, more);
  }

  /** All rules of an operation. */
  List<PolicyRule> rules(String operation, String noun) {
    return rules(operation, noun, parts.keySet());
  }

  /** The rules of an operation that says this. */
  List<PolicyRule> rules(String operation, String noun, JsonNode value) {
    Set<String> said = new TreeSet<>();
    value.forEach(item -> said.addAll(item.propertyNames()));
    return rules(operation, noun, said);
  }

  private List<PolicyRule> rules(String operation, String noun, Set<String> said) {
    String rule = operation + "_" + noun + ":" + name;
    List<PolicyRule> rules = new ArrayList<>();
    guard.ifPresent(checks -> rules.add(new PolicyRule(rule, checks.check(operation))));
    parts.forEach((key, checks) -> {
      if (said.contains(key)) {
        rules.add(new PolicyRule(rule + ":" + key, checks.check(operation)));
      }
    });
    return rules;
  }
}
