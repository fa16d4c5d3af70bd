package cloud.lastmile.image;

import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.database.Database;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a queued image its bytes. The steps: the row becomes {@code saving} and belongs to this
 * upload; the bytes come in, are checked and made durable; the row becomes {@code active}. Whatever
 * fails takes the row back to {@code queued} and removes the bytes; after a crash the next start
 * does so, see {@link StoreSweep}.
 */
final class ImageUpload {
  private static final Logger LOG = LoggerFactory.getLogger(ImageUpload.class);

  private final Database database;
  private final ImageStore images;
  private final ImageIngest ingest;
  private final DataStore store;

  ImageUpload(Database database, ImageStore images, ImageIngest ingest, DataStore store) {
    this.database = database;
    this.images = images;
    this.ingest = ingest;
    this.store = store;
  }

  void run(UUID id, InputStream input, OptionalLong declared) {
    UUID upload = UUID.randomUUID();
    String diskFormat = start(id, upload);
    ImageRecord.Data data;
    try {
      data = ingest.take(id, diskFormat, input, declared);
    } catch (RuntimeException failed) {
      stop(id, upload, failed);
      throw failed;
    }
    finish(id, upload, data);
  }

  /** The image's disk format. */
  private String start(UUID id, UUID upload) {
    return database.transact(handle -> {
      ImageRecord image =
          images.lock(handle, id).orElseThrow(() -> ImageRules.noImage(id.toString()));
      if (!images.startSaving(handle, id, upload, ingest.storeId())) {
        throw ApiException.conflict(
            "Image status transition from " + image.status() + " to saving is not allowed");
      }
      requireFormats(image.attributes());
      return image.attributes().diskFormat().orElseThrow();
    });
  }

  static void requireFormats(ImageAttributes attributes) {
    List<String> missing = new ArrayList<>();
    if (attributes.diskFormat().isEmpty()) {
      missing.add("disk_format");
    }
    if (attributes.containerFormat().isEmpty()) {
      missing.add("container_format");
    }
    if (!missing.isEmpty()) {
      throw ApiException.badRequest(
          (missing.size() == 1 ? "Property " : "Properties ")
              + String.join(", ", missing)
              + " must be set prior to saving data.");
    }
  }

  private void finish(UUID id, UUID upload, ImageRecord.Data data) {
    boolean finished;
    try {
      finished = database.transact(handle -> images.finishSaving(handle, id, upload, data));
    } catch (RuntimeException unknown) {
      // It may have been committed. The bytes stay; the next start removes them if it was not.
      LOG.warn("Whether image {} became active is unknown", id, unknown);
      throw unknown;
    }
    if (!finished) {
      removeBytes(data);
      throw ApiException.of(
          Kind.GONE,
          "Image "
              + id
              + " could not be found after upload. The image may have been deleted during the"
              + " upload, cleaning up the chunks uploaded.");
    }
  }

  private void stop(UUID id, UUID upload, RuntimeException failed) {
    try {
      database.change(handle -> images.stopSaving(handle, id, upload));
    } catch (RuntimeException alsoFailed) {
      failed.addSuppressed(alsoFailed);
    }
  }

  private void removeBytes(ImageRecord.Data data) {
    try {
      store.delete(data.location());
    } catch (IOException left) {
      LOG.warn("The bytes of {} could not be removed; the next start does", data.location(), left);
    }
  }
}
