package cloud.lastmile.ovn.ovsdb;

import java.util.Optional;

/**
 * OVSDB refused an operation, or could not be asked. The message is for operators.
 *
 * <p>{@link #error()} is the protocol's own short name of the error: {@code constraint violation},
 * {@code duplicate uuid}, {@code referential integrity violation}, {@code timed out} (a {@code
 * wait} that did not hold), or empty if the failure is not the server's answer.
 */
public final class OvsdbException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final String error;
  private final int operation;

  private OvsdbException(
      Reason reason, String error, int operation, String message, Optional<Throwable> cause) {
    super(message, cause.orElse(null));
    this.reason = reason;
    this.error = error;
    this.operation = operation;
  }

  static OvsdbException refused(String error, String details, int operation) {
    String message =
        details.isEmpty() ? "OVSDB refused: " + error : "OVSDB refused: " + error + ": " + details;
    return new OvsdbException(Reason.REFUSED, error, operation, message, Optional.empty());
  }

  static OvsdbException disconnected(String message, Throwable cause) {
    return new OvsdbException(Reason.DISCONNECTED, "", -1, message, Optional.of(cause));
  }

  static OvsdbException disconnected(String message) {
    return new OvsdbException(Reason.DISCONNECTED, "", -1, message, Optional.empty());
  }

  static OvsdbException protocol(String message) {
    return new OvsdbException(Reason.PROTOCOL, "", -1, message, Optional.empty());
  }

  public Reason reason() {
    return reason;
  }

  /** The server's name for the error; empty unless {@link Reason#REFUSED}. */
  public String error() {
    return error;
  }

  /** Index of the operation that was refused; -1 if none can be named. */
  public int operation() {
    return operation;
  }

  /** Whether what was read before writing no longer held: read again and retry. */
  public boolean conflict() {
    return reason == Reason.REFUSED
        && (error.equals("timed out") || error.equals("duplicate uuid"));
  }

  /** What kind of failure. */
  public enum Reason {
    /** The server answered with an error; nothing was changed. */
    REFUSED,
    /** No connection, or it broke or timed out under way: whether it was done is unknown. */
    DISCONNECTED,
    /** The server said something that is not OVSDB. */
    PROTOCOL
  }
}
