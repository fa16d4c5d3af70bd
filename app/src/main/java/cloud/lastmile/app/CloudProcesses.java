package cloud.lastmile.app;

import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What runs for a data directory, found from the system itself: a program that died cannot say it,
 * and a file of it may be old. Told by what each process was started with, never by its mere place,
 * so that a shell or an editor in the directory is nobody's.
 */
final class CloudProcesses {
  private static final Path PROC = Path.of("/proc");

  /** Where the guests' directory is linked to if its own path is too long for a socket. */
  private static final Path LINKS = Path.of("/run/lastmile");

  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(10);

  /** The parts of a cloud, in the order in which they are ended. */
  enum Part {
    SUPERVISOR("supervisor"),
    PROGRAM("program"),
    GUEST("guest"),
    CONVERTER("image converter"),
    METADATA("metadata proxy"),
    NETWORK("network"),
    DATABASE("database");

    private final String shown;

    Part(String shown) {
      this.shown = shown;
    }

    @Override
    public String toString() {
      return shown;
    }
  }

  /**
   * A process of a cloud.
   *
   * @param name of its program
   */
  record Found(Part part, String name, ProcessHandle handle) {

    /** {@code network ovn-northd 4711}. */
    @Override
    public String toString() {
      return part + " " + name + " " + handle.pid();
    }
  }

  private final Path root;

  private CloudProcesses(Path root) {
    this.root = root;
  }

  /** All that runs for the directory now, ordered by part. */
  static List<Found> of(DataDirectory data) {
    CloudProcesses processes = new CloudProcesses(data.root());
    List<Found> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : all) {
        processes.judged(process).ifPresent(found::add);
      }
    } catch (IOException | DirectoryIteratorException unreadable) {
      throw new UncheckedIOException(new IOException("cannot read " + PROC, unreadable));
    }
    found.sort(Comparator.comparing(Found::part).thenComparingLong(one -> one.handle().pid()));
    return List.copyOf(found);
  }

  /** Ends them: asks each first, and waits until none is left. */
  static void end(List<Found> processes) {
    processes.forEach(CloudProcesses::ask);
    if (!awaitEnd(processes, GRACE)) {
      processes.forEach(process -> process.handle().destroyForcibly());
      awaitEnd(processes, GRACE);
    }
  }

  /** A database would wait for its sessions to end; interrupted it ends them, and loses nothing. */
  private static void ask(Found process) {
    if (process.part() != Part.DATABASE) {
      process.handle().destroy();
      return;
    }
    try {
      Commands.run(List.of("kill", "-INT", Long.toString(process.handle().pid())), GRACE);
    } catch (CommandException gone) {
      process.handle().destroy();
    }
  }

  private static boolean awaitEnd(List<Found> processes, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (processes.stream().anyMatch(process -> isAlive(process.handle()))) {
      if (System.nanoTime() > end) {
        return false;
      }
      try {
        Thread.sleep(POLL);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  /** A zombie, which nobody may ever reap, is not alive. */
  private static boolean isAlive(ProcessHandle handle) {
    return handle.isAlive() && !arguments(PROC.resolve(Long.toString(handle.pid()))).isEmpty();
  }

  /** Anybody may start a process with arguments that are no text: it is none of a cloud's. */
  private Optional<Found> judged(Path process) {
    try {
      return judge(process);
    } catch (InvalidPathException foreign) {
      return Optional.empty();
    }
  }

  private Optional<Found> judge(Path process) {
    List<String> arguments = arguments(process);
    if (arguments.isEmpty()) {
      return Optional.empty();
    }
    String name = Path.of(arguments.getFirst()).getFileName() + "";
    return part(process, name, arguments)
        .flatMap(part ->
            ProcessHandle.of(Long.parseLong(process.getFileName().toString()))
                .map(handle -> new Found(part, shown(part, name), handle)));
  }

  private static String shown(Part part, String name) {
    return switch (part) {
      case SUPERVISOR -> "supervise";
      case PROGRAM -> "lastmile";
      default -> name;
    };
  }

  private Optional<Part> part(Path process, String name, List<String> arguments) {
    return switch (name) {
      case "bash" -> when(supervises(arguments), Part.SUPERVISOR);
      case "java" ->
          when(arguments.contains(Main.class.getName()) && holdsLock(process), Part.PROGRAM);
      case "haproxy" -> when(names(arguments), Part.METADATA);
      case "ovsdb-server", "ovs-vswitchd", "ovn-northd", "ovn-controller" ->
          when(names(arguments), Part.NETWORK);
      case "qemu-img", "bwrap" -> when(names(arguments), Part.CONVERTER);
      // Its sessions are processes of their own that end with it.
      case "postgres" -> when(names(arguments), Part.DATABASE);
      default -> when(name.startsWith("qemu-system-") && names(arguments), Part.GUEST);
    };
  }

  private static Optional<Part> when(boolean isSo, Part part) {
    return isSo ? Optional.of(part) : Optional.empty();
  }

  private boolean supervises(List<String> arguments) {
    return arguments.size() > 2
        && arguments.get(1).endsWith("/bin/supervise")
        && DataDirectory.real(Path.of(arguments.get(2))).equals(root);
  }

  /**
   * Whether an argument is, or has in it, a path below the directory: as it is, for it may have in
   * its name what ends a word elsewhere, or through links.
   */
  private boolean names(List<String> arguments) {
    Pattern plain = Pattern.compile("(^|[:=,])" + Pattern.quote(root + "/"));
    return arguments.stream()
        .anyMatch(argument ->
            plain.matcher(argument).find()
                || Stream.of(argument.split("[:=,]")).anyMatch(this::isBelow));
  }

  private boolean isBelow(String word) {
    if (!word.startsWith("/")) {
      return false;
    }
    Path path = Path.of(word);
    return isBelow(path)
        || (path.startsWith(LINKS)
            && path.getNameCount() > LINKS.getNameCount()
            && isBelow(target(LINKS.resolve(path.getName(LINKS.getNameCount())))));
  }

  private boolean isBelow(Path path) {
    Path real = DataDirectory.real(path);
    return real.startsWith(root) && !real.equals(root);
  }

  private boolean holdsLock(Path process) {
    try (Stream<Path> files = Files.list(process.resolve("fd"))) {
      return files.anyMatch(file -> isOpen(file, root.resolve("lock")));
    } catch (IOException | UncheckedIOException gone) {
      return false;
    }
  }

  /** Also when the file is removed: whoever deletes a directory has not ended its cloud. */
  private static boolean isOpen(Path descriptor, Path file) {
    String target = target(descriptor).toString();
    return target.equals(file.toString()) || target.equals(file + " (deleted)");
  }

  /** What a link points to; the path itself if it is none. */
  private static Path target(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException none) {
      return link;
    }
  }

  /** Empty for a process that is gone or dead. */
  private static List<String> arguments(Path process) {
    try {
      String line =
          new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
      return line.isEmpty() ? List.of() : List.of(line.split("\0", -1));
    } catch (IOException gone) {
      return List.of();
    }
  }
}
