package cloud.lastmile.platform.core;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/**
 * Says why a file cannot be read or written. The JDK's messages of such failures are often the bare
 * path, or tell of buffers.
 */
public final class Unreadable {
  private Unreadable() {}

  /** A sentence's worth, with the file in it. */
  public static String reason(Path file, IOException failure) {
    if (failure instanceof FileSystemException known) {
      return reason(known.getFile() == null ? file.toString() : known.getFile(), known);
    }
    if (failure instanceof CharacterCodingException) {
      return file + " is not text in UTF-8";
    }
    return file + " cannot be read: " + failure.getMessage();
  }

  private static String reason(String file, FileSystemException failure) {
    return switch (failure) {
      case NoSuchFileException _ -> file + " does not exist, or a directory above it does not";
      case AccessDeniedException _ ->
          file + ": permission denied for " + System.getProperty("user.name");
      case NotDirectoryException _ -> file + " is not a directory";
      case FileAlreadyExistsException _ -> file + " exists already, and not as what is needed";
      default ->
          failure.getReason() == null
              ? file + " cannot be used: " + failure.getClass().getSimpleName()
              : file + ": " + failure.getReason();
    };
  }
}
