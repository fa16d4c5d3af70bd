package cloud.lastmile.image.request;

import cloud.lastmile.image.record.ImageAttributes;
import cloud.lastmile.image.record.ImageEvents;
import cloud.lastmile.image.record.ImageQuotas;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Makes an image without bytes. */
public final class ImageCreate {
  private final Database database;
  private final ImageStore images;
  private final ImageQuotas quotas;
  private final ImageEvents events;

  public ImageCreate(Database database, ImageStore images, ImageQuotas quotas, ImageEvents events) {
    this.database = database;
    this.images = images;
    this.quotas = quotas;
    this.events = events;
  }

  /**
   * @throws ApiException conflict if the id is taken, too large if the project has its images
   */
  public ImageRecord run(UUID id, ImageAttributes attributes, String requestId) {
    try {
      return database.transact(handle -> within(handle, id, attributes, requestId));
    } catch (RuntimeException failure) {
      throw Database.violated(failure).filter(ImageStore.PRIMARY_KEY::equals).isPresent()
          ? ApiException.conflict("Image ID " + id + " already exists!")
          : failure;
    }
  }

  /** As part of a larger transaction. */
  public ImageRecord within(Handle handle, UUID id, ImageAttributes attributes, String requestId) {
    images.insert(handle, id, attributes);
    ImageRecord image = images.find(handle, id).orElseThrow();
    events.image(handle, "create", image, requestId);
    quotas.reserve(handle, image.owner(), ImageQuotas.Held.image());
    return image;
  }
}
