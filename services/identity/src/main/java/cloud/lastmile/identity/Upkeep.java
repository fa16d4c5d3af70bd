package cloud.lastmile.identity;

import cloud.lastmile.identity.access.AccessControl;
import cloud.lastmile.identity.token.TokenKeys;
import cloud.lastmile.identity.user.InactiveUsers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every node looks after once an hour, each thing safe to do on several at once: a new key for
 * tokens every week, and none kept under which no live token can be signed; revocations of tokens
 * that have expired go; users that stay away are disabled.
 */
final class Upkeep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
  private static final Duration EVERY = Duration.ofDays(7);

  /** A key goes on signing for a while after the next one is made. */
  private static final Duration OVERLAP = Duration.ofDays(1);

  private final TokenKeys keys;
  private final AccessControl control;
  private final InactiveUsers inactive;
  private final Duration longestUse;
  private final InstantSource clock;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("identity-upkeep").factory());

  /**
   * @param longestUse how long after it was signed a token may be shown
   */
  Upkeep(
      TokenKeys keys,
      AccessControl control,
      InactiveUsers inactive,
      Duration longestUse,
      InstantSource clock) {
    this.keys = keys;
    this.control = control;
    this.inactive = inactive;
    this.longestUse = longestUse;
    this.clock = clock;
  }

  void start() {
    Future<?> _ = timer.scheduleWithFixedDelay(this::run, 0, 60, TimeUnit.MINUTES);
  }

  /** All of it, now. */
  void run() {
    attempt("rotate the keys of tokens", this::rotate);
    attempt("forget old revocations", control::sweep);
    attempt("disable inactive users", inactive::disable);
  }

  private void rotate() {
    keys.rotate(EVERY);
    keys.dropOlderThan(clock.instant().minus(longestUse).minus(OVERLAP));
  }

  private static void attempt(String what, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException failure) {
      LOG.warn("could not {}; in an hour again", what, failure);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
