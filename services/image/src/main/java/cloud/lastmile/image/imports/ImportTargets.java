package cloud.lastmile.image.imports;

import cloud.lastmile.image.data.ImageIngest;
import cloud.lastmile.image.data.Transfer;
import cloud.lastmile.image.data.TransferStore;
import cloud.lastmile.image.record.ImageEvents;
import cloud.lastmile.image.record.ImageQuotas;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageStatus;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.image.task.TaskStore;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.StepException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fills the stores of an import, one after the other; those that are full already are left. */
public final class ImportTargets {
  private static final Logger LOG = LoggerFactory.getLogger(ImportTargets.class);

  private final Database database;
  private final ImageStore images;
  private final TransferStore transfers;
  private final TaskStore tasks;
  private final ImageQuotas quotas;
  private final ImageEvents events;
  private final StoreSet stores;

  public ImportTargets(
      Database database,
      ImageStore images,
      TransferStore transfers,
      TaskStore tasks,
      ImageQuotas quotas,
      ImageEvents events,
      StoreSet stores) {
    this.database = database;
    this.images = images;
    this.transfers = transfers;
    this.tasks = tasks;
    this.quotas = quotas;
    this.events = events;
    this.stores = stores;
  }

  /**
   * @param file the inspected bytes
   */
  void fill(ImportState state, Path file) throws IOException {
    List<String> unfilled = new ArrayList<>(state.stores());
    while (!unfilled.isEmpty()) {
      String name = unfilled.removeFirst();
      try {
        fill(state, name, unfilled.isEmpty(), file);
      } catch (IOException unstorable) {
        RuntimeException failed = ImageIngest.unstorable(unstorable);
        if (state.mustFillAll()) {
          throw failed;
        }
        LOG.warn("Image {} could not be put in the store {}", state.image(), name, unstorable);
        database.change(handle -> markFailed(handle, state, name));
      } catch (RuntimeException failed) {
        if (state.mustFillAll()) {
          throw failed;
        }
        LOG.warn("Image {} could not be put in the store {}", state.image(), name, failed);
        database.change(handle -> markFailed(handle, state, name));
      }
    }
  }

  private void fill(ImportState state, String name, boolean isLast, Path file) throws IOException {
    DataStore store =
        stores
            .named(name)
            .map(StoreSet.Named::store)
            .orElseThrow(() -> StepException.terminal("There is no store " + name));
    Optional<Transfer> begun = database.transact(handle -> begin(handle, state, store));
    if (begun.isEmpty()) {
      return;
    }
    String location = begun.get().place().location();
    if (!store.has(location)) {
      put(state, store, location, file);
    }
    database.change(handle -> end(handle, state, name, begun.get(), isLast));
  }

  /** The bytes' place to be; empty if they are there. */
  private Optional<Transfer> begin(Handle handle, ImportState state, DataStore store) {
    ImageRecord image =
        images.lock(handle, state.image()).orElseThrow(() -> ImageImport.deleted(state));
    if (image.data().stream()
        .flatMap(data -> data.places().stream())
        .anyMatch(place -> place.store().equals(store.id()))) {
      return Optional.empty();
    }
    Optional<Transfer> earlier =
        transfers.ofTask(handle, state.task()).stream()
            .filter(transfer -> transfer.place().store().equals(store.id()))
            .findFirst();
    if (earlier.isPresent()) {
      return earlier;
    }
    Transfer transfer =
        new Transfer(
            UUID.randomUUID(),
            state.image(),
            Optional.of(state.task()),
            Transfer.IMPORT,
            state.project(),
            new ImageRecord.Place(store.id(), state.image() + "." + UUID.randomUUID()),
            ImageQuotas.Held.size(state.bytes().mebibytes()),
            Optional.empty());
    transfers.insert(handle, transfer, null);
    return Optional.of(transfer);
  }

  private void put(ImportState state, DataStore store, String location, Path file)
      throws IOException {
    TaskProgress progress = new TaskProgress(database, tasks, images, state);
    Optional<String> twin = database.read(handle -> images.twin(handle, store.id(), state.bytes()));
    try (DataStore.Incoming incoming = store.begin(location, file, progress)) {
      if (twin.isPresent()) {
        incoming.keepLike(twin.get());
      } else {
        incoming.keep();
      }
    }
  }

  private void end(
      Handle handle, ImportState state, String name, Transfer transfer, boolean isLast) {
    UUID id = state.image();
    ImageRecord image = images.lock(handle, id).orElseThrow(() -> ImageImport.deleted(state));
    images.addPlace(handle, id, transfer.place(), state.task());
    if (!state.isCopy()) {
      images.describe(handle, id, state.bytes(), state.virtualSize());
    }
    boolean becomesActive =
        (isLast || !state.mustFillAll())
            && images.changeStatus(handle, id, ImageStatus.IMPORTING, ImageStatus.ACTIVE);
    images.setImporting(handle, id, image.importing().without(name));
    ImageRecord after = images.find(handle, id).orElseThrow();
    events.image(handle, "upload", after, state.requestId());
    if (becomesActive) {
      events.image(handle, "activate", after, state.requestId());
    }
    transfers.remove(handle, transfer);
    quotas.reserve(handle, state.project(), transfer.held());
  }

  private void markFailed(Handle handle, ImportState state, String name) {
    ImageRecord image =
        images.lock(handle, state.image()).orElseThrow(() -> ImageImport.deleted(state));
    images.setImporting(
        handle, state.image(), image.importing().without(name).failing(List.of(name)));
  }
}
