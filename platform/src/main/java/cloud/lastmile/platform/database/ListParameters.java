package cloud.lastmile.platform.database;

import cloud.lastmile.platform.core.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads what a request asks of a list: sort keys, limit, marker and filters. */
record ListParameters(Map<String, List<String>> query, ListDialect dialect) {

  private static final int LONGEST_SORT = 20;

  Optional<String> last(String name) {
    List<String> values = query.getOrDefault(name, List.of());
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
  }

  boolean reverse() {
    return last("page_reverse")
        .map(text -> List.of("true", "1", "on", "yes").contains(text.toLowerCase(Locale.ROOT)))
        .orElse(false);
  }

  /** Rows at most; zero for an empty list. */
  int limit() {
    Optional<String> text = last("limit");
    if (text.isEmpty()) {
      return dialect.defaultLimit();
    }
    long limit = parseLimit(text.get());
    if (limit > 0) {
      return (int) Math.min(limit, dialect.maxLimit());
    }
    return switch (dialect.zero()) {
      case NO_ROWS -> 0;
      case NO_LIMIT -> dialect.maxLimit();
      case REFUSED ->
          throw ApiException.invalidField("limit", text.get(), "The limit must be positive");
    };
  }

  private static long parseLimit(String text) {
    if (!text.matches("\\d+")) {
      throw ApiException.invalidField(
          "limit", text, "'" + text + "' is not a non-negative integer");
    }
    return text.length() > 18 ? Long.MAX_VALUE : Long.parseLong(text);
  }

  /** The keys as asked for, or the default ones; without the tie-breaker. */
  List<SortKey> sort(Map<String, ListColumn> columns, List<SortKey> defaults) {
    List<String> keys = query.getOrDefault("sort_key", List.of());
    List<String> directions = query.getOrDefault("sort_dir", List.of());
    Optional<String> combined = last("sort");
    if (combined.isPresent()) {
      if (!keys.isEmpty() || !directions.isEmpty()) {
        throw ApiException.badRequest(
            "The 'sort_key' and 'sort_dir' parameters cannot be used together with 'sort'.");
      }
      return combined(combined.get(), columns);
    }
    if (dialect.pairedDirections() && !directions.isEmpty() && keys.size() != directions.size()) {
      throw ApiException.badRequest("The number of sort_keys and sort_dirs must be the same.");
    }
    if (keys.isEmpty()) {
      return directions.isEmpty()
          ? defaults
          : defaults.stream()
              .map(key -> new SortKey(key.column(), ascending(directions.getFirst())))
              .toList();
    }
    if (directions.size() > keys.size()) {
      throw ApiException.badRequest("There are more sort directions than sort keys.");
    }
    return pairs(keys, directions, columns, defaults);
  }

  private List<SortKey> pairs(
      List<String> keys,
      List<String> directions,
      Map<String, ListColumn> columns,
      List<SortKey> defaults) {
    boolean otherwise =
        directions.isEmpty()
            ? dialect.pairedDirections() || defaults.isEmpty() || defaults.getFirst().ascending()
            : ascending(directions.getFirst());
    List<SortKey> sort = new ArrayList<>();
    for (int index = 0; index < keys.size(); index++) {
      boolean ascending = index < directions.size() ? ascending(directions.get(index)) : otherwise;
      add(sort, column(keys.get(index), columns), ascending);
    }
    return sort;
  }

  /** {@code name:asc,created_at}; a key without direction descends. */
  private static List<SortKey> combined(String text, Map<String, ListColumn> columns) {
    List<SortKey> sort = new ArrayList<>();
    for (String term : text.split(",", -1)) {
      String[] parts = term.strip().split(":", 2);
      boolean ascending = parts.length == 2 && ascending(parts[1].strip());
      add(sort, column(parts[0].strip(), columns), ascending);
    }
    return sort;
  }

  private static void add(List<SortKey> sort, ListColumn column, boolean ascending) {
    // A key that comes again has nothing left to order.
    if (sort.stream().anyMatch(key -> key.column().equals(column))) {
      return;
    }
    if (sort.size() == LONGEST_SORT) {
      throw ApiException.badRequest("There are too many sort keys.");
    }
    sort.add(new SortKey(column, ascending));
  }

  private static ListColumn column(String name, Map<String, ListColumn> columns) {
    ListColumn column = columns.get(name);
    if (column == null) {
      throw ApiException.invalidField("sort_key", name, "'" + name + "' is not a valid sort key");
    }
    return column;
  }

  private static boolean ascending(String direction) {
    return switch (direction.toLowerCase(Locale.ROOT)) {
      case "asc" -> true;
      case "desc" -> false;
      default ->
          throw ApiException.invalidField(
              "sort_dir", direction, "'" + direction + "' is not one of 'asc', 'desc'");
    };
  }

  /** What the values of one filter parameter ask of a column. */
  Condition filter(ListColumn column, List<String> values) {
    return Condition.in(
        column.sql(),
        values.stream().distinct().map(column::parse).flatMap(Optional::stream).toList());
  }
}
