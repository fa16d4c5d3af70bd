package cloud.lastmile.platform.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.platform.database.Database;
import cloud.lastmile.testing.TestingDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

final class QuotasTest {

  private static final Quotas QUOTAS =
      new Quotas(QuotaSet.of("test").with("cores", 20).with("instances", 10).with("free", -1));

  @AutoClose private static final TestingDatabase testing = TestingDatabase.create();
  private static final Database database = testing.database();

  private static Map<String, Long> usage(String project) {
    return database.read(handle -> QUOTAS.usage(handle, project));
  }

  private static boolean reserves(String project, Map<String, Long> amounts) {
    try {
      database.change(handle -> QUOTAS.reserve(handle, project, amounts));
      return true;
    } catch (QuotaExceeded e) {
      return false;
    }
  }

  @Test
  void concurrentRequestsCannotOversell() throws Exception {
    List<Callable<Boolean>> requests = new ArrayList<>();
    for (int request = 0; request < 60; request++) {
      Map<String, Long> amounts =
          request % 2 == 0
              ? Map.of("instances", 1L, "cores", 1L)
              : Map.of("cores", 1L, "instances", 1L);
      requests.add(() -> reserves("crowd", amounts));
    }
    int granted = 0;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> answer : threads.invokeAll(requests)) {
        granted += answer.get() ? 1 : 0;
      }
    }
    assertThat(granted).isEqualTo(10);
    assertThat(usage("crowd")).containsEntry("instances", 10L).containsEntry("cores", 10L);
  }

  /** What projects used before they were pooled counts, also with many requests at once. */
  @Test
  void pooledProjectsShareWhatTheirDomainMayHave() throws Exception {
    try (TestingDatabase own = TestingDatabase.create()) {
      Database shared = own.database();
      shared.change(handle -> QUOTAS.reserve(handle, "a", "cores", 3));
      shared.change(handle -> {
        UnifiedLimits.put(
            handle, new RegisteredLimit("r", "service", "test", null, "cores", 8, null));
        UnifiedLimits.pool(handle, Map.of("a", "domain"));
        UnifiedLimits.join(handle, "b", "domain");
      });
      List<Callable<Boolean>> requests = new ArrayList<>();
      for (int request = 0; request < 40; request++) {
        String project = request % 2 == 0 ? "a" : "b";
        requests.add(() -> {
          try {
            shared.change(handle -> QUOTAS.reserve(handle, project, "cores", 1));
            return true;
          } catch (QuotaExceeded e) {
            return false;
          }
        });
      }
      int granted = 0;
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (Future<Boolean> answer : threads.invokeAll(requests)) {
          granted += answer.get() ? 1 : 0;
        }
      }
      assertThat(granted).isEqualTo(5);
      shared.change(UnifiedLimits::separate);
      shared.change(handle -> QUOTAS.reserve(handle, "c", "cores", 8));
    }
  }

  @Test
  void namesEverythingThatDoesNotFitAndTakesNothing() {
    assertThat(reserves("one", Map.of("instances", 4L))).isTrue();
    assertThatThrownBy(() ->
            database.change(handle ->
                QUOTAS.reserve(handle, "one", Map.of("cores", 21L, "instances", 7L, "free", 1L))))
        .isInstanceOfSatisfying(
            QuotaExceeded.class,
            e ->
                assertThat(e.excesses())
                    .containsExactly(
                        new QuotaExceeded.Excess("cores", 20, 0, 21),
                        new QuotaExceeded.Excess("instances", 10, 4, 7)));
    assertThat(usage("one")).isEqualTo(Map.of("cores", 0L, "instances", 4L, "free", 0L));
  }

  @Test
  void whatIsReleasedFitsAgain() {
    assertThat(reserves("two", Map.of("instances", 10L))).isTrue();
    assertThat(reserves("two", Map.of("instances", 1L))).isFalse();
    database.change(handle -> QUOTAS.release(handle, "two", Map.of("instances", 3L)));
    assertThat(reserves("two", Map.of("instances", 3L))).isTrue();
    database.change(handle -> QUOTAS.release(handle, "two", "instances", 100));
    assertThat(usage("two")).containsEntry("instances", 0L);
  }

  @Test
  void ownLimitsReplaceTheDefaultsUntilReset() {
    database.change(handle -> QUOTAS.setLimit(handle, "three", "instances", 1));
    assertThat(reserves("three", Map.of("instances", 2L))).isFalse();
    database.change(handle -> QUOTAS.setLimit(handle, "three", "instances", -1));
    assertThat(reserves("three", Map.of("instances", 1_000L))).isTrue();
    database.change(handle -> QUOTAS.resetLimits(handle, "three"));
    assertThat(database.<Map<String, Long>>read(handle -> QUOTAS.limits(handle, "three")))
        .isEqualTo(QUOTAS.defaults());
    assertThat(reserves("three", Map.of("instances", 1L))).isFalse();
  }
}
