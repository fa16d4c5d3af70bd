package cloud.lastmile.platform.core;

import java.util.OptionalInt;

/**
 * An external command could not be started, ran too long, said too much or ended with an error. The
 * message names the program, never its arguments' values beyond the first, and the end of what it
 * wrote on standard error.
 */
public final class CommandException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final String errorTail;

  CommandException(String message, String errorTail) {
    this(message, -1, errorTail);
  }

  CommandException(String message, int exitCode, String errorTail) {
    super(errorTail.isBlank() ? message : message + ": " + errorTail);
    this.exitCode = exitCode;
    this.errorTail = errorTail;
  }

  CommandException(String message, Throwable cause) {
    super(message, cause);
    this.exitCode = -1;
    this.errorTail = "";
  }

  /** The exit code; empty if the command did not end by itself (not started, timed out). */
  public OptionalInt exitCode() {
    return exitCode < 0 ? OptionalInt.empty() : OptionalInt.of(exitCode);
  }

  /** The last 2,000 characters of standard error, stripped. */
  public String errorTail() {
    return errorTail;
  }
}
