package cloud.lastmile.ovn.ovsdb;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Column values as Java values: {@code String}, {@code Long}, {@code Double}, {@code Boolean},
 * {@code UUID} and {@link NamedUuid} are atoms; a {@code Set} of atoms is a set, a {@code Map} of
 * atoms a map. An {@code Optional} is a set of at most one, an {@code Integer} a {@code Long}.
 */
public final class OvsdbValues {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private OvsdbValues() {}

  static JsonNode toJson(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        ArrayNode pairs = NODES.arrayNode();
        map.forEach((key, element) -> pairs.addArray().add(atom(key)).add(atom(element)));
        yield NODES.arrayNode().add("map").add(pairs);
      }
      case Collection<?> set -> setOf(set);
      case Optional<?> optional -> setOf(optional.map(Set::of).orElse(Set.of()));
      default -> atom(value);
    };
  }

  private static ArrayNode setOf(Collection<?> elements) {
    ArrayNode atoms = NODES.arrayNode();
    elements.forEach(element -> atoms.add(atom(element)));
    return NODES.arrayNode().add("set").add(atoms);
  }

  private static JsonNode atom(Object value) {
    return switch (value) {
      case String text -> NODES.stringNode(text);
      case Boolean flag -> NODES.booleanNode(flag);
      case Integer number -> NODES.numberNode(number.longValue());
      case Long number -> NODES.numberNode(number);
      case Double number -> NODES.numberNode(number);
      case UUID uuid -> NODES.arrayNode().add("uuid").add(uuid.toString());
      case NamedUuid named -> NODES.arrayNode().add("named-uuid").add(named.name());
      default -> throw new IllegalArgumentException("no OVSDB atom: " + value.getClass().getName());
    };
  }

  static Object fromJson(JsonNode node) {
    if (node.isArray() && node.size() == 2 && node.get(1).isArray()) {
      return node.get(0).asString("").equals("map") ? mapOf(node.get(1)) : setFrom(node.get(1));
    }
    return atomFrom(node);
  }

  private static Map<Object, Object> mapOf(JsonNode pairs) {
    Map<Object, Object> map = LinkedHashMap.newLinkedHashMap(pairs.size());
    for (JsonNode pair : pairs) {
      map.put(atomFrom(pair.path(0)), atomFrom(pair.path(1)));
    }
    return map;
  }

  private static Set<Object> setFrom(JsonNode atoms) {
    Set<Object> set = LinkedHashSet.newLinkedHashSet(atoms.size());
    for (JsonNode atom : atoms) {
      set.add(atomFrom(atom));
    }
    return set;
  }

  private static Object atomFrom(JsonNode node) {
    if (node.isString()) {
      return node.stringValue();
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    if (node.isIntegralNumber()) {
      return node.longValue();
    }
    if (node.isNumber()) {
      return node.doubleValue();
    }
    if (node.isArray() && node.path(0).asString("").equals("uuid")) {
      return UUID.fromString(node.path(1).asString(""));
    }
    throw OvsdbException.protocol("not an OVSDB value: " + node);
  }

  /**
   * Whether two values are the same for OVSDB, for which an atom and the set of that one atom, an
   * empty optional and an empty set are one.
   */
  static boolean same(Object left, Object right) {
    return normal(left).equals(normal(right));
  }

  /** Whether this is what a column holds that was never set. */
  static boolean isDefault(Object value) {
    return switch (value) {
      case String text -> text.isEmpty();
      case Number number -> number.doubleValue() == 0;
      case Boolean flag -> !flag;
      default -> normal(value).equals(Set.of());
    };
  }

  private static Object normal(Object value) {
    return switch (value) {
      case Map<?, ?> map -> map.isEmpty() ? Set.of() : map;
      case Set<?> set -> set;
      case Collection<?> list -> Set.copyOf(list);
      case Optional<?> optional -> optional.isPresent() ? normal(optional.get()) : Set.of();
      case Integer number -> Set.of(number.longValue());
      default -> Set.of(value);
    };
  }
}
