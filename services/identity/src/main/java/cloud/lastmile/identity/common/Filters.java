package cloud.lastmile.identity.common;

import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListQuery;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The filters that every list of identity has. */
public final class Filters {
  private static final Set<String> FALSE = Set.of("0", "false", "f", "off", "no", "n");
  private static final int MAX_PAGE = 1_000_000;

  private Filters() {}

  /** Everything, unless the client asks for pages. */
  public static ListDialect dialect() {
    return ListDialect.unlimited().withDefaultLimit(MAX_PAGE);
  }

  /**
   * Adds {@code name__contains}, {@code name__startswith}, {@code name__endswith} and their {@code
   * i} forms, which do not look at case.
   */
  public static <T> ListQuery<T> inexact(ListQuery<T> list, String name, String sql) {
    String folded = "lower(" + sql + ")";
    return list.filter(name + "__contains", values -> contains(sql, "{}", values))
        .filter(name + "__icontains", values -> contains(folded, "lower({})", values))
        .filter(name + "__startswith", values -> starts(sql, "{}", values))
        .filter(name + "__istartswith", values -> starts(folded, "lower({})", values))
        .filter(name + "__endswith", values -> ends(sql, "{}", values))
        .filter(name + "__iendswith", values -> ends(folded, "lower({})", values));
  }

  /** A filter on a boolean: all but the usual words for no mean yes, also no word at all. */
  public static <T> ListQuery<T> truth(ListQuery<T> list, String name, String sql) {
    return list.filter(name, values -> Condition.of(sql + " = {}", isTrue(values.getLast())));
  }

  public static boolean isTrue(String text) {
    return !FALSE.contains(text.strip().toLowerCase(Locale.ROOT));
  }

  private static Condition contains(String sql, String place, List<String> values) {
    return bound("position(" + place + " in " + sql + ") > 0", values.getLast());
  }

  private static Condition starts(String sql, String place, List<String> values) {
    return bound("starts_with(" + sql + ", " + place + ")", values.getLast());
  }

  private static Condition ends(String sql, String place, List<String> values) {
    return bound("starts_with(reverse(" + sql + "), reverse(" + place + "))", values.getLast());
  }

  private static Condition bound(String sql, String value) {
    return value.indexOf('\0') >= 0 ? Condition.NEVER : Condition.of(sql, value);
  }
}
