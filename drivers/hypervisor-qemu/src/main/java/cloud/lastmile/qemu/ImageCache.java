package cloud.lastmile.qemu;

import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import cloud.lastmile.platform.work.EachAlone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images as this host's guests use them: raw, sparse, read-only, one file each named by the image's
 * id, so that a running QEMU never parses what a user uploaded. An image's bytes never change, so a
 * file here is good for as long as it is there. A file's time of change is when a guest last used
 * it. Each has a group of its own, which the guests that use it are in and no other.
 *
 * <p>A file that is being made is in {@code tmp/}, which is emptied at each start; it gets its name
 * when it is whole and on the disk.
 */
final class ImageCache {
  private static final Logger LOG = LoggerFactory.getLogger(ImageCache.class);
  private static final String SUFFIX = ".raw";
  private static final int NAME_LENGTH = 36 + SUFFIX.length();
  private static final Duration COPYING = Duration.ofMinutes(30);

  private final Path directory;
  private final Path temporary;
  private final GuestUsers users;
  private final UserPool groups;
  private final ImageCacheLimits limits;
  private final ImageConverter converter;
  private final InstantSource clock;
  private final EachAlone evicting = new EachAlone("cached-images");
  private final Map<UUID, ReentrantLock> locks = new ConcurrentHashMap<>();

  ImageCache(Path directory, GuestUsers users, ImageCacheLimits limits, InstantSource clock)
      throws IOException, HostException {
    this.directory = directory;
    this.temporary = directory.resolve("tmp");
    this.users = users;
    this.limits = limits;
    this.clock = clock;
    GuestFiles.directory(directory, GuestFiles.currentUid(), 0, "rwx--x--x");
    Sandbox.endOrphans(temporary);
    GuestFiles.deleteTree(temporary);
    GuestFiles.directory(temporary, GuestFiles.currentUid(), 0, "rwx------");
    this.converter = new ImageConverter(users, directory.resolve("converter.bpf"));
    this.groups = new UserPool(users.images(), directory.toRealPath());
    adoptGroups();
  }

  /** Who may read each file: a group that only those guests are in which use the image. */
  private void adoptGroups() throws IOException, HostException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(ImageCache::isImage).toList()) {
        evicting.run(file.toString(), () -> adoptGroup(file));
      }
    }
    groups.releaseUnknown();
  }

  private void adoptGroup(Path file) throws IOException, HostException {
    UUID id = imageId(file);
    if (!groups.adopt(id, group(file))) {
      GuestFiles.own(file, GuestFiles.currentUid(), groups.of(id), "r--r-----");
    }
  }

  private static int group(Path file) throws IOException {
    return (int) Files.getAttribute(file, "unix:gid", LinkOption.NOFOLLOW_LINKS);
  }

  /** The group that may read an image that was loaded. */
  int group(UUID imageId) throws HostException {
    try {
      return group(file(imageId));
    } catch (IOException e) {
      throw new HostException("image " + imageId + " is not in the cache", true, e);
    }
  }

  /** Where what guests have made is looked at. */
  Sandbox sandbox() {
    return converter.sandbox();
  }

  /** Where the image is once {@link #load} has been called for it. */
  Path file(UUID imageId) {
    return directory.resolve(name(imageId));
  }

  /** The name of an image's file. */
  static String name(UUID imageId) {
    return imageId + SUFFIX;
  }

  Path directory() {
    return directory;
  }

  /**
   * Puts the image in the cache unless it is there. Concurrent calls do the work once. A guest must
   * count as using its image from its last call on.
   *
   * @param limit the largest virtual size, in bytes
   * @return the virtual size, in bytes
   * @throws HostException not retryable, if the image is missing, too large or not what it should
   *     be
   */
  long load(DiskImage image, long limit) throws HostException {
    Path file = file(image.imageId());
    try {
      locked(
          image.imageId(),
          () -> {
            if (Files.exists(file)) {
              touch(file);
              if (group(file) == 0) {
                adoptGroup(file); // There was no number left for it when it was found.
              }
            } else {
              make(image, limit);
            }
          });
      long size = Files.size(file);
      if (size > limit) {
        throw ImageConverter.tooLarge(size, limit);
      }
      return size;
    } catch (IOException e) {
      throw new HostException("cannot use image " + image.imageId(), true, e);
    }
  }

  /** An image that no guest uses. */
  private record Unused(UUID id, Path file, Instant last, long bytes) {}

  /** Removes images that no guest uses and that are too old or too many. */
  void evict(Predicate<UUID> used) throws HostException {
    Instant oldest = clock.instant().minus(limits.age());
    long bytes = 0;
    // The youngest first: those that the bound of size leaves no room for are the oldest.
    for (Unused image : unused(used)) {
      bytes += image.bytes();
      if (image.last().isBefore(oldest) || bytes > limits.bytes()) {
        evicting.run(image.id().toString(), () -> remove(image, used));
      }
    }
  }

  /** Removes all images that no guest uses; whether there were any. */
  boolean evictAll(Predicate<UUID> used) throws HostException {
    List<Unused> images = unused(used);
    boolean any = false;
    for (Unused image : images) {
      any |= evicting.run(image.id().toString(), () -> remove(image, used));
    }
    return any;
  }

  private List<Unused> unused(Predicate<UUID> used) throws HostException {
    List<Unused> images = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(ImageCache::isImage).toList()) {
        UUID id = imageId(file);
        if (used.test(id)) {
          touch(file);
        } else {
          Instant last = Files.getLastModifiedTime(file).toInstant();
          images.add(new Unused(id, file, last, Files.size(file)));
        }
      }
    } catch (IOException e) {
      throw new HostException("cannot sweep " + directory, true, e);
    }
    images.sort(Comparator.comparing(Unused::last).reversed());
    return images;
  }

  private void remove(Unused image, Predicate<UUID> used) throws HostException {
    try {
      locked(
          image.id(),
          () -> {
            boolean taken =
                used.test(image.id())
                    || Files.getLastModifiedTime(image.file()).toInstant().isAfter(image.last());
            if (!taken) {
              LOG.info("image {}, last used at {}, leaves the cache", image.id(), image.last());
              Files.deleteIfExists(image.file());
              groups.release(image.id());
            }
          });
    } catch (IOException e) {
      throw new HostException("cannot remove " + image.file(), true, e);
    }
  }

  private void touch(Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
  }

  private void make(DiskImage image, long limit) throws HostException {
    Path scratch = temporary.resolve(UUID.randomUUID().toString());
    try {
      if (!Files.exists(image.file())) {
        throw new HostException("image file " + image.file() + " is missing", false);
      }
      GuestFiles.directory(scratch, users.converter(), users.converter(), "rwx------");
      Path raw = scratch.resolve(ImageConverter.RESULT);
      switch (image.format()) {
        case "raw", "iso", "ami", "aki", "ari" -> {
          if (Files.size(image.file()) > limit) {
            throw ImageConverter.tooLarge(Files.size(image.file()), limit);
          }
          copy(image.file(), raw);
        }
        default -> {
          // The converter may not read the image store, so it gets a copy of its own (by reference
          // where the file system can do that), which nobody can change while it is looked at.
          copy(image.file(), scratch.resolve(ImageConverter.SOURCE));
          converter.convert(scratch, image.format(), limit);
        }
      }
      if (!Files.isRegularFile(raw, LinkOption.NOFOLLOW_LINKS)) {
        // Only a converter that the image has taken over leaves anything else.
        throw new HostException("the image cannot be converted", false);
      }
      GuestFiles.own(raw, GuestFiles.currentUid(), groups.of(image.imageId()), "r--r-----");
      touch(raw);
      GuestFiles.publish(raw, file(image.imageId()));
    } catch (IOException | CommandException e) {
      throw new HostException(
          "cannot put image %s in the cache: %s".formatted(image.imageId(), e.getMessage()),
          true,
          e);
    } catch (HostException e) {
      throw new HostException(
          "cannot use image %s: %s".formatted(image.imageId(), e.getMessage()), e.retryable(), e);
    } finally {
      discard(scratch);
    }
  }

  private static void copy(Path source, Path target) throws CommandException {
    Commands.run(
        List.of(
            "cp", "--reflink=auto", "--sparse=always", "--", source.toString(), target.toString()),
        COPYING);
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

  /** Whether it is one; what an operator has put beside them is left alone. */
  private static boolean isImage(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(SUFFIX) && name.length() == NAME_LENGTH;
  }

  private static UUID imageId(Path file) {
    String name = file.getFileName().toString();
    return UUID.fromString(name.substring(0, name.length() - SUFFIX.length()));
  }
}
