package cloud.lastmile.image.data;

import cloud.lastmile.image.common.Bytes;
import cloud.lastmile.image.data.ImageIngest.Source;
import cloud.lastmile.image.record.ImageQuotas;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.image.record.ImageStatus;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.database.Database;
import java.util.Optional;
import java.util.UUID;

/**
 * Takes bytes that a later {@code glance-direct} import looks at: the image is {@code uploading}
 * from the first byte until then. What fails leaves a queued image and no bytes.
 */
public final class ImageStage {
  private final Database database;
  private final ImageStore images;
  private final TransferStore transfers;
  private final ImageIngest ingest;
  private final DataStore staging;
  private final StoreKeeper keeper;

  public ImageStage(
      Database database,
      ImageStore images,
      TransferStore transfers,
      ImageIngest ingest,
      DataStore staging,
      StoreKeeper keeper) {
    this.database = database;
    this.images = images;
    this.transfers = transfers;
    this.ingest = ingest;
    this.staging = staging;
    this.keeper = keeper;
  }

  public void run(UUID id, Source source) {
    UUID stage = UUID.randomUUID();
    try (StoreKeeper.Alive _ = keeper.alive(stage)) {
      Transfer transfer = start(id, stage, source);
      boolean rests;
      try {
        Bytes bytes = ingest.stage(staging, transfer.place().location(), source, _ -> {});
        rests = database.transact(handle -> transfers.rest(handle, transfer, bytes));
      } catch (RuntimeException failed) {
        giveUp(transfer, failed);
        throw failed;
      }
      if (!rests) {
        keeper.removeBytes(transfer.place());
        throw ApiException.of(Kind.GONE, "Image " + id + " was deleted while it was staged.");
      }
    }
  }

  private Transfer start(UUID id, UUID stage, Source source) {
    return database.transact(handle -> {
      ImageRecord image =
          images.lock(handle, id).orElseThrow(() -> ImageRules.noImage(id.toString()));
      if (!images.changeStatus(handle, id, ImageStatus.QUEUED, ImageStatus.UPLOADING)) {
        throw ApiException.conflict(
            "Image status transition from " + image.status() + " to uploading is not allowed");
      }
      Transfer transfer =
          new Transfer(
              stage,
              id,
              Optional.empty(),
              Transfer.STAGE,
              image.owner(),
              new ImageRecord.Place(staging.id(), id + "." + UUID.randomUUID()),
              ImageQuotas.Held.stage(Bytes.mebibytes(source.declared().orElse(0))),
              Optional.empty());
      transfers.insert(handle, transfer, keeper.boot());
      return transfer;
    });
  }

  private void giveUp(Transfer transfer, RuntimeException failed) {
    try {
      database.change(handle -> {
        if (transfers.remove(handle, transfer)) {
          images.changeStatus(handle, transfer.image(), ImageStatus.UPLOADING, ImageStatus.QUEUED);
        }
      });
    } catch (RuntimeException alsoFailed) {
      failed.addSuppressed(alsoFailed);
    }
    keeper.removeBytes(transfer.place());
  }
}
