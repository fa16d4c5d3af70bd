package cloud.lastmile.identity.password;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Niceness;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * The few threads that hash. Requests wait for them without holding a processor, and while many
 * wait the hashing stands back behind everything else. A thread keeps its hash's memory for the
 * next one, so that a storm of logins makes no garbage; threads without work end, and their memory
 * with them. See decision 0037.
 */
final class HashingThreads {
  private static final int LONGEST_WAIT_SECONDS = 30;
  private static final int KEPT_SECONDS = 10;

  /** More than one thread can do in the longest wait. */
  private static final int WAITING_PER_THREAD = 1_000;

  private static final int NICE = 10;

  /** Used by one thread. */
  private static final class Workspace {
    private final Argon2Engine engine;
    private boolean placed;

    /**
     * @param front whether the thread must not stand back
     */
    Workspace(Argon2Engine engine, boolean front) {
      this.engine = engine;
      this.placed = front;
    }

    /** A login that comes alone is not held back; those after it are. */
    void standBack() {
      if (!placed) {
        placed = true;
        Niceness.raise(NICE);
      }
    }
  }

  private final ThreadPoolExecutor threads;
  private final ThreadLocal<Workspace> workspaces;
  private final int memoryKib;
  private boolean searched;
  private Optional<NativeArgon2> library = Optional.empty();

  /**
   * @param count of threads
   * @param memoryKib that a usual hash fills
   */
  HashingThreads(int count, int memoryKib) {
    this.threads =
        new ThreadPoolExecutor(
            count,
            count,
            KEPT_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(count * WAITING_PER_THREAD),
            Thread.ofPlatform().daemon().name("password-hash-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
    this.memoryKib = memoryKib;
    this.workspaces = ThreadLocal.withInitial(this::workspace);
  }

  /**
   * Waits for a thread and for what it makes.
   *
   * @param work gets the engine of its thread
   * @throws ApiException unavailable if too many wait, or for too long
   */
  <T> T run(Function<Argon2Engine, T> work) {
    Future<T> made;
    try {
      made = threads.submit(() -> hash(work));
    } catch (RejectedExecutionException full) {
      throw ApiException.unavailable("Too many logins at once; try again.", null);
    }
    try {
      return made.get(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      made.cancel(false);
      throw ApiException.unavailable("Too many logins at once; try again.", null);
    } catch (InterruptedException interrupted) {
      made.cancel(false);
      Thread.currentThread().interrupt();
      throw ApiException.unavailable("Interrupted while waiting to check a password.", interrupted);
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(failed.getCause());
    }
  }

  /**
   * The library is looked for when it is first needed, for that takes time that a start has not.
   * Only outside of the JVM may a thread stand back: the next garbage collection waits until every
   * thread inside has had a processor.
   */
  private synchronized Workspace workspace() {
    if (!searched) {
      searched = true;
      library = NativeArgon2.find();
    }
    return new Workspace(new Argon2Engine(library, memoryKib), library.isEmpty());
  }

  private <T> T hash(Function<Argon2Engine, T> work) {
    Workspace workspace = workspaces.get();
    try {
      return work.apply(workspace.engine);
    } finally {
      workspace.standBack();
    }
  }
}
