package cloud.lastmile.qemu;

import cloud.lastmile.agent.HostException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which numbers of users and groups of this machine are whose: one file for each that is taken,
 * named by the number, that says the cloud's directory and the owner in it. All clouds of a machine
 * share a registry, so that no guest of one is the user of another's. It outlives reboots, for so
 * do the files of stopped guests.
 *
 * <p>A number that was given back comes last: what its owner may have left behind somewhere is not
 * the next guest's for a long time, and never while a process still has it.
 *
 * @param first the lowest number to give away
 * @param count how many
 */
record IdRegistry(Path directory, int first, int count) {
  private static final Duration TURN = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(2);

  /** Whose a number is: something of the cloud that keeps its guests in a directory. */
  record Owner(Path cloud, String name) {
    private List<String> lines() {
      return List.of(cloud.toString(), name);
    }
  }

  /**
   * Gives the owner a free number.
   *
   * @throws HostException if none is left; two never share one
   */
  int claim(Owner owner) throws HostException {
    return alone(() -> {
      int start = last() + 1 - first;
      for (boolean forgotten : List.of(false, true)) {
        Set<Integer> busy = busy();
        for (int i = 0; i < count; i++) {
          int id = first + Math.floorMod(start + i, count);
          if (!busy.contains(id) && isFree(id, forgotten)) {
            Files.write(file(id), owner.lines());
            Files.writeString(next(), Integer.toString(id));
            return id;
          }
        }
      }
      throw new HostException(
          "all %d users from %d on are taken, see %s".formatted(count, first, directory), true);
    });
  }

  /** Takes a number that the owner had already; false if it is another's by now. */
  boolean adopt(int id, Owner owner) throws HostException {
    if (id < first || id >= first + count) {
      return false;
    }
    return alone(() -> {
      if (Files.exists(file(id)) && !Files.readAllLines(file(id)).equals(owner.lines())) {
        return false;
      }
      Files.write(file(id), owner.lines());
      return true;
    });
  }

  /** Gives a number back, unless it is another's. */
  void release(int id, Owner owner) throws HostException {
    alone(() -> {
      if (Files.exists(file(id)) && Files.readAllLines(file(id)).equals(owner.lines())) {
        Files.delete(file(id));
      }
      return id;
    });
  }

  /** What a cloud has of these numbers. */
  Set<Integer> of(Path cloud) throws HostException {
    return alone(() -> {
      Set<Integer> own = new HashSet<>();
      for (int id : taken()) {
        if (owner(id).equals(cloud.toString())) {
          own.add(id);
        }
      }
      return own;
    });
  }

  /** The directory of the cloud whose a taken number is; empty if a crash has left nothing. */
  private String owner(int id) throws IOException {
    List<String> lines = Files.readAllLines(file(id));
    return lines.isEmpty() ? "" : lines.getFirst();
  }

  /** Gives back what a cloud has of these numbers and does not keep. */
  void releaseOthers(Path cloud, Set<Integer> kept) throws HostException {
    alone(() -> {
      for (int id : taken()) {
        if (!kept.contains(id) && owner(id).equals(cloud.toString())) {
          Files.delete(file(id));
        }
      }
      return cloud;
    });
  }

  private Path file(int id) {
    return directory.resolve(Integer.toString(id));
  }

  private Path next() {
    return directory.resolve("last." + first);
  }

  private int last() throws IOException {
    return Files.exists(next()) ? Integer.parseInt(Files.readString(next()).strip()) : first - 1;
  }

  private Set<Integer> taken() throws IOException {
    Set<Integer> taken = new HashSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "[0-9]*")) {
      for (Path file : files) {
        int id = Integer.parseInt(file.getFileName().toString());
        if (id >= first && id < first + count) {
          taken.add(id);
        }
      }
    }
    return taken;
  }

  /**
   * @param forgotten whether what a cloud had whose directory is gone is free too
   */
  private boolean isFree(int id, boolean forgotten) throws IOException {
    if (!Files.exists(file(id))) {
      return true;
    }
    return forgotten && !Files.exists(Path.of(owner(id)), LinkOption.NOFOLLOW_LINKS);
  }

  /** The numbers that processes have, whoever they are. */
  private static Set<Integer> busy() throws IOException {
    Set<Integer> busy = new HashSet<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        busy.addAll(ids(process));
      }
    }
    return busy;
  }

  /** Users and groups of a process; none if it is gone. */
  private static Set<Integer> ids(Path process) {
    Set<Integer> ids = new HashSet<>();
    try {
      for (String line : Files.readAllLines(process.resolve("status"))) {
        if (line.startsWith("Uid:") || line.startsWith("Gid:") || line.startsWith("Groups:")) {
          for (String word : line.substring(line.indexOf(':') + 1).strip().split("\\s+", -1)) {
            if (!word.isEmpty()) {
              ids.add(Integer.parseUnsignedInt(word));
            }
          }
        }
      }
    } catch (IOException gone) {
      return Set.of();
    }
    return ids;
  }

  /** Whether a process of this user runs. */
  static boolean isBusy(int id) throws IOException {
    return busy().contains(id);
  }

  private interface Work<T> {
    T run() throws IOException, HostException;
  }

  /** One at a time, of all processes of this machine. */
  private <T> T alone(Work<T> work) throws HostException {
    try {
      Files.createDirectories(directory);
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
      try (FileChannel channel =
              FileChannel.open(
                  directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock _ = turn(channel)) {
        return work.run();
      }
    } catch (IOException | NumberFormatException e) {
      throw new HostException("cannot use " + directory + ", where users are kept", true, e);
    }
  }

  private static FileLock turn(FileChannel channel) throws IOException {
    long end = System.nanoTime() + TURN.toNanos();
    while (true) {
      Optional<FileLock> lock = tryLock(channel);
      if (lock.isPresent()) {
        return lock.get();
      }
      if (System.nanoTime() > end || !QemuProcess.sleep(POLL)) {
        throw new IOException("another process holds the lock");
      }
    }
  }

  private static Optional<FileLock> tryLock(FileChannel channel) throws IOException {
    try {
      return Optional.ofNullable(channel.tryLock());
    } catch (OverlappingFileLockException ofThisProcess) {
      return Optional.empty();
    }
  }
}
