package cloud.lastmile.image.data;

import cloud.lastmile.image.common.Bytes;
import cloud.lastmile.image.data.ImageIngest.Source;
import cloud.lastmile.image.data.ImageIngest.Taken;
import cloud.lastmile.image.record.ImageAttributes;
import cloud.lastmile.image.record.ImageEvents;
import cloud.lastmile.image.record.ImageQuotas;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.database.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a queued image its bytes. The steps: the row becomes {@code saving} and belongs to this
 * upload; the bytes come in, are checked and made durable; the row becomes {@code active}. Whatever
 * fails takes the row back to {@code queued} and removes the bytes; after a crash the {@link
 * StoreKeeper} does so.
 */
public final class ImageUpload {
  private static final Logger LOG = LoggerFactory.getLogger(ImageUpload.class);

  private final Database database;
  private final ImageStore images;
  private final TransferStore transfers;
  private final ImageQuotas quotas;
  private final ImageIngest ingest;
  private final ImageEvents events;
  private final StoreKeeper keeper;

  public ImageUpload(
      Database database,
      ImageStore images,
      TransferStore transfers,
      ImageQuotas quotas,
      ImageIngest ingest,
      ImageEvents events,
      StoreKeeper keeper) {
    this.database = database;
    this.images = images;
    this.transfers = transfers;
    this.quotas = quotas;
    this.ingest = ingest;
    this.events = events;
    this.keeper = keeper;
  }

  /** Returns when the image is active; its bytes survive whatever happens then. */
  void run(UUID id, StoreSet.Named store, Source source, String requestId) {
    run(
        id,
        store,
        source.declared().orElse(0),
        requestId,
        (location, attributes, twins) ->
            ingest.take(store.store(), location, attributes, source, twins));
  }

  /** As {@link #run}, with a local file, which stays. */
  public void run(UUID id, StoreSet.Named store, Path file, String requestId) throws IOException {
    run(
        id,
        store,
        Files.size(file),
        requestId,
        (location, attributes, twins) ->
            ingest.take(store.store(), location, attributes, file, twins));
  }

  @FunctionalInterface
  private interface Taker {
    Taken take(String location, ImageAttributes attributes, ImageIngest.Twins twins);
  }

  private void run(UUID id, StoreSet.Named store, long size, String requestId, Taker taker) {
    UUID upload = UUID.randomUUID();
    ImageRecord.Place place =
        new ImageRecord.Place(store.store().id(), id + "." + UUID.randomUUID());
    try (StoreKeeper.Alive _ = keeper.alive(upload)) {
      Started started = start(id, upload, place, size);
      Taken taken;
      try {
        taken =
            taker.take(
                place.location(),
                started.attributes(),
                bytes -> database.read(handle -> images.twin(handle, place.store(), bytes)));
      } catch (RuntimeException failed) {
        stop(started.transfer(), failed);
        throw failed;
      }
      finish(started.transfer(), taken, store, requestId);
    }
  }

  private record Started(Transfer transfer, ImageAttributes attributes) {}

  private Started start(UUID id, UUID upload, ImageRecord.Place place, long size) {
    return database.transact(handle -> {
      ImageRecord image =
          images.lock(handle, id).orElseThrow(() -> ImageRules.noImage(id.toString()));
      if (!images.startSaving(handle, id, upload)) {
        throw ApiException.conflict(
            "Image status transition from " + image.status() + " to saving is not allowed");
      }
      requireFormats(image.attributes());
      Transfer transfer =
          new Transfer(
              upload,
              id,
              Optional.empty(),
              Transfer.UPLOAD,
              image.owner(),
              place,
              ImageQuotas.Held.upload(Bytes.mebibytes(size)),
              Optional.empty());
      transfers.insert(handle, transfer, keeper.boot());
      return new Started(transfer, image.attributes());
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

  private void finish(Transfer transfer, Taken taken, StoreSet.Named store, String requestId) {
    boolean finished;
    try {
      finished =
          database.transact(handle -> {
            UUID id = transfer.image();
            if (!images.finishSaving(
                handle, id, transfer.id(), taken.bytes(), taken.virtualSize())) {
              transfers.remove(handle, transfer);
              return false;
            }
            images.addPlace(handle, id, transfer.place(), null);
            ImageRecord image = images.find(handle, id).orElseThrow();
            events.image(handle, "upload", image, requestId);
            events.image(handle, "activate", image, requestId);
            transfers.remove(handle, transfer);
            quotas.reserve(handle, image.owner(), ImageQuotas.Held.size(taken.bytes().mebibytes()));
            return true;
          });
    } catch (ApiException overQuota) {
      if (overQuota.kind() == Kind.TOO_LARGE) {
        stop(transfer, overQuota);
        removeBytes(store, transfer);
      }
      throw overQuota;
    } catch (RuntimeException unknown) {
      // It may have been committed. The bytes stay; the keeper gives them up if it was not.
      LOG.warn("Whether image {} became active is unknown", transfer.image(), unknown);
      throw unknown;
    }
    if (!finished) {
      removeBytes(store, transfer);
      throw ApiException.of(
          Kind.GONE,
          "Image "
              + transfer.image()
              + " could not be found after upload. The image may have been deleted during the"
              + " upload, cleaning up the chunks uploaded.");
    }
  }

  private void stop(Transfer transfer, RuntimeException failed) {
    try {
      database.change(handle -> {
        images.stopSaving(handle, transfer.image(), transfer.id());
        transfers.remove(handle, transfer);
      });
    } catch (RuntimeException alsoFailed) {
      failed.addSuppressed(alsoFailed);
    }
  }

  private static void removeBytes(StoreSet.Named store, Transfer transfer) {
    try {
      store.store().delete(transfer.place().location());
    } catch (IOException left) {
      LOG.warn("The bytes of {} are left; the sweep removes them", transfer.place(), left);
    }
  }
}
