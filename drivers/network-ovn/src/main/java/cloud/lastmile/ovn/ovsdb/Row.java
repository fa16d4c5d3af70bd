package cloud.lastmile.ovn.ovsdb;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of a monitored table as it was at one moment; immutable.
 *
 * @param id its UUID
 * @param columns the monitored columns in the form of {@link OvsdbValues}; one that has its default
 *     value may be absent, which the accessors account for
 */
public record Row(UUID id, Map<String, Object> columns) {

  /** A column of one string; empty if it is an empty optional. */
  public String text(String column) {
    return optional(column).map(Object::toString).orElse("");
  }

  /** A column of one integer; 0 if it is an empty optional. */
  public long number(String column) {
    return optional(column).map(value -> ((Number) value).longValue()).orElse(0L);
  }

  /** A column of one boolean or none. */
  public Optional<Boolean> flag(String column) {
    return optional(column).map(value -> (Boolean) value);
  }

  /** A column that holds any number of strings. */
  public Set<String> texts(String column) {
    Set<String> texts = new LinkedHashSet<>();
    elements(column).forEach(element -> texts.add(element.toString()));
    return texts;
  }

  /** A column that refers to any number of rows. */
  public Set<UUID> references(String column) {
    Set<UUID> ids = new LinkedHashSet<>();
    elements(column).forEach(element -> ids.add((UUID) element));
    return ids;
  }

  /** A column that maps strings to strings. */
  public Map<String, String> map(String column) {
    if (!(columns.get(column) instanceof Map<?, ?> map)) {
      return Map.of();
    }
    Map<String, String> texts = LinkedHashMap.newLinkedHashMap(map.size());
    map.forEach((key, value) -> texts.put(key.toString(), value.toString()));
    return texts;
  }

  /** Whether a column has this value; one that is absent has its type's default. */
  public boolean has(String column, Object value) {
    Object present = columns.get(column);
    return present == null ? OvsdbValues.isDefault(value) : OvsdbValues.same(present, value);
  }

  /** The raw value, an empty set if absent. */
  public Object value(String column) {
    return columns.getOrDefault(column, Set.of());
  }

  private Optional<Object> optional(String column) {
    return elements(column).stream().<Object>map(element -> element).findFirst();
  }

  /** Not a copy: a port group may have thousands of members and changes often. */
  Set<?> elements(String column) {
    @Nullable Object value = columns.get(column);
    if (value == null) {
      return Set.of();
    }
    return value instanceof Set<?> set ? set : Set.of(value);
  }
}
