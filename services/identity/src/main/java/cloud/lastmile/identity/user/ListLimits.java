package cloud.lastmile.identity.user;

import cloud.lastmile.identity.access.Kept;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How many users or groups one answer has at most, in lists of domains whose configuration has a
 * {@code list_limit}.
 */
public final class ListLimits {
  private static final String LIMIT = "limit";

  private final Kept<Map<String, Integer>> limits;

  /**
   * @param limits by domain, where there is one
   */
  public ListLimits(Kept<Map<String, Integer>> limits) {
    this.limits = limits;
  }

  /** What a request asks for, with a limit that is not above the domain's. */
  Map<String, List<String>> bounded(Map<String, List<String>> query, @Nullable String domainId) {
    Integer most = domainId == null ? null : limits.get().get(domainId);
    if (most == null || asksForLess(query.getOrDefault(LIMIT, List.of()), most)) {
      return query;
    }
    Map<String, List<String>> bounded = new TreeMap<>(query);
    bounded.put(LIMIT, List.of(Integer.toString(most)));
    return bounded;
  }

  /** Or for what is no limit at all, which is refused later. */
  private static boolean asksForLess(List<String> asked, int most) {
    if (asked.isEmpty()) {
      return false;
    }
    String text = asked.getLast();
    if (!text.matches("[0-9]+")) {
      return true;
    }
    boolean small = text.length() < 10;
    // Zero asks for no limit.
    return small && Integer.parseInt(text) > 0 && Integer.parseInt(text) <= most;
  }
}
