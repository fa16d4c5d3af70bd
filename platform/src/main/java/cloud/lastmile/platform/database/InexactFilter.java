package cloud.lastmile.platform.database;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A filter such as {@code name__icontains}: a text column and how its values are to be like. */
record InexactFilter(ListColumn column, String verb, boolean anyCase) {
  private static final List<String> VERBS = List.of("contains", "startswith", "endswith");

  /** Empty if the parameter is none, or not of a text column that is a filter. */
  static Optional<InexactFilter> of(String parameter, Map<String, ListColumn> columns) {
    int split = parameter.lastIndexOf("__");
    ListColumn column = split < 0 ? null : columns.get(parameter.substring(0, split));
    if (column == null || !column.filterable() || column.type() != ListColumn.Type.TEXT) {
      return Optional.empty();
    }
    String verb = parameter.substring(split + 2);
    boolean anyCase = verb.startsWith("i");
    String plain = anyCase ? verb.substring(1) : verb;
    return VERBS.contains(plain)
        ? Optional.of(new InexactFilter(column, plain, anyCase))
        : Optional.empty();
  }

  /** The last value counts. */
  Condition condition(List<String> values) {
    String value = values.getLast();
    if (value.indexOf('\0') >= 0) {
      return Condition.NEVER;
    }
    String sql = anyCase ? "lower(" + column.sql() + ")" : column.sql();
    String place = anyCase ? "lower({})" : "{}";
    return Condition.of(
        switch (verb) {
          case "startswith" -> "starts_with(" + sql + ", " + place + ")";
          case "endswith" -> "starts_with(reverse(" + sql + "), reverse(" + place + "))";
          default -> "position(" + place + " in " + sql + ") > 0";
        },
        value);
  }
}
