package cloud.lastmile.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Nobody's requests take all connections. */
final class SharesTest {
  @AutoClose private static final TestingDatabase testing = TestingDatabase.create();
  private static final Database database = testing.database();

  @Test
  void oneLeavesConnectionsToOthersAndTakesTurnsWithItself() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> greedy = new ArrayList<>();
      for (int client = 0; client < 40; client++) {
        greedy.add(
            clients.submit(() ->
                Payer.charging(
                    "greedy",
                    () ->
                        database.read(handle -> {
                          most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                          await(end);
                          inside.decrementAndGet();
                          return 1;
                        }))));
      }
      Await.until("its share is taken", () -> inside.get() >= 2);
      for (int asked = 0; asked < 20; asked++) {
        assertThat(Payer.charging("other" + asked, SharesTest::one)).isEqualTo(1);
      }
      assertThat(SharesTest.one()).isEqualTo(1);
      end.countDown();
      for (Future<Integer> each : greedy) {
        assertThat(each.get()).isEqualTo(1);
      }
    }
    assertThat(most.get()).isLessThanOrEqualTo(8);
    assertThat(Payer.charging("greedy", SharesTest::one)).isEqualTo(1);
  }

  private static int one() {
    return database.read(handle -> handle.createQuery("SELECT 1").mapTo(Integer.class).one());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void slowFilterEndsAndSaysSo() {
    assertThatThrownBy(() ->
            database.readFiltered(handle ->
                handle.createQuery("SELECT 1, pg_sleep(3600)").mapTo(Integer.class).one()))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("takes too long");
    // The time limit was that of the transaction.
    String limit =
        database.read(
            handle -> handle.createQuery("SHOW statement_timeout").mapTo(String.class).one());
    assertThat(limit).isEqualTo("15s");
  }
}
