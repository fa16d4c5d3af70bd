package cloud.lastmile.ovn.ovsdb;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A change of one row of a monitored table.
 *
 * @param before empty for a new row
 * @param after empty for a deleted row
 * @param toggled of sets that the server told the difference of: the elements that were added or
 *     removed, by column
 */
public record RowChange(
    String table, Optional<Row> before, Optional<Row> after, Map<String, Set<?>> toggled) {

  public UUID id() {
    return after.or(() -> before).orElseThrow().id();
  }

  /** The rows that a column refers to only now; in time of the difference where that is known. */
  public Set<UUID> gained(String column) {
    return difference(column, after, before);
  }

  /** The rows that a column referred to only before. */
  public Set<UUID> lost(String column) {
    return difference(column, before, after);
  }

  @SuppressWarnings("ReferenceEquality") // a column that stayed is the same object in both rows
  private Set<UUID> difference(String column, Optional<Row> of, Optional<Row> less) {
    Set<?> from = elements(of, column);
    Set<?> without = elements(less, column);
    Set<UUID> result = new HashSet<>();
    if (from == without) {
      return result;
    }
    for (Object element : toggled.getOrDefault(column, from)) {
      if (from.contains(element) && !without.contains(element)) {
        result.add((UUID) element);
      }
    }
    return result;
  }

  private static Set<?> elements(Optional<Row> row, String column) {
    return row.<Set<?>>map(present -> present.elements(column)).orElse(Set.of());
  }
}
