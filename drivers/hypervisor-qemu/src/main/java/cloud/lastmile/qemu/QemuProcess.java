package cloud.lastmile.qemu;

import cloud.lastmile.agent.HostException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A guest's QEMU. It has a session of its own and outlives this program. Its identity is its
 * process id together with its start time, so that a process which reused the id is never mistaken
 * for it.
 */
record QemuProcess(ProcessHandle handle) {
  private static final Duration POLL = Duration.ofMillis(5);

  /**
   * Starts a process detached, with standard error to {@code log}.
   *
   * @throws HostException if the program cannot be started
   */
  static QemuProcess launch(List<String> command, Path log) throws HostException {
    List<String> detached = new ArrayList<>(List.of("setsid"));
    detached.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(detached);
    builder.redirectInput(new File("/dev/null"));
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().clear();
    builder
        .environment()
        .put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    builder.environment().put("LC_ALL", "C");
    try {
      Files.deleteIfExists(log);
      Files.createFile(
          log, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      return new QemuProcess(builder.start().toHandle());
    } catch (IOException e) {
      throw new HostException("cannot start QEMU", true, e);
    }
  }

  /**
   * Every live QEMU whose {@code run/} directory is under {@code guests}, by guest. Told by the
   * command line, not by a file that may be stale, and by the user: a guest that has taken over its
   * QEMU can make its command line another's.
   */
  static Map<UUID, QemuProcess> all(Path guests) throws IOException {
    Map<UUID, QemuProcess> found = new HashMap<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        Optional<UUID> guest =
            guestOf(process, guests)
                .filter(id -> mayBe(process, new GuestFiles(guests.resolve(id.toString()), id)));
        Optional<ProcessHandle> handle =
            guest.flatMap(id -> ProcessHandle.of(Long.parseLong(process.getFileName().toString())));
        if (guest.isPresent() && handle.isPresent()) {
          found.put(guest.get(), new QemuProcess(handle.get()));
        }
      }
    }
    return found;
  }

  private static Optional<UUID> guestOf(Path process, Path guests) {
    String commandLine;
    try {
      commandLine = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return Optional.empty();
    }
    List<String> words = List.of(commandLine.split("\0", -1));
    int option = words.indexOf("-pidfile");
    if (option < 0 || option + 1 == words.size()) {
      return Optional.empty();
    }
    Path pidFile = Path.of(words.get(option + 1));
    if (!pidFile.startsWith(guests) || pidFile.getNameCount() <= guests.getNameCount()) {
      return Optional.empty();
    }
    return uuid(pidFile.getName(guests.getNameCount()).toString());
  }

  /** Whether the process has the guest's user, or still root on the way to it. */
  private static boolean mayBe(Path process, GuestFiles files) {
    try {
      OptionalInt user = userOf(process);
      Optional<GuestRecord> guest = files.readRecord();
      return user.isPresent()
          && (user.getAsInt() == 0 || guest.isEmpty() || guest.get().uid() == user.getAsInt());
    } catch (HostException unreadable) {
      return true;
    }
  }

  private static OptionalInt userOf(Path process) {
    try (Stream<String> lines = Files.lines(process.resolve("status"))) {
      return lines
          .filter(line -> line.startsWith("Uid:"))
          .mapToInt(line -> Integer.parseUnsignedInt(line.split("\\s+", -1)[1]))
          .findFirst();
    } catch (IOException | UncheckedIOException gone) {
      return OptionalInt.empty();
    }
  }

  /** Ends every process of a user that is one guest's alone. */
  static void endAll(int uid) throws IOException, HostException {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        OptionalInt user = userOf(process);
        if (user.isPresent() && user.getAsInt() == uid) {
          Optional<ProcessHandle> handle =
              ProcessHandle.of(Long.parseLong(process.getFileName().toString()));
          if (handle.isPresent()) {
            new QemuProcess(handle.get()).kill();
          }
        }
      }
    }
  }

  private static Optional<UUID> uuid(String text) {
    try {
      return Optional.of(UUID.fromString(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Whether it runs. A zombie, which nobody may ever reap, does not. */
  boolean alive() {
    if (!handle.isAlive()) {
      return false;
    }
    try {
      String stat = Files.readString(Path.of("/proc/" + handle.pid() + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException gone) {
      return false;
    }
  }

  /**
   * Waits for its end; true if it came in time. The system does not notify of a process not ours.
   */
  boolean awaitEnd(Duration timeout) {
    long end = System.nanoTime() + timeout.toNanos();
    while (alive()) {
      if (System.nanoTime() > end || !sleep(POLL)) {
        return false;
      }
    }
    return true;
  }

  /** Ends it without asking, and waits until it is gone. */
  void kill() throws HostException {
    handle.destroyForcibly();
    if (!awaitEnd(Duration.ofSeconds(30))) {
      throw new HostException("QEMU process " + handle.pid() + " does not end", true);
    }
  }

  /** Sleeps; false if interrupted. */
  static boolean sleep(Duration duration) {
    try {
      Thread.sleep(duration);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
