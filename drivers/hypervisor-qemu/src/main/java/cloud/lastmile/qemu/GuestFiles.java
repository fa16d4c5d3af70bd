package cloud.lastmile.qemu;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * A guest's directory. What Lastmile relies on belongs to root; {@code run/} belongs to the guest's
 * user, so that QEMU can do no harm outside it:
 *
 * <pre>
 * spec.json          what is being made ({@link GuestRecord})
 * state.json         how far it got ({@link GuestState})
 * console.log        the end of what the serial console said, at most 512 KiB
 * qemu.log           what QEMU said on standard error since its start
 * run/disk.N.qcow2   root disk of generation N, an overlay on a cached image
 * run/config-X.iso   config drive with the digest X
 * run/firmware.N.fd  UEFI variables of generation N
 * run/qmp.sock       control socket
 * run/agent.sock     the guest agent's channel
 * run/pid            QEMU's process id
 * </pre>
 *
 * <p>Whoever has taken over QEMU may put anything into {@code run/} at any moment: links, pipes, a
 * directory where a file is awaited, a million files. So as root nothing in it is opened, written
 * or descended into: what goes in is made in {@code tmp/}, which only root can enter, and moved;
 * what comes out is moved there first and looked at then ({@link #takeOut}).
 */
record GuestFiles(Path directory, UUID id) {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final Duration DELETION = Duration.ofMinutes(10);

  Path spec() {
    return directory.resolve("spec.json");
  }

  Path state() {
    return directory.resolve("state.json");
  }

  Path console() {
    return directory.resolve("console.log");
  }

  Path qemuLog() {
    return directory.resolve("qemu.log");
  }

  Path run() {
    return directory.resolve("run");
  }

  Path disk(int generation) {
    return run().resolve("disk." + generation + ".qcow2");
  }

  Path socket() {
    return run().resolve("qmp.sock");
  }

  /** The name of a file that only root can reach, which is not there. */
  Path scratch(String name) throws IOException {
    Path tmp = directory.resolve("tmp");
    directory(tmp, currentUid(), 0, "rwx------");
    Path file = tmp.resolve(name);
    deleteTree(file);
    return file;
  }

  /**
   * Takes a file that QEMU or its user made out of their reach, except for who has it open already.
   *
   * @param limit the largest it may be, in bytes
   * @throws IOException if it is no file of that user, or too large
   */
  Path takeOut(Path file, int uid, long limit) throws IOException {
    Path taken = scratch("taken");
    Files.move(file, taken, StandardCopyOption.ATOMIC_MOVE);
    Map<String, Object> seen = Files.readAttributes(taken, "unix:*", LinkOption.NOFOLLOW_LINKS);
    boolean own =
        Boolean.TRUE.equals(seen.get("isRegularFile"))
            && Integer.valueOf(uid).equals(seen.get("uid"))
            && Integer.valueOf(1).equals(seen.get("nlink"))
            && (long) Objects.requireNonNull(seen.get("size")) <= limit;
    if (!own) {
      deleteTree(taken);
      throw new IOException(file.getFileName() + " is not what QEMU was asked to make");
    }
    return taken;
  }

  Path pid() {
    return run().resolve("pid");
  }

  /** Makes the directories, for the guest's user with the group of the same number. */
  void create(int uid) throws IOException {
    directory(directory, currentUid(), uid, "rwx--x---");
    directory(run(), uid, uid, "rwx------");
  }

  /**
   * The disk of a guest that does not run, out of everybody's reach until {@link #create}: a pipe
   * in its place would hold whoever opens it.
   *
   * @throws IOException if the guest's user has put anything else there
   */
  Path closedDisk(GuestRecord guest) throws IOException {
    directory(run(), currentUid(), 0, "rwx------");
    Path disk = disk(guest.diskGeneration());
    Map<String, Object> seen = Files.readAttributes(disk, "unix:*", LinkOption.NOFOLLOW_LINKS);
    if (!Boolean.TRUE.equals(seen.get("isRegularFile"))
        || !Integer.valueOf(guest.uid()).equals(seen.get("uid"))) {
      throw new IOException("its disk is no file of its own");
    }
    return disk;
  }

  /** Gives what one user has in {@code run/} to another; nobody may use it meanwhile. */
  void handOver(int from, int to) throws IOException {
    directory(run(), currentUid(), 0, "rwx------");
    try (DirectoryStream<Path> files = Files.newDirectoryStream(run())) {
      for (Path file : files) {
        Map<String, Object> seen = Files.readAttributes(file, "unix:*", LinkOption.NOFOLLOW_LINKS);
        boolean own =
            Boolean.TRUE.equals(seen.get("isRegularFile"))
                && Integer.valueOf(1).equals(seen.get("nlink"))
                && List.of(from, currentUid()).contains(seen.get("uid"));
        if (!own) {
          deleteAtOnce(file);
        } else if (Integer.valueOf(from).equals(seen.get("uid"))) {
          own(file, to, to, "rw-------");
        } else {
          own(file, currentUid(), to, "rw-r-----");
        }
      }
    }
    create(to);
  }

  Optional<GuestRecord> readRecord() throws HostException {
    return read(spec(), GuestRecord.class);
  }

  Optional<GuestState> readState() throws HostException {
    return read(state(), GuestState.class);
  }

  void write(GuestRecord value) throws HostException {
    write(spec(), value);
  }

  void write(GuestState value) throws HostException {
    write(state(), value);
  }

  /** Deletes the files in {@code run/} whose names start so, but one. */
  void deleteInRun(String prefix, Optional<String> kept) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(run(), prefix + "*")) {
      for (Path file : files) {
        if (!Optional.of(file.getFileName().toString()).equals(kept)) {
          deleteAtOnce(file);
        }
      }
    }
  }

  /** Deletes everything; {@code spec.json} last, so that an interrupted call can be repeated. */
  void delete() throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    deleteTree(run());
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (!file.equals(spec())) {
          deleteTree(file);
        }
      }
    }
    Files.deleteIfExists(spec());
    Files.delete(directory);
  }

  /**
   * Deletes a file or a directory with all in it, following no link below it, also while somebody
   * changes it, however deep and wide it is. The directory that it is in must be root's.
   */
  static void deleteTree(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> children = Files.newDirectoryStream(path)) {
        for (Path child : children) {
          deleteAtOnce(child);
        }
      }
    }
    deleteAtOnce(path);
  }

  private static void deleteAtOnce(Path path) throws IOException {
    try {
      Files.deleteIfExists(path);
    } catch (DirectoryNotEmptyException full) {
      // Unlike Java's means, rm holds on to the directories it has entered, so that none can be
      // exchanged for a link, and needs no more for a deep one.
      try {
        Commands.run(List.of("rm", "-rf", "--one-file-system", "--", path.toString()), DELETION);
      } catch (CommandException e) {
        throw new IOException("cannot delete " + path, e);
      }
    }
  }

  /** Makes a directory, with owner and permissions even if it was there. */
  static void directory(Path directory, int uid, int gid, String permissions) throws IOException {
    Files.createDirectories(directory);
    own(directory, uid, gid, permissions);
  }

  /**
   * Gives a file or directory its owner and permissions; never what a symbolic link points to.
   *
   * @throws IOException if it is a symbolic link
   */
  static void own(Path path, int uid, int gid, String permissions) throws IOException {
    Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
    PosixFileAttributeView itself =
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    itself.setPermissions(PosixFilePermissions.fromString(permissions));
  }

  static int currentUid() throws IOException {
    return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  /**
   * Forces a finished file to the disk and gives it its name, so that a name means a whole file.
   */
  static void publish(Path temporary, Path target) throws IOException {
    force(temporary);
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    Path parent = target.getParent();
    if (parent != null) {
      force(parent);
    }
  }

  private static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** The end of what QEMU said on standard error, which may be long. */
  String lastWords(int bytes) throws IOException {
    try (FileChannel log = FileChannel.open(qemuLog(), StandardOpenOption.READ)) {
      ByteBuffer end = ByteBuffer.allocate(bytes);
      log.position(Math.max(0, log.size() - bytes));
      while (end.hasRemaining() && log.read(end) >= 0) {
        // It reads on.
      }
      return new String(end.array(), 0, end.position(), StandardCharsets.UTF_8);
    }
  }

  private <T> Optional<T> read(Path file, Class<T> type) throws HostException {
    try {
      return Files.exists(file)
          ? Optional.of(JSON.readValue(Files.readAllBytes(file), type))
          : Optional.empty();
    } catch (IOException | JacksonException e) {
      throw new HostException("cannot read " + file, false, e);
    }
  }

  private void write(Path file, Object value) throws HostException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.deleteIfExists(temporary);
      Files.createFile(
          temporary,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(temporary, JSON.writeValueAsBytes(value));
      publish(temporary, file);
    } catch (IOException e) {
      throw new HostException("cannot write " + file, true, e);
    }
  }
}
