package cloud.lastmile.ovn.ovsdb;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The monitored tables in memory. Written by the reading thread alone, read by all. */
final class RowCache {
  private final Map<String, Map<UUID, Row>> tables = new ConcurrentHashMap<>();
  private final List<RowListener> listeners = new CopyOnWriteArrayList<>();
  private Map<String, Map<String, ColumnShape>> shapes = Map.of();

  RowCache(Set<String> tableNames) {
    tableNames.forEach(table -> tables.put(table, new ConcurrentHashMap<>()));
  }

  void shapes(Map<String, Map<String, ColumnShape>> schema) {
    shapes = schema;
  }

  void listen(RowListener listener) {
    listeners.add(listener);
  }

  Optional<Row> row(String table, UUID id) {
    return Optional.ofNullable(table(table).get(id));
  }

  Collection<Row> rows(String table) {
    return table(table).values();
  }

  private Map<UUID, Row> table(String name) {
    Map<UUID, Row> rows = tables.get(name);
    if (rows == null) {
      throw new IllegalArgumentException("table " + name + " is not monitored");
    }
    return rows;
  }

  /**
   * Applies the {@code table-updates2} of {@code monitor_cond_since}.
   *
   * @param complete whether it tells of every row there is, so that others are gone
   */
  void apply2(JsonNode updates, boolean complete) {
    Map<String, Set<UUID>> seen = new HashMap<>();
    for (Map.Entry<String, JsonNode> table : updates.properties()) {
      for (Map.Entry<String, JsonNode> update : table.getValue().properties()) {
        UUID id = UUID.fromString(update.getKey());
        seen.computeIfAbsent(table.getKey(), _ -> new HashSet<>()).add(id);
        applyRow2(table.getKey(), id, update.getValue());
      }
    }
    if (complete) {
      dropOthers(seen);
    }
  }

  private void applyRow2(String table, UUID id, JsonNode update) {
    if (update.has("delete")) {
      put(table, id, null);
    } else if (update.has("modify")) {
      modify(table, id, update.get("modify"));
    } else if (update.has("insert")) {
      put(table, id, new Row(id, columns(update.get("insert"))));
    } else {
      put(table, id, new Row(id, columns(update.path("initial"))));
    }
  }

  /** Its time does not grow with the sets in the row. */
  private void modify(String table, UUID id, JsonNode differences) {
    Optional<Row> before = row(table, id);
    Row old = before.orElse(new Row(id, Map.of()));
    Map<String, Object> columns = new LinkedHashMap<>(old.columns());
    Map<String, Set<?>> toggled = new HashMap<>();
    Map<String, ColumnShape> shape = shapes.getOrDefault(table, Map.of());
    for (Map.Entry<String, JsonNode> property : differences.properties()) {
      String column = property.getKey();
      ColumnShape columnShape = shape.getOrDefault(column, ColumnShape.SCALAR);
      Object difference = OvsdbValues.fromJson(property.getValue());
      columns.put(column, columnShape.apply(old.value(column), difference));
      if (columnShape == ColumnShape.SET) {
        toggled.put(column, ColumnShape.elements(difference));
      }
    }
    Row after = new Row(id, columns);
    table(table).put(id, after);
    tell(new RowChange(table, before, Optional.of(after), toggled));
  }

  /** Applies the {@code table-updates} of plain {@code monitor}. */
  void apply1(JsonNode updates, boolean complete) {
    Map<String, Set<UUID>> seen = new HashMap<>();
    for (Map.Entry<String, JsonNode> table : updates.properties()) {
      for (Map.Entry<String, JsonNode> update : table.getValue().properties()) {
        UUID id = UUID.fromString(update.getKey());
        seen.computeIfAbsent(table.getKey(), _ -> new HashSet<>()).add(id);
        JsonNode row = update.getValue().path("new");
        put(table.getKey(), id, row.isObject() ? new Row(id, columns(row)) : null);
      }
    }
    if (complete) {
      dropOthers(seen);
    }
  }

  private void dropOthers(Map<String, Set<UUID>> seen) {
    tables.forEach((table, rows) -> {
      Set<UUID> gone = new HashSet<>(rows.keySet());
      gone.removeAll(seen.getOrDefault(table, Set.of()));
      gone.forEach(id -> put(table, id, null));
    });
  }

  private static Map<String, Object> columns(JsonNode row) {
    Map<String, Object> columns = LinkedHashMap.newLinkedHashMap(row.size());
    for (Map.Entry<String, JsonNode> column : row.properties()) {
      columns.put(column.getKey(), OvsdbValues.fromJson(column.getValue()));
    }
    return columns;
  }

  private void put(String table, UUID id, @Nullable Row after) {
    Map<UUID, Row> rows = table(table);
    Row before = after == null ? rows.remove(id) : rows.put(id, after);
    if ((before == null && after == null) || (before != null && before.equals(after))) {
      return;
    }
    tell(new RowChange(table, Optional.ofNullable(before), Optional.ofNullable(after), Map.of()));
  }

  private void tell(RowChange change) {
    listeners.forEach(listener -> listener.changed(change));
  }
}
