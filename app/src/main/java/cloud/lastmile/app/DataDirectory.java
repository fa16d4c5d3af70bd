package cloud.lastmile.app;

import cloud.lastmile.platform.core.Digests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A cloud's one directory. Everything the cloud keeps is in it: database, OVN, images, guests,
 * secrets, logs.
 *
 * <p>The directory itself can be traversed but not listed by others, because PostgreSQL and guests
 * run as users of their own; each part has its own permissions and secrets are readable by root
 * only.
 */
public final class DataDirectory {
  /** As long as paths of sockets below it may be, which Linux bounds to 107 bytes. */
  private static final int LONGEST = 66;

  /** What PostgreSQL's configuration reads as no part of a path. */
  private static final String UNFIT = ",\\'";

  /** What Java makes of bytes that are no text. */
  private static final int REPLACED = 0xfffd;

  private final Path root;

  private DataDirectory(Path root) {
    this.root = root;
  }

  /**
   * The directory by its real path, whichever links it is named by: a cloud's name of a namespace
   * and its processes' arguments come from it, and must not be others for another name. Changes
   * nothing on the disk.
   */
  public static DataDirectory at(Path root) {
    return new DataDirectory(real(root.toAbsolutePath().normalize()));
  }

  /** A path with the links in what exists of it resolved. */
  static Path real(Path path) {
    for (Path existing = path; existing != null; existing = existing.getParent()) {
      try {
        return existing.toRealPath().resolve(existing.relativize(path)).normalize();
      } catch (IOException missing) {
        // Its parent may exist.
      }
    }
    return path;
  }

  /** Where a cloud is when nobody says: {@code /var/lib/lastmile} for root. */
  public static Path defaultPath() {
    String named = System.getenv("LASTMILE_DATA");
    if (named != null && !named.isBlank()) {
      return Path.of(named);
    }
    return System.getProperty("user.name").equals("root")
        ? Path.of("/var/lib/lastmile")
        : Path.of(System.getProperty("user.home"), ".local/share/lastmile");
  }

  /** Makes what is missing of it, and gives each part its permissions. */
  public void create() throws IOException {
    checkName();
    try {
      Files.createDirectories(root);
    } catch (IOException impossible) {
      throw new IOException(
          "the data directory " + root + " cannot be made; choose another by --data", impossible);
    }
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
    // What is staged and what was fetched from remote stores lies here too, beside the store.
    for (Path ours : List.of(Objects.requireNonNull(logFile().getParent()), images())) {
      Files.createDirectories(ours);
      Files.setPosixFilePermissions(ours, PosixFilePermissions.fromString("rwx------"));
    }
  }

  /** Before anything is made of it: each daemon would say it later in words of its own, or wait. */
  private void checkName() {
    String name = root.toString();
    name.codePoints()
        .filter(c -> Character.isISOControl(c) || c == REPLACED || UNFIT.indexOf(c) >= 0)
        .findFirst()
        .ifPresent(unfit -> {
          throw new CommandFailure(
              "the data directory's path has a %s in it, which not every daemon can read; choose another by --data"
                  .formatted(
                      Character.isISOControl(unfit)
                          ? "control character"
                          : unfit == REPLACED
                              ? "character that is no UTF-8"
                              : Character.toString(unfit)));
        });
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST) {
      throw new CommandFailure(
          "the path %s has %d bytes; sockets below it allow %d: choose a shorter one by --data"
              .formatted(name, length, LONGEST));
    }
  }

  public Path root() {
    return root;
  }

  public Path configFile() {
    return root.resolve("lastmile.yaml");
  }

  public Path policyFile() {
    return root.resolve("policy.yaml");
  }

  /** The other identity providers, with secrets. */
  public Path federationFile() {
    return root.resolve("federation.yaml");
  }

  public Path logFile() {
    return root.resolve("log/lastmile.log");
  }

  public Path postgres() {
    return root.resolve("postgres");
  }

  public Path images() {
    return root.resolve("images");
  }

  public Path guests() {
    return root.resolve("guests");
  }

  public Path metadata() {
    return root.resolve("metadata");
  }

  /** Short and the same for the same path, for names of namespaces. */
  public String shortId() {
    return HexFormat.of().formatHex(Digests.sha256(root.toString()), 0, 3);
  }

  /** The administrator's password, made on first use and kept where only root reads. */
  public String adminPassword() throws IOException {
    Path file = root.resolve("admin-password");
    if (!Files.exists(file)) {
      byte[] random = new byte[24];
      new SecureRandom().nextBytes(random);
      writePrivately(file, Base64.getUrlEncoder().withoutPadding().encodeToString(random));
    }
    return Files.readString(file).strip();
  }

  /** What encrypts the keys of stored credentials; the same file on every control node. */
  public Path credentialKey() {
    return root.resolve("credential-key");
  }

  /** The port the cloud had last, so that a restart keeps its addresses. */
  public Optional<Integer> lastPort() {
    return read("port").filter(text -> text.matches("[0-9]{1,5}")).map(Integer::valueOf);
  }

  public void rememberPort(int port) throws IOException {
    writePrivately(root.resolve("port"), Integer.toString(port));
  }

  /** The host's own OVN that the cloud used last; empty if it ran one itself. */
  public Optional<CloudConfig.OvnRemotes> lastOvn() {
    return read("ovn-remotes")
        .map(text -> text.split("\n", 3))
        .filter(lines -> lines.length == 3)
        .map(lines -> new CloudConfig.OvnRemotes(lines[0], lines[1], lines[2]));
  }

  /**
   * Whatever stops the cloud for good must know whose OVN it is, even if a start's options said so.
   */
  public void rememberOvn(CloudConfig.@Nullable OvnRemotes ovn) throws IOException {
    if (ovn == null) {
      Files.deleteIfExists(root.resolve("ovn-remotes"));
    } else {
      writePrivately(
          root.resolve("ovn-remotes"),
          String.join("\n", ovn.northbound(), ovn.southbound(), ovn.ovs()));
    }
  }

  /** What a running cloud says of itself; empty if none runs. */
  public Optional<Running> running() {
    return read("running")
        .map(text -> text.split(" ", 2))
        .filter(words -> words.length == 2 && words[0].matches("[0-9]{1,9}"))
        .map(words -> new Running(Long.parseLong(words[0]), words[1]))
        .filter(running -> isTaken() && ProcessHandle.of(running.pid()).isPresent());
  }

  /**
   * A running cloud.
   *
   * @param pid of the program
   * @param url of the API
   */
  public record Running(long pid, String url) {}

  /** Whether the last cloud ended without saying so. */
  boolean hasCrashed() {
    return Files.exists(root.resolve("running")) && !isTaken();
  }

  /** Called by a cloud that starts or has stopped: what one said is not so any more. */
  void forgetRunning() throws IOException {
    Files.deleteIfExists(root.resolve("running"));
  }

  public void writeRunning(Running running) throws IOException {
    writePrivately(root.resolve("running"), running.pid() + " " + running.url());
  }

  /**
   * Takes the directory until the result is closed or the process ends.
   *
   * @throws CommandFailure if another cloud runs on it
   */
  FileChannel lock() throws IOException {
    FileChannel channel = openLock();
    if (channel.tryLock() == null) {
      channel.close();
      throw new CommandFailure(
          "a cloud runs on " + root + " already; see `lastmile status --data " + root + "`");
    }
    return channel;
  }

  /** Whether a cloud was ever started on it. */
  boolean wasUsed() {
    return Files.exists(root.resolve("lock"));
  }

  /** Whether a cloud runs, starts or stops on it. */
  boolean isTaken() {
    if (!wasUsed()) {
      return false;
    }
    try (FileChannel channel = openLock();
        FileLock lock = channel.tryLock()) {
      return lock == null;
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private FileChannel openLock() throws IOException {
    return FileChannel.open(
        root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private Optional<String> read(String name) {
    try {
      Path file = root.resolve(name);
      return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(
          new IOException(root.resolve(name) + " cannot be read", unreadable));
    }
  }

  private static void writePrivately(Path file, String content) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(draft);
    Files.createFile(
        draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(draft, content + "\n");
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
