package cloud.lastmile.image.data;

import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.work.EachAlone;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Local files with images' bytes: the store's own, or else a copy that is fetched once. */
public final class LocalCopies {
  private final EachAlone sweeping = new EachAlone("copies-of-images");
  private final Path directory;
  private final StoreSet stores;
  private final ImageIngest ingest;
  private final Map<UUID, ReentrantLock> locks = new ConcurrentHashMap<>();

  LocalCopies(Path directory, StoreSet stores, ImageIngest ingest) throws IOException {
    this.directory = Files.createDirectories(directory);
    this.stores = stores;
    this.ingest = ingest;
  }

  /** A file that stays as it is as long as it is there. */
  public Path of(UUID image, ImageRecord.Data data) throws IOException {
    for (ImageRecord.Place place : data.places()) {
      Optional<StoreSet.Named> named = stores.of(place.store());
      if (named.isPresent()) {
        Optional<Path> file = named.get().store().file(place.location());
        if (file.isPresent()) {
          return file.get();
        }
      }
    }
    ReentrantLock lock = locks.computeIfAbsent(image, _ -> new ReentrantLock());
    lock.lock();
    try {
      Path copy = directory.resolve(image.toString());
      if (!Files.exists(copy)) {
        fetch(image, data, copy);
      }
      return copy;
    } finally {
      lock.unlock();
    }
  }

  private void fetch(UUID image, ImageRecord.Data data, Path copy) throws IOException {
    Path part = directory.resolve(image + ".part");
    IOException last = new IOException("no store has image " + image);
    for (ImageRecord.Place place : data.places()) {
      Optional<StoreSet.Named> named = stores.of(place.store());
      if (named.isEmpty()) {
        continue;
      }
      try (InputStream input = named.get().store().open(place.location(), 0)) {
        Files.copy(input, part, StandardCopyOption.REPLACE_EXISTING);
        if (!ingest.hash(part).hash().equals(data.hash())) {
          throw new IOException("image " + image + " is damaged in " + named.get().name());
        }
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
        Files.move(part, copy, StandardCopyOption.ATOMIC_MOVE);
        return;
      } catch (IOException unavailable) {
        Files.deleteIfExists(part);
        last = unavailable;
      }
    }
    throw last;
  }

  /** Removes the copies of images that are gone. */
  void sweep(Predicate<UUID> exists) throws IOException {
    List<Path> copies;
    try (Stream<Path> files = Files.list(directory)) {
      copies = files.toList();
    }
    for (Path copy : copies) {
      Optional<UUID> image = Ids.parseUuid(copy.getFileName().toString());
      image.ifPresent(id ->
          sweeping.run(
              id.toString(),
              () -> {
                if (!exists.test(id)) {
                  Files.deleteIfExists(copy);
                  locks.remove(id);
                }
              }));
    }
  }
}
