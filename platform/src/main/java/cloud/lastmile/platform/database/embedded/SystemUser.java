package cloud.lastmile.platform.database.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.ArrayList;
import java.util.List;

/**
 * The unprivileged account that the database server runs as. PostgreSQL refuses to run as root, so
 * root hands it to this account; anyone else runs it as themselves.
 */
record SystemUser(String name, boolean switched) {

  static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /** The named account, made if it is missing; the caller's own when the caller is not root. */
  static SystemUser prepare(String name) {
    if (!isRoot()) {
      return new SystemUser(System.getProperty("user.name"), false);
    }
    if (!exists(name)) {
      try {
        run(
            List.of(
                "useradd",
                "--system",
                "--user-group",
                "--no-create-home",
                "--home-dir=/nonexistent",
                "--shell=/usr/sbin/nologin",
                name));
      } catch (IOException e) {
        if (!exists(name)) { // else another process made it meanwhile
          throw new UncheckedIOException("Cannot make the system user " + name, e);
        }
      }
    }
    return new SystemUser(name, true);
  }

  private static boolean exists(String name) {
    try {
      FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
      return true;
    } catch (UserPrincipalNotFoundException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The command that runs {@code command} as this user, with no way back to privileges. */
  List<String> wrap(List<String> command) {
    List<String> wrapped = new ArrayList<>();
    if (switched) {
      wrapped.addAll(
          List.of(
              "setpriv", "--reuid=" + name, "--regid=" + name, "--clear-groups", "--no-new-privs"));
    }
    wrapped.addAll(command);
    return wrapped;
  }

  void own(Path path) throws IOException {
    if (!switched) {
      return;
    }
    UserPrincipalLookupService lookup = FileSystems.getDefault().getUserPrincipalLookupService();
    PosixFileAttributeView view =
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    view.setOwner(lookup.lookupPrincipalByName(name));
    view.setGroup(lookup.lookupPrincipalByGroupName(name));
  }

  /** Runs to the end; the exception of a failure carries the program's output. */
  static void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = waitFor(process);
    if (status != 0) {
      throw new IOException(command.getFirst() + " ended with " + status + ": " + output.strip());
    }
  }

  static int waitFor(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while a program ran", e);
    }
  }
}
