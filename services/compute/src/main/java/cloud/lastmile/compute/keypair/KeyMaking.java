package cloud.lastmile.compute.keypair;

import cloud.lastmile.platform.core.ApiException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The one thread that makes keys. Each takes a processor for a moment that may be long; made on the
 * threads of requests, a few of them keep all others from running.
 */
final class KeyMaking {
  private static final int WAITING = 64;
  private static final int LONGEST_WAIT_SECONDS = 30;
  private static final int KEPT_SECONDS = 10;

  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          1,
          1,
          KEPT_SECONDS,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(WAITING),
          Thread.ofPlatform().daemon().name("key-making").factory());

  KeyMaking() {
    thread.allowCoreThreadTimeOut(true);
  }

  /**
   * Waits for the thread and for what it makes.
   *
   * @throws ApiException unavailable if too many wait, or for too long
   */
  <T> T run(Callable<T> make) {
    Future<T> made;
    try {
      made = thread.submit(make);
    } catch (RejectedExecutionException full) {
      throw tooMany();
    }
    try {
      return made.get(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      made.cancel(false);
      throw tooMany();
    } catch (InterruptedException interrupted) {
      made.cancel(false);
      Thread.currentThread().interrupt();
      throw ApiException.unavailable("Interrupted while a key was made.", interrupted);
    } catch (ExecutionException failed) {
      throw new IllegalStateException("a key could not be made", failed.getCause());
    }
  }

  private static ApiException tooMany() {
    return ApiException.unavailable(
        "Too many keys are being made at once; try again, or import one of your own.", null);
  }
}
