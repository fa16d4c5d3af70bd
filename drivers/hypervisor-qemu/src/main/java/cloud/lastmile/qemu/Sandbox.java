package cloud.lastmile.qemu;

import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a program that parses what a tenant has made, confined: a user without privileges, its own
 * namespaces of mounts, processes and network, a filter of system calls, and bounds on time, memory
 * and file size. It sees what it is given and {@code /usr}, read-only.
 *
 * @param filter the file with the filter of system calls
 */
record Sandbox(Path filter) {
  private static final Logger LOG = LoggerFactory.getLogger(Sandbox.class);
  private static final long MEMORY = 2L << 30;

  /**
   * Who the program is, what it sees and what it may take.
   *
   * @param readable by what it sees, what it may read
   * @param writable by what it sees, what it may write too
   * @param fileSize the largest file it may write
   */
  record Cell(
      int uid,
      int gid,
      Set<Integer> groups,
      Map<String, Path> readable,
      Map<String, Path> writable,
      long fileSize,
      Duration time) {}

  /** Runs the program and returns what it said. */
  String run(Cell cell, List<String> command) throws CommandException {
    return Commands.run(words(cell, command), cell.time(), filter);
  }

  private static List<String> words(Cell cell, List<String> command) {
    List<String> words = new ArrayList<>(List.of("bwrap", "--new-session", "--clearenv"));
    words.addAll(List.of("--unshare-ipc", "--unshare-net", "--unshare-pid", "--unshare-uts"));
    words.addAll(List.of("--ro-bind", "/usr", "/usr"));
    for (String name : List.of("bin", "lib", "lib64")) {
      words.addAll(List.of("--symlink", "usr/" + name, "/" + name));
    }
    for (String device : List.of("/dev/null", "/dev/urandom")) {
      words.addAll(List.of("--dev-bind", device, device));
    }
    cell.readable()
        .forEach((seen, path) -> words.addAll(List.of("--ro-bind", path.toString(), seen)));
    cell.writable().forEach((seen, path) -> words.addAll(List.of("--bind", path.toString(), seen)));
    words.addAll(List.of("--setenv", "LC_ALL", "C", "--setenv", "PATH", "/usr/bin"));
    words.addAll(List.of("--cap-drop", "ALL"));
    for (String needed : List.of("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")) {
      words.addAll(List.of("--cap-add", needed));
    }
    if (SeccompFilter.program().isPresent()) {
      words.addAll(List.of("--seccomp", "0"));
    }
    words.add("--");
    words.addAll(List.of("prlimit", "--as=" + MEMORY, "--cpu=" + cell.time().toSeconds()));
    words.addAll(List.of("--fsize=" + cell.fileSize(), "--core=0", "--nofile=64", "--"));
    words.addAll(
        List.of(
            "setpriv",
            "--reuid=" + cell.uid(),
            "--regid=" + cell.gid(),
            groups(cell.groups()),
            "--no-new-privs",
            "--bounding-set=-all",
            "--inh-caps=-all",
            "--"));
    words.addAll(command);
    return words;
  }

  private static String groups(Set<Integer> groups) {
    return groups.isEmpty()
        ? "--clear-groups"
        : "--groups="
            + groups.stream().sorted().map(String::valueOf).collect(Collectors.joining(","));
  }

  /** Ends what a Lastmile that died was running for files in {@code directory}. */
  static void endOrphans(Path directory) throws IOException {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (works(process, directory)) {
          Optional<ProcessHandle> handle =
              ProcessHandle.of(Long.parseLong(process.getFileName().toString()));
          LOG.info("ending the process {}, which nobody waits for", process.getFileName());
          handle.ifPresent(ProcessHandle::destroyForcibly);
        }
      }
    }
  }

  /** Both processes of a sandbox name what they bind; with them all in it end. */
  private static boolean works(Path process, Path directory) {
    try {
      String[] words = Files.readString(process.resolve("cmdline")).split("\0", -1);
      if (!words[0].equals("bwrap")) {
        return false;
      }
      for (String word : words) {
        if (word.startsWith(directory + "/")) {
          return true;
        }
      }
      return false;
    } catch (IOException gone) {
      return false;
    }
  }
}
