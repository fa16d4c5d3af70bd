package cloud.lastmile.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import cloud.lastmile.testing.TestingDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.TimeZone;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DatabaseTest {

  @AutoClose private static final TestingDatabase testing = TestingDatabase.create();
  private static final Database database = testing.database();

  @BeforeEach
  void makeTable() {
    database.change(handle ->
        handle.execute(
            """
            DROP TABLE IF EXISTS thing;
            CREATE TABLE thing (
              id int CONSTRAINT thing_once PRIMARY KEY, amount int NOT NULL);
            INSERT INTO thing VALUES (1, 0), (2, 0)\
            """));
  }

  /** The build runs tests in another zone, which the driver would make the session's. */
  @Test
  void sessionsAreInUtcWhateverTheZoneOfTheProgram() throws Exception {
    assertThat(TimeZone.getDefault().getRawOffset()).isNotZero();
    String zone = database.read(handle -> zone(handle.getConnection()));
    assertThat(zone).isEqualTo("UTC");
    try (Connection aside = database.connectAside()) {
      assertThat(zone(aside)).isEqualTo("UTC");
    }
  }

  private static String zone(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SHOW timezone")) {
      result.next();
      return result.getString(1);
    }
  }

  @Test
  void failedWorkChangesNothing() {
    assertThatThrownBy(() ->
            database.change(handle -> {
              handle.execute("UPDATE thing SET amount = 5");
              throw new IllegalStateException("after the update");
            }))
        .hasMessage("after the update");
    assertThat(amounts()).containsExactly(0, 0);
  }

  @Test
  void namesTheViolatedConstraint() {
    Throwable failure =
        catchThrowable(
            () -> database.change(handle -> handle.execute("INSERT INTO thing VALUES (1, 1)")));
    assertThat(Database.violated(failure)).contains("thing_once");
    assertThat(Database.violated(new IllegalStateException())).isEmpty();
  }

  @Test
  void refusesWorkInsideWork() {
    assertThatThrownBy(() -> database.read(outer -> database.read(DatabaseTest::count)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void deadlocksAreRunAgain() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch bothHoldOne = new CountDownLatch(2);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> done = new ArrayList<>();
      for (int first : List.of(1, 2)) {
        done.add(
            threads.submit(() ->
                database.change(handle -> {
                  runs.incrementAndGet();
                  increment(handle, first);
                  await(bothHoldOne);
                  increment(handle, 3 - first);
                })));
      }
      for (Future<?> future : done) {
        future.get();
      }
    }
    assertThat(amounts()).containsExactly(2, 2);
    assertThat(runs).hasValue(3);
  }

  private static void await(CountDownLatch latch) {
    latch.countDown();
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aLostConnectionIsRunAgain() {
    AtomicInteger runs = new AtomicInteger();
    database.change(handle -> {
      increment(handle, 1);
      if (runs.incrementAndGet() == 1) {
        handle.execute("SELECT pg_terminate_backend(pg_backend_pid())");
      }
    });
    assertThat(amounts()).containsExactly(1, 0);
  }

  @Test
  void countsStatements() {
    assertThat(
            StatementCounter.count(() ->
                database.change(handle -> {
                  increment(handle, 1);
                  increment(handle, 2);
                })))
        .isEqualTo(2);
  }

  private static void increment(Handle handle, int id) {
    handle.execute("UPDATE thing SET amount = amount + 1 WHERE id = ?", id);
  }

  private static int count(Handle handle) {
    return handle.select("SELECT count(*) FROM thing").mapTo(Integer.class).one();
  }

  private static List<Integer> amounts() {
    return database.read(handle ->
        handle.select("SELECT amount FROM thing ORDER BY id").mapTo(Integer.class).list());
  }
}
