package cloud.lastmile.image;

import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes an image: first its row, then its bytes. A crash in between leaves bytes that the next
 * start sweeps.
 */
final class ImageDelete {
  private static final Logger LOG = LoggerFactory.getLogger(ImageDelete.class);

  private final Database database;
  private final ImageStore images;
  private final DataStore store;

  ImageDelete(Database database, ImageStore images, DataStore store) {
    this.database = database;
    this.images = images;
    this.store = store;
  }

  void run(UUID id) {
    Optional<ImageRecord.Data> data =
        database.transact(handle -> {
          ImageRecord image =
              images
                  .lock(handle, id)
                  .orElseThrow(
                      () -> ApiException.notFound("Failed to find image " + id + " to delete"));
          if (image.attributes().isProtected()) {
            throw ApiException.forbidden("Image " + id + " is protected and cannot be deleted.");
          }
          images.delete(handle, id);
          return image.data();
        });
    data.ifPresent(this::removeBytes);
  }

  private void removeBytes(ImageRecord.Data data) {
    if (!data.store().equals(store.id())) {
      return;
    }
    try {
      store.delete(data.location());
    } catch (IOException left) {
      LOG.warn("The bytes of {} could not be removed; the next start does", data.location(), left);
    }
  }
}
