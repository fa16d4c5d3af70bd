package cloud.lastmile.platform.work;

import java.time.Duration;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** One step of a {@link Saga}: how it is done and, where it leaves something, how it is undone. */
sealed interface Step<S> {

  String name();

  /** Has an effect outside of the database; may be run again after it has succeeded. */
  record Effect<S>(String name, Action<S> action, @Nullable Undo<S> undo) implements Step<S> {}

  /** Commits together with the job's progress; takes effect exactly once. */
  record Transaction<S>(String name, TransactionAction<S> action, @Nullable TransactionUndo<S> undo)
      implements Step<S> {}

  /** Waits for something; looks again after the interval or when nudged. */
  record Wait<S>(String name, Condition<S> condition, Duration interval, Duration limit)
      implements Step<S> {}

  /** Gives the state that the next step sees. */
  @FunctionalInterface
  interface Action<S> {
    S run(S state) throws Exception;
  }

  /** Takes back what the step did; finding nothing to take back is success. */
  @FunctionalInterface
  interface Undo<S> {
    void run(S state) throws Exception;
  }

  /** As {@link Action}, with SQL only. */
  @FunctionalInterface
  interface TransactionAction<S> {
    S run(Handle handle, S state);
  }

  /** As {@link Undo}, with SQL only. */
  @FunctionalInterface
  interface TransactionUndo<S> {
    void run(Handle handle, S state);
  }

  /** The next state if what is waited for is there. */
  @FunctionalInterface
  interface Condition<S> {
    Optional<S> look(S state) throws Exception;
  }

  /** The last report of a job that failed and is undone. */
  @FunctionalInterface
  interface OnFailure<S> {
    void run(Handle handle, S state, String error);
  }
}
