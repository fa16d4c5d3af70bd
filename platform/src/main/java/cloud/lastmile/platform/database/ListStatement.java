package cloud.lastmile.platform.database;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;

/** The SQL of one list request. */
record ListStatement(
    String from,
    String select,
    List<SortKey> order,
    List<Condition> scope,
    List<Condition> markerScope,
    List<Condition> filters,
    long limit) {

  /** The list from its start. */
  <T> List<T> first(Handle handle, RowMapper<T> mapper) {
    Text text = new Text();
    text.add("SELECT " + select + " FROM " + from);
    text.where(scope, filters);
    text.add(orderBy() + " LIMIT ");
    text.value(limit);
    return text.query(handle).map(mapper).list();
  }

  private String orderBy() {
    StringJoiner terms = new StringJoiner(", ", " ORDER BY ", "");
    order.forEach(key -> terms.add(key.orderBy(key.column().sql())));
    return terms.toString();
  }

  /** The same, which also reads what each row is sorted by, for {@link ListPieces}. */
  ListStatement withSortValues() {
    StringJoiner more = new StringJoiner(", ", select + ", ", "");
    for (int index = 0; index < order.size(); index++) {
      more.add(order.get(index).column().sql() + " AS list_sort_" + index);
    }
    return new ListStatement(from, more.toString(), order, scope, markerScope, filters, limit);
  }

  /**
   * The list from behind a place that need not be a row's any more.
   *
   * @param place what the row there was sorted by
   */
  <T> List<T> behind(Handle handle, RowMapper<T> mapper, List<Optional<Object>> place) {
    Text text = new Text();
    text.add("WITH marker AS (SELECT ");
    for (int index = 0; index < order.size(); index++) {
      text.add((index == 0 ? "" : ", ") + "CAST(");
      place.get(index).ifPresentOrElse(text::value, () -> text.add("NULL"));
      text.add(" AS " + order.get(index).column().sqlType() + ") AS list_sort_" + index);
    }
    text.add(") SELECT " + select + " FROM " + from);
    List<Condition> seek = new ArrayList<>(filters);
    seek.add(Condition.of(seek()));
    text.where(scope, seek);
    text.add(orderBy() + " LIMIT ");
    text.value(limit);
    return text.query(handle).map(mapper).list();
  }

  /**
   * The list from behind the row with this id, or empty if there is no such row. The statement
   * gives one row even if nothing follows, so that it also tells whether the marker exists.
   */
  <T> Optional<List<T>> after(Handle handle, RowMapper<T> mapper, ListColumn id, Object value) {
    Text text = new Text();
    StringJoiner sortValues = new StringJoiner(", ");
    for (int index = 0; index < order.size(); index++) {
      sortValues.add(order.get(index).column().sql() + " AS list_sort_" + index);
    }
    text.add("WITH marker AS (SELECT " + sortValues + " FROM " + from);
    List<Condition> markerRow = new ArrayList<>(markerScope);
    markerRow.add(Condition.of(id.sql() + " = {}", value));
    text.where(markerRow, List.of());
    text.add("), page AS (SELECT " + select + ", TRUE AS list_row, " + sortValues);
    text.add(" FROM " + from);
    List<Condition> seek = new ArrayList<>(filters);
    seek.add(Condition.of(seek()));
    text.where(scope, seek);
    StringJoiner inner = new StringJoiner(", ", " ORDER BY ", "");
    StringJoiner outer = new StringJoiner(", ", " ORDER BY ", "");
    for (int index = 0; index < order.size(); index++) {
      SortKey key = order.get(index);
      inner.add(key.orderBy(key.column().sql()));
      outer.add(key.orderBy("page.list_sort_" + index));
    }
    text.add(inner + " LIMIT ");
    text.value(limit);
    text.add(") SELECT page.*, EXISTS (SELECT FROM marker) AS list_marker");
    text.add(" FROM (VALUES (TRUE)) AS one LEFT JOIN page ON TRUE" + outer);

    boolean[] found = new boolean[1];
    List<Optional<T>> rows =
        text.query(handle)
            .map((result, context) -> {
              found[0] = result.getBoolean("list_marker");
              return result.getBoolean("list_row")
                  ? Optional.of(mapper.map(result, context))
                  : Optional.<T>empty();
            })
            .list();
    return found[0]
        ? Optional.of(rows.stream().flatMap(Optional::stream).toList())
        : Optional.empty();
  }

  /** That a row comes after the marker in the order. */
  private String seek() {
    boolean ascending = order.getFirst().ascending();
    boolean uniform =
        order.stream().allMatch(key -> !key.column().nullable() && key.ascending() == ascending);
    if (uniform) {
      // Row comparison, which an index on the same columns serves directly.
      StringJoiner row = new StringJoiner(", ", "(", ")");
      StringJoiner marker = new StringJoiner(", ", "(SELECT ", " FROM marker)");
      for (int index = 0; index < order.size(); index++) {
        row.add(order.get(index).column().sql());
        marker.add("list_sort_" + index);
      }
      return row + (ascending ? " > " : " < ") + marker;
    }
    String condition = "";
    for (int index = order.size() - 1; index >= 0; index--) {
      SortKey key = order.get(index);
      String marker = "(SELECT list_sort_" + index + " FROM marker)";
      condition =
          condition.isEmpty()
              ? key.after(marker)
              : "(" + key.after(marker) + " OR (" + key.same(marker) + " AND " + condition + "))";
    }
    SortKey first = order.getFirst();
    // Says nothing new, but an index can start there.
    return first.column().nullable()
        ? condition
        : first.column().sql()
            + (first.ascending() ? " >= " : " <= ")
            + "(SELECT list_sort_0 FROM marker) AND ("
            + condition
            + ")";
  }

  /** Statement text with its values, under names that no description uses. */
  private static final class Text {
    private final StringBuilder sql = new StringBuilder();
    private final List<Object> values = new ArrayList<>();

    void add(String part) {
      sql.append(part);
    }

    void value(Object value) {
      sql.append(":list_").append(values.size());
      values.add(value);
    }

    void where(List<Condition> first, List<Condition> second) {
      String word = " WHERE ";
      for (List<Condition> conditions : List.of(first, second)) {
        for (Condition condition : conditions) {
          add(word + "(");
          condition(condition);
          add(")");
          word = " AND ";
        }
      }
    }

    private void condition(Condition condition) {
      String[] parts = condition.sql().split("\\{}", -1);
      if (parts.length != condition.values().size() + 1) {
        throw new IllegalArgumentException("Values do not fit the places: " + condition.sql());
      }
      add(parts[0]);
      for (int index = 1; index < parts.length; index++) {
        value(condition.values().get(index - 1));
        add(parts[index]);
      }
    }

    Query query(Handle handle) {
      Query query = handle.createQuery(sql.toString());
      for (int index = 0; index < values.size(); index++) {
        query.bind("list_" + index, values.get(index));
      }
      return query;
    }
  }
}
