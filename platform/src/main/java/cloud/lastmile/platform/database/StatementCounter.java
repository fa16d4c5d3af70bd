package cloud.lastmile.platform.database;

import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Counts the SQL statements that a piece of code sends, so that a test can assert that a list costs
 * the same however long it is. A batch counts as one statement; BEGIN and COMMIT do not count.
 */
public final class StatementCounter {

  private static final ScopedValue<AtomicInteger> COUNT = ScopedValue.newInstance();

  static final SqlLogger LOGGER =
      new SqlLogger() {
        @Override
        public void logBeforeExecution(StatementContext context) {
          count();
        }
      };

  private StatementCounter() {}

  static void count() {
    if (COUNT.isBound()) {
      COUNT.get().incrementAndGet();
    }
  }

  /** How many statements {@code code} sent on this thread and on those that inherit its scope. */
  public static int count(Runnable code) {
    AtomicInteger count = new AtomicInteger();
    ScopedValue.where(COUNT, count).run(code);
    return count.get();
  }

  /** Adds to a counter that the caller keeps, for example one per request. */
  public static <T, X extends Throwable> T counting(
      AtomicInteger count, ScopedValue.CallableOp<? extends T, X> code) throws X {
    return ScopedValue.where(COUNT, count).call(code);
  }
}
