package cloud.lastmile.platform.work;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a loop over things of many owners treats each of them: alone. One that fails, or that hangs,
 * stops none of its neighbours; it is tried again at the loop's later passes, less often the longer
 * it fails, up to every five minutes. Which ones fail, and why, is {@link #failed()}, a line in the
 * log at the first and every doubled time, and the gauge {@code lastmile.work.failing} by the
 * loop's name.
 *
 * <pre>{@code
 * private final EachAlone sweeping = new EachAlone("host-sweep");
 * ...
 * for (Guest guest : guests) {
 *   sweeping.run(guest.id().toString(), () -> guest.cutLog(LIMIT));
 * }
 * }</pre>
 *
 * <p>Work that was found by a statement or call for all things at once is not alone: let that fail
 * the pass.
 */
public final class EachAlone {
  private static final Logger LOG = LoggerFactory.getLogger(EachAlone.class);
  private static final int LONGEST_PAUSE = 300;
  private static final int DOUBLINGS = 9;
  private static final Duration FORGOTTEN = Duration.ofHours(1);

  /** More failures than this are counted and logged, not kept. */
  private static final int KEPT = 1000;

  private final String name;
  private final InstantSource clock;
  private final Counter failed;
  private final Map<String, Failure> failures = new ConcurrentHashMap<>();
  private final Map<String, Instant> underWay = new ConcurrentHashMap<>();

  /** What is done with one of the things. */
  @FunctionalInterface
  public interface Work {
    void run() throws Exception;
  }

  /**
   * Of one thing.
   *
   * @param times how often in a row
   * @param reason the last one's
   * @param again not before this is it tried again
   */
  public record Failure(int times, String reason, Instant again) {}

  /**
   * @param name of the loop, as the log and the gauge shall call it
   */
  public EachAlone(String name) {
    this(name, InstantSource.system());
  }

  /** With a clock that says when something is tried again. */
  public EachAlone(String name, InstantSource clock) {
    this.name = name;
    this.clock = clock;
    this.failed = Metrics.counter("lastmile.work.failures", "loop", name);
  }

  /**
   * Does the work for one thing, unless it has failed lately.
   *
   * @return whether it was done; a failure is never thrown
   */
  public boolean run(String key, Work work) {
    Failure before = failures.get(key);
    if (before != null && before.again().isAfter(clock.instant())) {
      return false;
    }
    try {
      work.run();
      failures.remove(key);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (Exception | StackOverflowError failure) {
      note(key, before, failure);
      return false;
    }
  }

  private void note(String key, @Nullable Failure before, Throwable failure) {
    failed.increment();
    int times = before == null ? 1 : before.times() + 1;
    if (Integer.bitCount(times) == 1) {
      LOG.warn("{}: {} failed for the {}. time; the others go on", name, key, times, failure);
    }
    if (failures.size() >= KEPT) {
      forget();
    }
    // The first is tried again at the next pass.
    long pause = times == 1 ? 0 : Math.min(LONGEST_PAUSE, 1L << Math.min(times - 2, DOUBLINGS));
    if (before != null || failures.size() < KEPT) {
      String reason = String.valueOf(failure.getMessage());
      failures.put(key, new Failure(times, reason, clock.instant().plusSeconds(pause)));
    }
  }

  /**
   * Does the work of several things side by side, each on a thread of its own. One that is still
   * under way from an earlier call, because it hangs, is left to that; it counts as no turn.
   *
   * @param atOnce how many work at the same time
   * @param limit how long to wait for all; what takes longer goes on by itself, what has not begun
   *     by then is left to the next call
   */
  public void sideBySide(Map<String, Work> work, int atOnce, Duration limit) {
    Semaphore turns = new Semaphore(atOnce);
    CountDownLatch left = new CountDownLatch(work.size());
    long end = System.nanoTime() + limit.toNanos();
    work.forEach((key, each) -> {
      if (underWay.putIfAbsent(key, clock.instant()) != null) {
        left.countDown();
        return;
      }
      Thread.ofVirtual()
          .name(name + " " + key)
          .start(() -> {
            try {
              // Who gets no turn, since others hang, has one in the next pass: those that hang
              // take none then.
              if (turns.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                run(key, each);
                turns.release();
              }
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            } finally {
              underWay.remove(key);
              left.countDown();
            }
          });
    });
    try {
      if (!left.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        LOG.warn("{}: {} do not end; the others are done", name, underWay.keySet());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether work for the thing that {@link #sideBySide} began so long ago has not ended. */
  public boolean hangs(String key, Duration longest) {
    Instant begun = underWay.get(key);
    return begun != null && begun.isBefore(clock.instant().minus(longest));
  }

  /** What fails at the moment, and why, by key. */
  public Map<String, Failure> failed() {
    forget();
    return new TreeMap<>(failures);
  }

  /** What was not tried again for long is no more. */
  private void forget() {
    Instant old = clock.instant().minus(FORGOTTEN);
    failures.values().removeIf(failure -> failure.again().isBefore(old));
  }
}
