package cloud.lastmile.platform.work;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Work;
import java.time.Duration;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Takes one leased job through its steps, until it ends or must pause. */
final class JobRun<S> {

  /** How the run left the job. */
  record Outcome(boolean anotherIsDue, Optional<Duration> pause) {
    static final Outcome LOST = new Outcome(false, Optional.empty());
  }

  /** What the run needs to know of the engine's state. */
  interface Engine {
    /** The process ends: nothing new begins. */
    boolean isStopping();

    /** For tests: the process counts as killed and changes nothing any more. */
    boolean isDead();
  }

  private static final class LeaseLost extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final Logger LOG = LoggerFactory.getLogger(JobRun.class);
  private static final long DATABASE_PAUSE_MILLIS = 500;

  private final Database database;
  private final JobStore store;
  private final Engine engine;
  private final Saga<S> saga;
  private final JobStore.Row row;

  private S state;
  private int step;
  private int attempts;
  private boolean undoing;
  private String error;
  private long stepBegan;

  /**
   * Whether the row is a step behind: an effect may run twice, so that what follows it at once can
   * save its progress too.
   */
  private boolean behind;

  JobRun(Database database, JobStore store, Engine engine, Saga<S> saga, JobStore.Row row) {
    this.database = database;
    this.store = store;
    this.engine = engine;
    this.saga = saga;
    this.row = row;
    this.state = Json.mapper().readValue(row.state(), saga.stateType());
    this.step = row.step();
    this.attempts = row.attempts();
    this.undoing = row.undoing();
    this.error = row.error() == null ? "" : row.error();
    this.stepBegan = System.nanoTime() - (long) (row.secondsInStep() * 1e9);
  }

  Outcome run() {
    MDC.put("request_id", row.requestId());
    try {
      Optional<Outcome> outcome;
      do {
        outcome = engine.isStopping() ? Optional.of(pause(Duration.ZERO)) : once();
      } while (outcome.isEmpty());
      return outcome.get();
    } catch (LeaseLost e) {
      LOG.warn("Job {} {} of {} is someone else's now", row.id(), row.kind(), row.key());
      return Outcome.LOST;
    } finally {
      MDC.remove("request_id");
    }
  }

  /** One step in the present direction; the outcome if the run is over. */
  private Optional<Outcome> once() {
    try {
      return undoing ? undoOnce() : doOnce();
    } catch (LeaseLost e) {
      throw e;
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      return failed(e);
    }
  }

  private Optional<Outcome> doOnce() throws Exception {
    if (step >= saga.steps().size()) {
      return Optional.of(finished(save(handle -> store.finish(handle, row.id()))));
    }
    return switch (saga.steps().get(step)) {
      case Step.Effect<S> effect -> saved(effect.action().run(state));
      case Step.Transaction<S> transaction -> committed(transaction);
      case Step.Wait<S> wait -> looked(wait);
    };
  }

  private Optional<Outcome> looked(Step.Wait<S> wait) throws Exception {
    Optional<S> next = wait.condition().look(state);
    if (next.isPresent()) {
      return saved(next.get());
    }
    if (System.nanoTime() - stepBegan > wait.limit().toNanos()) {
      throw StepException.terminal("Waited in vain for " + wait.name());
    }
    attempts = 0;
    return Optional.of(pause(wait.interval()));
  }

  private boolean isLast() {
    return step + 1 == saga.steps().size();
  }

  private Optional<Outcome> saved(S next) {
    if (isLast()) {
      return Optional.of(finished(save(handle -> store.finish(handle, row.id()))));
    }
    moved(next, step + 1);
    behind = true;
    if (saga.steps().get(step) instanceof Step.Effect) {
      catchUp();
    }
    return Optional.empty();
  }

  private void catchUp() {
    if (behind) {
      String json = write(state);
      demand(save(handle -> store.advance(handle, row.id(), json, step)));
      behind = false;
    }
  }

  private Optional<Outcome> committed(Step.Transaction<S> transaction) {
    if (isLast()) {
      return Optional.of(
          finished(
              database.transact(handle -> {
                begin();
                transaction.action().run(handle, state);
                Optional<Boolean> anotherWaits = store.finish(handle, row.id());
                demand(anotherWaits.isPresent());
                return anotherWaits;
              })));
    }
    S next =
        database.transact(handle -> {
          begin();
          S result = transaction.action().run(handle, state);
          demand(store.advance(handle, row.id(), write(result), step + 1));
          return result;
        });
    moved(next, step + 1);
    behind = false;
    return Optional.empty();
  }

  private Optional<Outcome> undoOnce() throws Exception {
    while (step >= 0 && !hasUndo(saga.steps().get(step))) {
      step--;
    }
    if (step < 0) {
      database.change(this::report);
      return Optional.of(new Outcome(true, Optional.empty()));
    }
    Step<S> current = saga.steps().get(step);
    if (current instanceof Step.Effect<S> effect && effect.undo() != null) {
      effect.undo().run(state);
      demand(save(handle -> store.advance(handle, row.id(), write(state), step - 1)));
    } else if (current instanceof Step.Transaction<S> transaction && transaction.undo() != null) {
      Step.TransactionUndo<S> undo = transaction.undo();
      database.change(handle -> {
        begin();
        undo.run(handle, state);
        demand(store.advance(handle, row.id(), write(state), step - 1));
      });
    }
    moved(state, step - 1);
    return Optional.empty();
  }

  private static boolean hasUndo(Step<?> step) {
    return switch (step) {
      case Step.Effect<?> effect -> effect.undo() != null;
      case Step.Transaction<?> transaction -> transaction.undo() != null;
      case Step.Wait<?> wait -> false;
    };
  }

  private void report(Handle handle) {
    begin();
    Step.OnFailure<S> reporter = saga.reporter();
    if (reporter != null) {
      reporter.run(handle, state, error);
    }
    demand(store.fail(handle, row.id()));
  }

  private Optional<Outcome> failed(Exception e) {
    catchUp();
    attempts++;
    String what = message(e);
    boolean again = undoing || (isRetryable(e) && attempts < saga.attempts());
    LOG.warn(
        "Job {} {} of {} failed {} step {}, attempt {}: {}",
        row.id(),
        row.kind(),
        row.key(),
        undoing ? "undoing" : "at",
        step,
        attempts,
        what,
        isExpected(e) ? null : e);
    if (again) {
      return Optional.of(pause(saga.pauseAfter(attempts), undoing ? error : what));
    }
    demand(save(handle -> store.turnBack(handle, row.id(), step - 1, what)));
    undoing = true;
    error = what;
    moved(state, step - 1);
    return Optional.empty();
  }

  private static boolean isRetryable(Exception e) {
    return switch (e) {
      case StepException judged -> judged.isRetryable();
      case ApiException refusal -> refusal.kind().status() >= 500;
      default -> true;
    };
  }

  /** What is worded for people says enough without the stack. */
  private static boolean isExpected(Exception e) {
    return (e instanceof ApiException || e instanceof StepException) && e.getCause() == null;
  }

  private static String message(Exception e) {
    return switch (e) {
      case ApiException refusal -> refusal.message();
      case StepException judged -> String.valueOf(judged.getMessage());
      default -> e.toString();
    };
  }

  private void moved(S next, int nextStep) {
    state = next;
    step = nextStep;
    attempts = 0;
    stepBegan = System.nanoTime();
  }

  private static Outcome finished(Optional<Boolean> anotherWaits) {
    return new Outcome(anotherWaits.orElseThrow(LeaseLost::new), Optional.empty());
  }

  private Outcome pause(Duration pause) {
    return pause(pause, error);
  }

  private Outcome pause(Duration pause, String message) {
    catchUp();
    boolean due =
        save(handle -> store.pause(handle, row.id(), pause, attempts, message))
            .orElseThrow(LeaseLost::new);
    return new Outcome(due, Optional.of(pause));
  }

  private String write(S value) {
    return Json.mapper().writeValueAsString(value);
  }

  /** Saves progress; a database that is away is waited for, since the step itself is done. */
  private <T> T save(Work<T> statement) {
    while (true) {
      begin();
      try {
        return database.read(statement);
      } catch (ApiException e) {
        if (e.kind() != ApiException.Kind.UNAVAILABLE || engine.isStopping()) {
          throw e;
        }
        sleep();
      }
    }
  }

  private void begin() {
    if (engine.isDead()) {
      throw new LeaseLost();
    }
  }

  private static void demand(boolean held) {
    if (!held) {
      throw new LeaseLost();
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(DATABASE_PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LeaseLost();
    }
  }
}
