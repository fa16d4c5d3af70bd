package cloud.lastmile.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.testing.TestingDatabase;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class MigrationsTest {

  @Test
  void appliesScriptsInOrderAndOnce() {
    try (TestingDatabase testing = TestingDatabase.empty()) {
      testing.migrate("sample");
      testing.migrate("sample");
      assertThat(select(testing, "SELECT name FROM sample.thing")).isEqualTo("second");
      assertThat(select(testing, "SELECT count(*) FROM platform.migration WHERE schema = 'sample'"))
          .isEqualTo("2");
    }
  }

  @Test
  void processesThatStartTogetherTakeTurns() throws Exception {
    try (TestingDatabase testing = TestingDatabase.empty();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<? extends Future<?>> done =
          IntStream.range(0, 4)
              .mapToObj(node -> threads.submit(() -> testing.migrate("sample")))
              .toList();
      for (Future<?> future : done) {
        future.get();
      }
      assertThat(select(testing, "SELECT count(*) FROM sample.thing")).isEqualTo("1");
    }
  }

  @Test
  void refusesAScriptThatWasChangedLater() {
    try (TestingDatabase testing = TestingDatabase.empty()) {
      testing.migrate("sample");
      testing
          .database()
          .change(handle ->
              handle.execute("UPDATE platform.migration SET checksum = 1 WHERE schema = 'sample'"));
      assertThatThrownBy(() -> testing.migrate("sample"))
          .hasMessageContaining("db/sample/V001__first.sql");
    }
  }

  private static String select(TestingDatabase testing, String sql) {
    return testing.database().read(handle -> handle.select(sql).mapTo(String.class).one());
  }
}
