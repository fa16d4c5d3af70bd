package cloud.lastmile.identity.common;

import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListQuery;
import java.util.Locale;
import java.util.Set;

/** The filters that every list of identity has. */
public final class Filters {
  private static final Set<String> FALSE = Set.of("0", "false", "f", "off", "no", "n");
  private static final int NO_LIMIT = 1_000_000_000;

  /** Whoever asks for a limit can follow a link to the next page. */
  private static final int MAX_PAGE = 1_000;

  private Filters() {}

  /** Everything, unless the client asks for pages; texts also inexactly. */
  public static ListDialect dialect() {
    return new ListDialect(NO_LIMIT, MAX_PAGE, ListDialect.Zero.NO_LIMIT, true, true);
  }

  /** A filter on a boolean: all but the usual words for no mean yes, also no word at all. */
  public static <T> ListQuery<T> truth(ListQuery<T> list, String name, String sql) {
    return list.filter(name, values -> Condition.of(sql + " = {}", isTrue(values.getLast())));
  }

  public static boolean isTrue(String text) {
    return !FALSE.contains(text.strip().toLowerCase(Locale.ROOT));
  }
}
