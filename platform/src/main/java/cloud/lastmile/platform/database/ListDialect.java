package cloud.lastmile.platform.database;

/**
 * How a service's lists differ from those of its sisters.
 *
 * @param defaultLimit rows when no limit is asked for
 * @param maxLimit more are never given, whatever is asked for
 * @param zero what {@code limit=0} means
 * @param pairedDirections whether every sort key needs its own direction
 * @param inexact whether a text column {@code name} also has the filters {@code name__contains},
 *     {@code name__startswith}, {@code name__endswith}, and with an {@code i} before the verb those
 *     that do not look at case
 */
public record ListDialect(
    int defaultLimit, int maxLimit, Zero zero, boolean pairedDirections, boolean inexact) {

  /** What a limit of zero asks for. */
  public enum Zero {
    NO_ROWS,
    NO_LIMIT,
    REFUSED
  }

  /** No limit unless asked for one, and zero is none. */
  public static ListDialect unlimited() {
    return new ListDialect(1_000_000, 1_000_000, Zero.NO_LIMIT, true, false);
  }

  /** Pages of at most {@code maxLimit}, which is also the default. */
  public static ListDialect paged(int maxLimit) {
    return new ListDialect(maxLimit, maxLimit, Zero.NO_ROWS, false, false);
  }

  public ListDialect withDefaultLimit(int limit) {
    return new ListDialect(limit, maxLimit, zero, pairedDirections, inexact);
  }

  public ListDialect withZero(Zero meaning) {
    return new ListDialect(defaultLimit, maxLimit, meaning, pairedDirections, inexact);
  }

  public ListDialect withInexact() {
    return new ListDialect(defaultLimit, maxLimit, zero, pairedDirections, true);
  }
}
