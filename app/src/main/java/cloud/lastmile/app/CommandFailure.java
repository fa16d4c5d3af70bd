package cloud.lastmile.app;

import org.jspecify.annotations.Nullable;

/** Why a command failed, in words for who typed it. */
final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CommandFailure(String message) {
    super(message, null, false, false);
  }

  /** One line for any failure, with the causes' own messages. */
  static String message(Throwable failure) {
    StringBuilder text = new StringBuilder();
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
      if (text.indexOf(message) < 0) {
        text.append(text.isEmpty() ? "" : ": ").append(message);
      }
    }
    return text.toString();
  }
}
