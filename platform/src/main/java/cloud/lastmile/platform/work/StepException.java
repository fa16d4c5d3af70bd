package cloud.lastmile.platform.work;

import org.jspecify.annotations.Nullable;

/**
 * Why a step failed, with the step's own judgement whether another attempt can help. Other
 * exceptions are judged by the engine: a refusal of the API's kind (4xx) is final, all else is
 * tried again.
 */
public final class StepException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean retryable;

  private StepException(String message, @Nullable Throwable cause, boolean retryable) {
    super(message, cause);
    this.retryable = retryable;
  }

  /** No attempt will succeed: the job is undone now. */
  public static StepException terminal(String message) {
    return new StepException(message, null, false);
  }

  public static StepException terminal(String message, Throwable cause) {
    return new StepException(message, cause, false);
  }

  /** Worth another attempt. */
  public static StepException retryable(String message, @Nullable Throwable cause) {
    return new StepException(message, cause, true);
  }

  boolean isRetryable() {
    return retryable;
  }
}
