package cloud.lastmile.identity.federation.oidc;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Something that is fetched from elsewhere and kept for a while. One caller fetches, the others
 * wait for it without a lock, and after each attempt there is a pause, so that nobody can make us
 * ask often. What was fetched is used beyond its time while it cannot be had anew, but not for
 * ever.
 */
final class Fetched<T> {
  private static final Duration KEPT = Duration.ofMinutes(15);
  private static final Duration STALE = Duration.ofHours(12);
  private static final Duration PAUSE = Duration.ofSeconds(30);

  /** Fetches it. */
  @FunctionalInterface
  interface Source<T> {
    T fetch() throws OidcFailure;
  }

  /** The last value that came, and when. */
  private record Value<T>(T value, Instant at) {}

  private record Attempt<T>(CompletableFuture<Value<T>> outcome, Instant at) {}

  private final Source<T> source;
  private final InstantSource clock;
  private final AtomicReference<@Nullable Attempt<T>> last = new AtomicReference<>();

  Fetched(Source<T> source, InstantSource clock) {
    this.source = source;
    this.clock = clock;
  }

  T get() throws OidcFailure {
    return newerThan(KEPT);
  }

  /** Fetched again, if it was not a moment ago. */
  T fresh() throws OidcFailure {
    return newerThan(PAUSE);
  }

  private T newerThan(Duration age) throws OidcFailure {
    Instant now = clock.instant();
    Attempt<T> before = last.get();
    boolean failed = before != null && before.outcome().isCompletedExceptionally();
    if (before != null && now.isBefore(before.at().plus(failed ? PAUSE : age))) {
      return value(before);
    }
    Attempt<T> mine = new Attempt<>(new CompletableFuture<>(), now);
    if (!last.compareAndSet(before, mine)) {
      return newerThan(age);
    }
    fetch(mine, before == null || failed ? null : before, now);
    return value(mine);
  }

  private void fetch(Attempt<T> mine, @Nullable Attempt<T> before, Instant now) {
    try {
      mine.outcome().complete(new Value<>(source.fetch(), now));
    } catch (OidcFailure | RuntimeException failure) {
      Value<T> old = before == null ? null : before.outcome().getNow(null);
      if (old != null && now.isBefore(old.at().plus(STALE))) {
        mine.outcome().complete(old);
      } else {
        mine.outcome().completeExceptionally(failure);
      }
    }
  }

  private static <T> T value(Attempt<T> attempt) throws OidcFailure {
    try {
      return attempt.outcome().join().value();
    } catch (CompletionException failure) {
      if (failure.getCause() instanceof OidcFailure reason) {
        throw reason;
      }
      throw failure;
    }
  }
}
