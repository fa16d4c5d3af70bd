package cloud.lastmile.qemu;

import cloud.lastmile.agent.HostException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
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
 */
record GuestFiles(Path directory, UUID id) {
  private static final ObjectMapper JSON = JsonMapper.builder().build();

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

  Path pid() {
    return run().resolve("pid");
  }

  /** Makes the directories. */
  void create(int uid, int gid) throws IOException {
    directory(directory, currentUid(), gid, "rwx--x---");
    directory(run(), uid, gid, "rwx------");
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

  /** Files in {@code run/} whose names start so, in any order. */
  List<Path> inRun(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(run())) {
      return files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
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
    deleteTree(directory);
  }

  static void deleteTree(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> children = Files.newDirectoryStream(path)) {
        for (Path child : children) {
          deleteTree(child);
        }
      }
    }
    Files.deleteIfExists(path);
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
