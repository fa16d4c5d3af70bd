package cloud.lastmile.image.request;

import cloud.lastmile.image.data.StoreKeeper;
import cloud.lastmile.image.data.TransferStore;
import cloud.lastmile.image.record.ImageEvents;
import cloud.lastmile.image.record.ImageQuotas;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * Removes an image: first its row, then its bytes. A crash in between leaves bytes for the {@link
 * StoreKeeper} to sweep. An import that is under way notices and removes what it has.
 */
public final class ImageDelete {
  private final Database database;
  private final ImageStore images;
  private final TransferStore transfers;
  private final ImageQuotas quotas;
  private final ImageEvents events;
  private final StoreKeeper keeper;

  public ImageDelete(
      Database database,
      ImageStore images,
      TransferStore transfers,
      ImageQuotas quotas,
      ImageEvents events,
      StoreKeeper keeper) {
    this.database = database;
    this.images = images;
    this.transfers = transfers;
    this.quotas = quotas;
    this.events = events;
    this.keeper = keeper;
  }

  public void run(UUID id, String requestId) {
    List<ImageRecord.Place> places =
        database.transact(handle -> {
          ImageRecord image =
              images
                  .lock(handle, id)
                  .orElseThrow(
                      () -> ApiException.notFound("Failed to find image " + id + " to delete"));
          if (image.attributes().isProtected()) {
            throw ApiException.forbidden("Image " + id + " is protected and cannot be deleted.");
          }
          return within(handle, image, requestId);
        });
    places.forEach(keeper::removeBytes);
  }

  /** Removes a locked image's row; the bytes that are to be removed after the commit. */
  public List<ImageRecord.Place> within(Handle handle, ImageRecord image, String requestId) {
    List<ImageRecord.Place> freed = new ArrayList<>();
    image.data().ifPresent(data -> freed.addAll(data.places()));
    if (image.importing().task().isEmpty()) {
      transfers.removeOfImage(handle, image.id()).forEach(transfer -> freed.add(transfer.place()));
    }
    if (!images.delete(handle, image.id())) {
      throw ApiException.notFound("Failed to find image " + image.id() + " to delete");
    }
    events.image(handle, "delete", image, requestId);
    quotas.release(handle, image.owner(), ImageQuotas.of(image));
    return freed;
  }
}
