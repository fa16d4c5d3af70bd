package cloud.lastmile.qemu;

import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.ImageFile;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Images as this host's guests use them: raw, sparse, read-only, one file each named by the image's
 * id. A running QEMU never parses what a user uploaded; the one conversion that does runs as the
 * unprivileged user with bounds on time, memory and file size.
 */
final class ImageCache {
  private static final String SUFFIX = ".raw";
  private static final Duration TIMEOUT = Duration.ofMinutes(30);
  private static final long CONVERTER_MEMORY = 2L << 30;

  private final Path directory;
  private final Path temporary;
  private final GuestUsers users;
  private final Map<UUID, ReentrantLock> locks = new ConcurrentHashMap<>();

  ImageCache(Path directory, GuestUsers users) throws IOException {
    this.directory = directory;
    this.temporary = directory.resolve("tmp");
    this.users = users;
    GuestFiles.directory(directory, GuestFiles.currentUid(), users.gid(), "rwx--x---");
    GuestFiles.deleteTree(temporary);
    GuestFiles.directory(temporary, GuestFiles.currentUid(), users.gid(), "rwx--x---");
  }

  /** Where the image is once {@link #load} has been called for it. */
  Path file(UUID imageId) {
    return directory.resolve(imageId + SUFFIX);
  }

  /** Puts the image in the cache unless it is there. Concurrent calls do the work once. */
  void load(DiskImage image) throws HostException {
    try {
      locked(
          image.imageId(),
          () -> {
            if (!Files.exists(file(image.imageId()))) {
              make(image);
            }
          });
    } catch (IOException e) {
      throw new HostException("cannot use image " + image.imageId(), true, e);
    }
  }

  /**
   * Removes every image that is not used. A guest must count as using its image before it calls
   * {@link #load}.
   */
  void dropUnless(Predicate<UUID> used) throws HostException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(ImageCache::isImage).toList()) {
        UUID imageId = imageId(file);
        locked(
            imageId,
            () -> {
              if (!used.test(imageId)) {
                Files.deleteIfExists(file);
              }
            });
      }
    } catch (IOException e) {
      throw new HostException("cannot sweep " + directory, true, e);
    }
  }

  private void make(DiskImage image) throws HostException {
    long virtualSize = ImageFile.virtualSize(image);
    Path scratch = temporary.resolve(UUID.randomUUID().toString());
    try {
      GuestFiles.directory(scratch, users.firstUid(), users.gid(), "rwx------");
      Path raw = scratch.resolve("raw");
      if (image.format().equals("qcow2")) {
        convert(image.file(), scratch, raw, virtualSize);
      } else {
        copy(image.file(), raw);
      }
      GuestFiles.own(raw, GuestFiles.currentUid(), users.gid(), "r--r-----");
      GuestFiles.publish(raw, file(image.imageId()));
    } catch (IOException | CommandException e) {
      throw new HostException(
          "cannot put image %s in the cache: %s".formatted(image.imageId(), e.getMessage()),
          true,
          e);
    } finally {
      discard(scratch);
    }
  }

  /**
   * The converter may not read the image store, so it gets a copy of its own (by reference where
   * the file system can do that); a hard link would need the store's file to change its owner.
   */
  private void convert(Path source, Path scratch, Path raw, long virtualSize)
      throws IOException, CommandException {
    Path copy = scratch.resolve("source");
    copy(source, copy);
    GuestFiles.own(copy, users.firstUid(), users.gid(), "r--------");
    List<String> command = new ArrayList<>(limits(virtualSize));
    command.addAll(List.of("qemu-img", "convert", "-f", "qcow2", "-O", "raw", "-t", "writeback"));
    command.addAll(List.of(copy.toString(), raw.toString()));
    Commands.run(Commands.asUser(users.firstUid(), users.gid(), command), TIMEOUT);
  }

  private static List<String> limits(long virtualSize) {
    return List.of(
        "prlimit",
        "--as=" + CONVERTER_MEMORY,
        "--cpu=" + TIMEOUT.toSeconds(),
        "--fsize=" + virtualSize,
        "--core=0",
        "--");
  }

  private static void copy(Path source, Path target) throws CommandException {
    Commands.run(
        List.of(
            "cp", "--reflink=auto", "--sparse=always", "--", source.toString(), target.toString()),
        TIMEOUT);
  }

  private static void discard(Path scratch) throws HostException {
    try {
      GuestFiles.deleteTree(scratch);
    } catch (IOException e) {
      throw new HostException("cannot remove " + scratch, true, e);
    }
  }

  private void locked(UUID imageId, Work work) throws IOException, HostException {
    ReentrantLock lock = locks.computeIfAbsent(imageId, id -> new ReentrantLock());
    lock.lock();
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }

  private interface Work {
    void run() throws IOException, HostException;
  }

  private static boolean isImage(Path file) {
    return file.getFileName().toString().endsWith(SUFFIX);
  }

  private static UUID imageId(Path file) {
    String name = file.getFileName().toString();
    return UUID.fromString(name.substring(0, name.length() - SUFFIX.length()));
  }
}
