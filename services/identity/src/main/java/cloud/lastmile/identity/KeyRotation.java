package cloud.lastmile.identity;

import cloud.lastmile.identity.token.TokenKeys;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a new key for tokens every week, and forgets those under which no live token can be signed.
 * Every node looks once an hour; the database lets one of them do it.
 */
final class KeyRotation implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyRotation.class);
  private static final Duration EVERY = Duration.ofDays(7);

  /** A key goes on signing for a while after the next one is made. */
  private static final Duration OVERLAP = Duration.ofDays(1);

  private final TokenKeys keys;
  private final Duration longestUse;
  private final InstantSource clock;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("token-key-rotation").factory());

  /**
   * @param longestUse how long after it was signed a token may be shown
   */
  KeyRotation(TokenKeys keys, Duration longestUse, InstantSource clock) {
    this.keys = keys;
    this.longestUse = longestUse;
    this.clock = clock;
  }

  void start() {
    Future<?> _ = timer.scheduleWithFixedDelay(this::run, 1, 1, TimeUnit.HOURS);
  }

  private void run() {
    try {
      keys.rotate(EVERY);
      keys.dropOlderThan(clock.instant().minus(longestUse).minus(OVERLAP));
    } catch (RuntimeException failure) {
      LOG.warn("the keys of tokens could not be rotated; in an hour again", failure);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
