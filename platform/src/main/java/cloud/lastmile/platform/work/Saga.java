package cloud.lastmile.platform.work;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a durable job, in order. The state is an immutable record that Jackson can write and
 * read; each step returns the next one, which is saved before the next step begins.
 *
 * <pre>{@code
 * private final Saga<State> saga =
 *     Saga.named("server-create", State.class)
 *         .transaction("claim", this::claim, this::unclaim)        // (Handle, S) -> S, exactly once
 *         .step("ports", this::makePorts, this::removePorts)       // S -> S, idempotent
 *         .waitFor("ports-up", this::portsUp, Duration.ofSeconds(1), Duration.ofMinutes(5))
 *         .step("start", this::start, this::destroy)
 *         .onFailure(this::markError);                             // (Handle, S, String)
 * }</pre>
 *
 * <p>A step that fails is tried again with growing pauses, up to {@link #attempts}; a {@link
 * StepException#terminal} or a refusal (an {@code ApiException} of the 4xx kinds) is final at once.
 * Then the steps that were done are undone in reverse, each tried until it succeeds, and {@code
 * onFailure} is told. A step that fails half-way cleans up after itself or leaves only what its own
 * next attempt, or an earlier step's undo, copes with.
 *
 * <p>Renaming or reordering the steps of a saga breaks its jobs under way across an upgrade: append
 * steps, or make a saga of a new name.
 */
public final class Saga<S> {

  private static final int DEFAULT_ATTEMPTS = 6;
  private static final Duration DEFAULT_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

  private final String name;
  private final Class<S> stateType;
  private final List<Step<S>> steps;
  private final int attempts;
  private final Duration firstPause;
  private final Step.@Nullable OnFailure<S> onFailure;

  private Saga(
      String name,
      Class<S> stateType,
      List<Step<S>> steps,
      int attempts,
      Duration firstPause,
      Step.@Nullable OnFailure<S> onFailure) {
    this.name = name;
    this.stateType = stateType;
    this.steps = List.copyOf(steps);
    this.attempts = attempts;
    this.firstPause = firstPause;
    this.onFailure = onFailure;
  }

  public static <S> Saga<S> named(String name, Class<S> stateType) {
    return new Saga<>(name, stateType, List.of(), DEFAULT_ATTEMPTS, DEFAULT_PAUSE, null);
  }

  /** A step outside of the database that leaves nothing to undo. */
  public Saga<S> step(String step, Step.Action<S> action) {
    return with(new Step.Effect<>(step, action, null));
  }

  public Saga<S> step(String step, Step.Action<S> action, Step.Undo<S> undo) {
    return with(new Step.Effect<>(step, action, undo));
  }

  /** A step of SQL only, committed together with the job's progress. */
  public Saga<S> transaction(String step, Step.TransactionAction<S> action) {
    return with(new Step.Transaction<>(step, action, null));
  }

  public Saga<S> transaction(
      String step, Step.TransactionAction<S> action, Step.TransactionUndo<S> undo) {
    return with(new Step.Transaction<>(step, action, undo));
  }

  /**
   * Waits without occupying anything.
   *
   * @param interval between looks; {@link Jobs#nudge} makes it look at once
   * @param limit after which the step has failed
   */
  public Saga<S> waitFor(
      String step, Step.Condition<S> condition, Duration interval, Duration limit) {
    return with(new Step.Wait<>(step, condition, interval, limit));
  }

  /** In one transaction with the end of the job. */
  public Saga<S> onFailure(Step.OnFailure<S> report) {
    return new Saga<>(name, stateType, steps, attempts, firstPause, report);
  }

  /** How often a step is tried, and the first pause, which doubles each time. */
  public Saga<S> attempts(int count, Duration pause) {
    return new Saga<>(name, stateType, steps, count, pause, onFailure);
  }

  private Saga<S> with(Step<S> step) {
    List<Step<S>> more = new ArrayList<>(steps);
    more.add(step);
    return new Saga<>(name, stateType, more, attempts, firstPause, onFailure);
  }

  public String name() {
    return name;
  }

  Class<S> stateType() {
    return stateType;
  }

  List<Step<S>> steps() {
    return steps;
  }

  int attempts() {
    return attempts;
  }

  Step.@Nullable OnFailure<S> reporter() {
    return onFailure;
  }

  Duration pauseAfter(int failures) {
    long millis = firstPause.toMillis() << Math.min(failures - 1, 20);
    return Duration.ofMillis(Math.min(millis, LONGEST_PAUSE.toMillis()));
  }
}
