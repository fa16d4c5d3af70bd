package cloud.lastmile.compute;

import cloud.lastmile.image.api.ImageInfo;
import cloud.lastmile.image.api.Images;
import cloud.lastmile.platform.core.Caller;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Images in memory, with files in a directory of the test. */
public final class FakeImages implements Images {
  private static final Instant MADE = Instant.parse("2026-01-02T03:04:05Z");

  private final Path directory;
  private final Map<UUID, ImageInfo> images = new ConcurrentHashMap<>();
  private final Set<UUID> lost = ConcurrentHashMap.newKeySet();

  FakeImages(Path directory) {
    this.directory = directory;
  }

  public UUID addRaw(int bytes, int minRamMib, Map<String, String> properties) {
    return add("raw", bytes, minRamMib, properties);
  }

  public UUID add(String format, int bytes, int minRamMib, Map<String, String> properties) {
    UUID id = UUID.randomUUID();
    try {
      Files.write(directory.resolve(id.toString()), new byte[bytes]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    images.put(
        id,
        new ImageInfo(
            id,
            "image",
            "admin",
            "active",
            format,
            bytes,
            OptionalLong.of(bytes),
            0,
            minRamMib,
            properties,
            MADE,
            MADE));
    return id;
  }

  /** Makes it another one, as its owner or an administrator might. */
  public void change(UUID image, String status, int minDiskGib) {
    images.computeIfPresent(
        image,
        (id, before) ->
            new ImageInfo(
                id,
                before.name(),
                before.owner(),
                status,
                before.diskFormat(),
                before.size(),
                before.virtualSize(),
                minDiskGib,
                before.minRamMib(),
                before.properties(),
                before.createdAt(),
                before.updatedAt()));
  }

  /** From now on its bytes are gone, as after a deletion that nobody has heard of yet. */
  public void loseBytes(UUID image) {
    lost.add(image);
  }

  public String status(UUID image) {
    ImageInfo info = images.get(image);
    return info == null ? "" : info.status();
  }

  public Map<String, String> properties(UUID image) {
    return images.get(image).properties();
  }

  @Override
  public Optional<ImageInfo> find(Caller caller, UUID image) {
    return Optional.ofNullable(images.get(image));
  }

  @Override
  public Path file(UUID image) throws IOException {
    ImageInfo info = images.get(image);
    if (info == null || !info.status().equals("active") || lost.contains(image)) {
      throw new IOException("image " + image + " is not active");
    }
    return directory.resolve(image.toString());
  }

  @Override
  public ImageInfo createQueued(
      Caller caller, UUID id, String name, String diskFormat, Map<String, String> properties) {
    return images.computeIfAbsent(
        id,
        _ ->
            new ImageInfo(
                id,
                name,
                caller.requireProjectId(),
                "queued",
                diskFormat,
                0,
                OptionalLong.empty(),
                0,
                0,
                properties,
                MADE,
                MADE));
  }

  @Override
  public void adopt(UUID image, Path file) throws IOException {
    if (Files.exists(file)) {
      Files.move(file, directory.resolve(image.toString()), StandardCopyOption.REPLACE_EXISTING);
    }
    long size = Files.size(directory.resolve(image.toString()));
    images.computeIfPresent(
        image,
        (id, queued) ->
            new ImageInfo(
                id,
                queued.name(),
                queued.owner(),
                "active",
                queued.diskFormat(),
                size,
                OptionalLong.of(size),
                queued.minDiskGib(),
                queued.minRamMib(),
                queued.properties(),
                queued.createdAt(),
                queued.updatedAt()));
  }

  @Override
  public void delete(UUID image) {
    images.remove(image);
  }

  @Override
  public void discard(UUID image) {
    images.computeIfPresent(image, (_, before) -> before.status().equals("queued") ? null : before);
  }
}
