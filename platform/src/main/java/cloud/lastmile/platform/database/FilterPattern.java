package cloud.lastmile.platform.database;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.postgresql.util.PSQLException;

/**
 * A client's regular expression, in the dialect of PostgreSQL, which matches it. What could take
 * long whatever the text is refused: references back, which make a match grow exponentially, and
 * repetitions that make the compiled pattern large. The rest is the judgement of PostgreSQL itself.
 */
public record FilterPattern(String text) {
  private static final int MAX_LENGTH = 1_000;

  /** Positions of the compiled pattern; PostgreSQL's own limit is far higher and slow to reach. */
  private static final long MAX_STATES = 4_000;

  private static final String INVALID_REGULAR_EXPRESSION = "2201B";
  private static final Pattern OTHER_DIALECT = Pattern.compile("\\(\\?[a-zA-Z]*[beq]");
  private static final Pattern BOUND = Pattern.compile("\\{(\\d{1,4})(?:,(\\d{0,4}))?\\}");

  /** Empty if it may not be asked for. */
  public static Optional<FilterPattern> of(String text) {
    boolean fits =
        text.length() <= MAX_LENGTH
            && text.indexOf('\0') < 0
            // Other dialects and literal text, which clients cannot mean.
            && !text.startsWith("***")
            && !OTHER_DIALECT.matcher(text).lookingAt()
            && !refersBack(text)
            && states(text) <= MAX_STATES;
    return fits ? Optional.of(new FilterPattern(text)) : Optional.empty();
  }

  /** The pattern matched from the start of the text only. */
  public FilterPattern fromStart() {
    return new FilterPattern("^(?:" + text + ")");
  }

  /** That the text of an SQL expression has a match. */
  public Condition matches(String expression) {
    return Condition.of(expression + " ~ {}", text);
  }

  /** Whether PostgreSQL knows it; if not, the transaction cannot go on. */
  public boolean isKnown(Handle handle) {
    try {
      return handle
          .createQuery("SELECT '' ~ :pattern IS NOT NULL")
          .bind("pattern", text)
          .mapTo(Boolean.class)
          .one();
    } catch (RuntimeException failure) {
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        if (cause instanceof PSQLException sql
            && INVALID_REGULAR_EXPRESSION.equals(sql.getSQLState())) {
          return false;
        }
      }
      throw failure;
    }
  }

  private static boolean refersBack(String text) {
    for (int i = 0; i < text.length() - 1; i++) {
      if (text.charAt(i) == '\\') {
        i++;
        if (text.charAt(i) >= '1' && text.charAt(i) <= '9') {
          return true;
        }
      }
    }
    return false;
  }

  /** How many positions it has at least, repetitions written out. */
  private static long states(String text) {
    Deque<Long> outer = new ArrayDeque<>();
    long here = 0;
    long last = 0;
    Matcher bound = BOUND.matcher(text);
    for (int i = 0; i < text.length(); i++) {
      char sign = text.charAt(i);
      if (sign == '(') {
        outer.push(here);
        here = 0;
        last = 0;
      } else if (sign == ')' && !outer.isEmpty()) {
        last = here;
        here += outer.pop();
      } else if (sign == '{' && bound.region(i, text.length()).lookingAt()) {
        long copies = Math.max(1, copies(bound));
        here += last * (copies - 1);
        last *= copies;
        i = bound.end() - 1;
      } else {
        if (sign == '\\') {
          i++;
        } else if (sign == '[') {
          i = endOfSet(text, i);
        }
        last = 1;
        here += 1;
      }
      if (here > MAX_STATES) {
        return here;
      }
    }
    return here + outer.stream().mapToLong(Long::longValue).sum();
  }

  private static long copies(Matcher bound) {
    String upper = bound.group(2);
    return Long.parseLong(upper == null || upper.isEmpty() ? bound.group(1) : upper);
  }

  /** The place of the bracket that ends a set, or the last place if none does. */
  private static int endOfSet(String text, int start) {
    int i = start + 1;
    if (i < text.length() && text.charAt(i) == '^') {
      i++;
    }
    if (i < text.length() && text.charAt(i) == ']') {
      i++;
    }
    while (i < text.length() && text.charAt(i) != ']') {
      i += text.charAt(i) == '\\' ? 2 : 1;
    }
    return Math.min(i, text.length() - 1);
  }
}
