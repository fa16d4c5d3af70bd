package cloud.lastmile.platform.database;

/** A column and a direction. NULL is the lowest value, as in the references' database. */
record SortKey(ListColumn column, boolean ascending) {

  SortKey reversed() {
    return new SortKey(column, !ascending);
  }

  /** The ORDER BY term of an expression; plain where no NULL is possible, so that indexes fit. */
  String orderBy(String expression) {
    if (!column.nullable()) {
      return expression + (ascending ? "" : " DESC");
    }
    return expression + (ascending ? " ASC NULLS FIRST" : " DESC NULLS LAST");
  }

  /** That the row's value comes strictly after the marker's. */
  String after(String marker) {
    String sql = column.sql();
    if (!column.nullable()) {
      return sql + (ascending ? " > " : " < ") + marker;
    }
    return ascending
        ? "(%s > %s OR (%s IS NULL AND %s IS NOT NULL))".formatted(sql, marker, marker, sql)
        : "(%s < %s OR (%s IS NOT NULL AND %s IS NULL))".formatted(sql, marker, marker, sql);
  }

  String same(String marker) {
    return column.sql() + (column.nullable() ? " IS NOT DISTINCT FROM " : " = ") + marker;
  }
}
