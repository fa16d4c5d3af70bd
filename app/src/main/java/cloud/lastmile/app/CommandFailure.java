package cloud.lastmile.app;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Why a command failed, in words for who typed it. */
final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CommandFailure(String message) {
    super(message, null, false, false);
  }

  /** One line for any failure: each cause's own words, or what they mean where it has none. */
  static String message(Throwable failure) {
    StringBuilder text = new StringBuilder();
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = words(cause);
      if (text.indexOf(message) < 0) {
        text.append(text.isEmpty() ? "" : ": ").append(message);
      }
    }
    return text.toString();
  }

  /** Many exceptions of the JDK name a thing and leave it to their class to say what is wrong. */
  private static String words(Throwable cause) {
    return switch (cause) {
      case NoSuchFileException missing -> missing.getFile() + " does not exist";
      case AccessDeniedException denied ->
          denied.getFile() + " may not be used by " + System.getProperty("user.name");
      case FileAlreadyExistsException file -> file.getFile() + " exists already";
      case NotDirectoryException file -> file.getFile() + " is not a directory";
      case DirectoryNotEmptyException file -> file.getFile() + " is not empty";
      case FileSystemException failed when failed.getReason() == null ->
          failed.getFile() + " cannot be used";
      case CharacterCodingException _ -> "not UTF-8 text";
      case UnresolvedAddressException _ -> "the host's name is unknown";
      case UnknownHostException host -> "the host " + host.getMessage() + " is unknown";
      case ConnectException _ -> "nobody listens there";
      case HttpTimeoutException _ -> "no answer in time";
      case TimeoutException _ -> "not done in time";
      case InterruptedException _ -> "interrupted";
      default -> cause.getMessage() == null ? cause.toString() : cause.getMessage();
    };
  }
}
