package cloud.lastmile.platform.work;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class EachAloneTest {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-03-01T00:00:00Z"));
  private final EachAlone each = new EachAlone("test", now::get);

  private static void fail() {
    throw new IllegalStateException("broken");
  }

  private void later(long seconds) {
    now.updateAndGet(time -> time.plusSeconds(seconds));
  }

  @Test
  void oneThatFailsStopsNoOther() {
    ConcurrentLinkedQueue<String> done = new ConcurrentLinkedQueue<>();
    for (String key : List.of("a", "b", "c")) {
      each.run(
          key,
          () -> {
            if (key.equals("b")) {
              fail();
            }
            done.add(key);
          });
    }
    assertThat(done).containsExactly("a", "c");
    assertThat(each.failed()).containsOnlyKeys("b");
    assertThat(each.failed().get("b").reason()).isEqualTo("broken");
  }

  @Test
  void deepRecursionIsAFailureLikeAnother() {
    assertThat(each.run("deep", EachAloneTest::deeper)).isFalse();
    assertThat(each.failed()).containsOnlyKeys("deep");
  }

  private static void deeper() {
    throw new StackOverflowError("as of a pattern, or of a tree, that somebody has made deep");
  }

  @Test
  void whatGoesOnFailingIsTriedLessOften() {
    AtomicInteger tried = new AtomicInteger();
    for (int second = 0; second < 3600; second++) {
      each.run(
          "a",
          () -> {
            tried.incrementAndGet();
            fail();
          });
      later(1);
    }
    assertThat(tried).hasValueBetween(15, 25);
    assertThat(each.failed().get("a").times()).isEqualTo(tried.get());

    later(300);
    assertThat(each.run("a", () -> {})).isTrue();
    assertThat(each.failed()).isEmpty();
  }

  @Test
  void theFirstFailureIsTriedAgainAtTheNextPass() {
    each.run("a", EachAloneTest::fail);
    assertThat(each.run("a", () -> {})).isTrue();
  }

  @Test
  void whatIsNoMoreIsForgotten() {
    each.run("gone", EachAloneTest::fail);
    later(3601);
    assertThat(each.failed()).isEmpty();
  }

  @Test
  void oneThatHangsStopsNoOther() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger done = new AtomicInteger();
    AtomicInteger hung = new AtomicInteger();
    Map<String, EachAlone.Work> work = new LinkedHashMap<>();
    work.put(
        "hangs",
        () -> {
          hung.incrementAndGet();
          end.await();
        });
    for (int i = 0; i < 20; i++) {
      work.put("other" + i, done::incrementAndGet);
    }
    Thread pass = Thread.ofVirtual().start(() -> each.sideBySide(work, 2, Duration.ofDays(1)));
    Await.until("the others are done", () -> done.get() == 20);
    assertThat(pass.isAlive()).isTrue();

    later(10);
    assertThat(each.hangs("hangs", Duration.ofSeconds(5))).isTrue();
    assertThat(each.hangs("other1", Duration.ofSeconds(5))).isFalse();
    each.sideBySide(work, 2, Duration.ofDays(1));
    assertThat(done).hasValue(40);
    assertThat(hung).hasValue(1);

    end.countDown();
    assertThat(pass.join(Duration.ofSeconds(60))).isTrue();
    each.sideBySide(work, 2, Duration.ofDays(1));
    assertThat(hung).hasValue(2);
  }

  /** As many hang as may work at once: the next pass gives the others their turn. */
  @Test
  void manyThatHangStopNoOther() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger done = new AtomicInteger();
    Map<String, EachAlone.Work> work = new LinkedHashMap<>();
    for (int i = 0; i < 4; i++) {
      work.put("hangs" + i, () -> end.await(1, TimeUnit.DAYS));
    }
    work.put("other", done::incrementAndGet);

    Await.until(
        "the other is done",
        () -> {
          each.sideBySide(work, 4, Duration.ofMillis(100));
          return done.get() > 0;
        });
    end.countDown();
  }
}
