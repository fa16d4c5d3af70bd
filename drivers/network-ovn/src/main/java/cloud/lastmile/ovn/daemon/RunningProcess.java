package cloud.lastmile.ovn.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Finds a process by its pid file and makes sure that it is the one meant. */
public final class RunningProcess {
  private RunningProcess() {}

  /**
   * The process whose pid is in {@code pidFile}, if it runs {@code program} and has {@code mark}
   * among its arguments: a pid is used again by the system, a file may be old.
   */
  public static Optional<ProcessHandle> find(Path pidFile, String program, String mark) {
    return pid(pidFile)
        .filter(pid -> matches(arguments(pid), program, mark))
        .flatMap(ProcessHandle::of);
  }

  private static Optional<Long> pid(Path pidFile) {
    try {
      return Optional.of(Long.parseLong(Files.readString(pidFile).strip()));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static boolean matches(List<String> arguments, String program, String mark) {
    return !arguments.isEmpty()
        && Path.of(arguments.getFirst()).endsWith(program)
        && arguments.contains(mark);
  }

  /** Empty for a process that does not exist, and for one that is dead but not yet collected. */
  private static List<String> arguments(long pid) {
    try {
      String line = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.UTF_8);
      return line.isEmpty() ? List.of() : Arrays.asList(line.split("\0", -1));
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      // It ended while it was read.
      return List.of();
    }
  }
}
