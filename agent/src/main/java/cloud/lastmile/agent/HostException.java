package cloud.lastmile.agent;

/** A host could not do what it was asked. The message is for operators; it may name paths. */
public final class HostException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean retryable;

  public HostException(String message, boolean retryable) {
    super(message);
    this.retryable = retryable;
  }

  public HostException(String message, boolean retryable, Throwable cause) {
    super(message, cause);
    this.retryable = retryable;
  }

  /** Whether the same call may succeed later (a daemon was away) or never will (a bad image). */
  public boolean retryable() {
    return retryable;
  }
}
