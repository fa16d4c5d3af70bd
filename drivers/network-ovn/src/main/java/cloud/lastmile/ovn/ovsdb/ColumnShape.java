package cloud.lastmile.ovn.ovsdb;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.pcollections.HashTreePSet;
import org.pcollections.PSet;
import tools.jackson.databind.JsonNode;

/**
 * How a column's value changes in an incremental update, read from the database's schema: a {@code
 * SCALAR} (at most one element) is replaced, of a {@code SET} the elements that were added or
 * removed are sent, of a {@code MAP} the pairs.
 */
enum ColumnShape {
  SCALAR,
  SET,
  MAP;

  /** Shapes of all columns, by table and column, from the answer to {@code get_schema}. */
  static Map<String, Map<String, ColumnShape>> ofSchema(JsonNode schema) {
    Map<String, Map<String, ColumnShape>> tables = new HashMap<>();
    for (Map.Entry<String, JsonNode> table : schema.path("tables").properties()) {
      Map<String, ColumnShape> columns = new HashMap<>();
      for (Map.Entry<String, JsonNode> column : table.getValue().path("columns").properties()) {
        columns.put(column.getKey(), of(column.getValue().path("type")));
      }
      tables.put(table.getKey(), Map.copyOf(columns));
    }
    return Map.copyOf(tables);
  }

  private static ColumnShape of(JsonNode type) {
    if (type.has("value")) {
      return MAP;
    }
    JsonNode max = type.path("max");
    return max.isString() || max.asInt(1) > 1 ? SET : SCALAR;
  }

  /** The value after {@code difference} was applied to {@code old}. */
  Object apply(Object old, Object difference) {
    return switch (this) {
      case SCALAR -> difference;
      case SET -> toggled(elements(old), elements(difference));
      case MAP -> merge(pairs(old), pairs(difference));
    };
  }

  static Set<?> elements(Object value) {
    return value instanceof Set<?> set ? set : Set.of(value);
  }

  private static Map<?, ?> pairs(Object value) {
    return value instanceof Map<?, ?> map ? map : Map.of();
  }

  /** Shares what stays with {@code old}: a switch's ports change one by one, in their thousands. */
  private static PSet<Object> toggled(Set<?> old, Set<?> difference) {
    PSet<Object> result = persistent(old);
    for (Object element : difference) {
      result = result.contains(element) ? result.minus(element) : result.plus(element);
    }
    return result;
  }

  @SuppressWarnings("unchecked") // it is only read as what it is
  private static PSet<Object> persistent(Set<?> set) {
    return set instanceof PSet<?> ? (PSet<Object>) set : HashTreePSet.from(set);
  }

  /** A pair that was there with the same value was removed; any other was added or replaced. */
  private static Map<Object, Object> merge(Map<?, ?> old, Map<?, ?> difference) {
    Map<Object, Object> result = new LinkedHashMap<>(old);
    difference.forEach((key, value) -> {
      if (value.equals(result.get(key))) {
        result.remove(key);
      } else {
        result.put(key, value);
      }
    });
    return result;
  }
}
