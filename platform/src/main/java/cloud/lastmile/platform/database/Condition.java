package cloud.lastmile.platform.database;

import java.util.List;
import java.util.StringJoiner;

/**
 * A piece of a WHERE clause. The text comes from code only; every value is bound, each where a
 * {@code {}} stands.
 */
public record Condition(String sql, List<Object> values) {

  public static final Condition NEVER = Condition.of("FALSE");

  public Condition {
    values = List.copyOf(values);
  }

  /** For example {@code Condition.of("n.project_id = {}", projectId)}. */
  public static Condition of(String sql, Object... values) {
    return new Condition(sql, List.of(values));
  }

  /** That an SQL expression equals one of these values, all of one type. */
  public static Condition in(String expression, List<?> values) {
    if (values.isEmpty()) {
      return NEVER;
    }
    if (values.size() == 1) {
      return of(expression + " = {}", values.getFirst());
    }
    StringJoiner places = new StringJoiner(", ", expression + " IN (", ")");
    values.forEach(value -> places.add("{}"));
    return new Condition(places.toString(), List.copyOf(values));
  }

  /** That a text contains this one, wherever and in whatever case. */
  public static Condition contains(String expression, String text) {
    String pattern = text.replaceAll("([\\\\%_])", "\\\\$1");
    return of(expression + " ILIKE {}", "%" + pattern + "%");
  }

  /** That at least one of these holds. */
  public static Condition anyOf(List<Condition> conditions) {
    if (conditions.isEmpty()) {
      return NEVER;
    }
    StringJoiner sql = new StringJoiner(" OR ", "(", ")");
    conditions.forEach(condition -> sql.add(condition.sql));
    return new Condition(
        sql.toString(), conditions.stream().flatMap(one -> one.values.stream()).toList());
  }
}
