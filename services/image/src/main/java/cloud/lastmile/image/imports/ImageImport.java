package cloud.lastmile.image.imports;

import cloud.lastmile.image.common.Bytes;
import cloud.lastmile.image.data.ImageIngest;
import cloud.lastmile.image.data.ImageParts;
import cloud.lastmile.image.data.StoreKeeper;
import cloud.lastmile.image.data.Transfer;
import cloud.lastmile.image.data.TransferStore;
import cloud.lastmile.image.record.ImageAttributes;
import cloud.lastmile.image.record.ImageQuotas;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageStatus;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.image.request.ImageDelete;
import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.image.task.TaskStore;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.work.Jobs;
import cloud.lastmile.platform.work.Saga;
import cloud.lastmile.platform.work.StepException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * Imports an image's bytes: gets them into the staging area, inspects them there, fills the stores,
 * and makes the image active. A kill at any moment is followed by going on where it was; a failure
 * by an image that is queued again and no byte that is left.
 */
public final class ImageImport {
  private static final int CONCURRENCY = 8;

  /** Slow servers hold an import for hours: those of one project leave room for others'. */
  private static final int OF_ONE_PROJECT = 3;

  private final Database database;
  private final ImageStore images;
  private final TransferStore transfers;
  private final TaskStore tasks;
  private final ImageQuotas quotas;
  private final ImageIngest ingest;
  private final ImageDelete deletes;
  private final ImportSources sources;
  private final ImportTokens tokens;
  private final ImportTargets targets;
  private final DataStore staging;
  private final StoreKeeper keeper;
  private final Jobs jobs;

  private final Saga<ImportState> saga =
      Saga.named("image-import", ImportState.class)
          .step("open", state -> state, this::discard)
          .transaction("begin", this::begin)
          .step("metadata", this::copyMetadata)
          .step("fetch", this::fetch)
          .step("inspect", this::inspect)
          .step("stores", this::fillStores)
          .transaction("finish", this::finish)
          .step("clean", this::clean)
          .onFailure(this::fail);

  public ImageImport(
      ImageParts with,
      ImageDelete deletes,
      ImportSources sources,
      ImportTokens tokens,
      ImportTargets targets,
      Jobs jobs) {
    this.deletes = deletes;
    this.database = with.database();
    this.images = with.images();
    this.transfers = with.transfers();
    this.tasks = with.tasks();
    this.quotas = with.quotas();
    this.ingest = with.ingest();
    this.sources = sources;
    this.tokens = tokens;
    this.targets = targets;
    this.staging = with.staging();
    this.keeper = with.keeper();
    this.jobs = jobs;
    jobs.register(saga, CONCURRENCY, OF_ONE_PROJECT);
  }

  /**
   * Accepts the import if and when the transaction commits.
   *
   * @param image locked
   */
  void submit(Handle handle, ImageRecord image, ImportState state, TaskStore.NewTask task) {
    if (!state.isCopy()) {
      images.changeStatus(handle, image.id(), image.status(), ImageStatus.IMPORTING);
    }
    images.setImporting(handle, image.id(), image.importing().begun(task.id(), state.stores()));
    tasks.insert(handle, task);
    jobs.submit(handle, saga, state.image().toString(), state, state.requestId(), state.project());
  }

  /** Writes down that bytes will come to the staging area; the name they will have there. */
  String expect(Handle handle, ImageRecord image, UUID task, ImageQuotas.Held held) {
    String location = image.id() + "." + UUID.randomUUID();
    transfers.insert(
        handle,
        new Transfer(
            UUID.randomUUID(),
            image.id(),
            Optional.of(task),
            Transfer.IMPORT,
            image.owner(),
            new ImageRecord.Place(staging.id(), location),
            held,
            Optional.empty()),
        null);
    return location;
  }

  private ImportState begin(Handle handle, ImportState state) {
    tasks.begin(handle, state.task());
    ImageRecord image = images.find(handle, state.image()).orElseThrow(() -> deleted(state));
    ImportState begun = state.withUntil(sources.deadline());
    return state.method().equals(ImportState.GLANCE)
        ? begun.withBefore(tree(image).toString())
        : begun;
  }

  private ImportState copyMetadata(ImportState state) {
    if (state.method().equals(ImportState.GLANCE)) {
      ObjectNode metadata = sources.remoteMetadata(state);
      database.change(handle -> {
        ImageRecord image = images.lock(handle, state.image()).orElseThrow(() -> deleted(state));
        images.update(handle, state.image(), ImageAttributes.of(tree(image).setAll(metadata)));
      });
    }
    return state;
  }

  private static ObjectNode tree(ImageRecord image) {
    ObjectNode tree = Json.object();
    image.attributes().writeTo(tree);
    return tree;
  }

  private ImportState fetch(ImportState state) throws IOException {
    Transfer transfer = staged(state);
    if (transfer.staged().isPresent()) {
      return state.withBytes(transfer.staged().get());
    }
    // It may be here though nobody wrote down what it is: the last run ended in between.
    Optional<Path> present = staging.file(state.staged());
    Bytes bytes =
        present.isPresent()
            ? ingest.hash(present.get())
            : sources.fetch(state, new TaskProgress(database, tasks, images, state));
    if (!database.transact(handle -> transfers.rest(handle, transfer, bytes))) {
      throw deleted(state);
    }
    return state.withBytes(bytes);
  }

  private Transfer staged(ImportState state) {
    return database.read(handle -> transfers.ofTask(handle, state.task())).stream()
        .filter(transfer -> transfer.place().location().equals(state.staged()))
        .findFirst()
        .orElseThrow(() -> deleted(state));
  }

  private ImportState inspect(ImportState state) throws IOException {
    ImageRecord image =
        database
            .read(handle -> images.find(handle, state.image()))
            .orElseThrow(() -> deleted(state));
    Path file = stagedFile(state);
    if (state.isCopy()) {
      return state.withVirtualSize(image.data().orElseThrow().virtualSize());
    }
    ingest.verify(file, image.attributes());
    return state.withVirtualSize(ingest.inspect(file, image.attributes()));
  }

  private Path stagedFile(ImportState state) throws IOException {
    return staging
        .file(state.staged())
        .orElseThrow(() ->
            StepException.terminal("The staged bytes of image " + state.image() + " are not here"));
  }

  private ImportState fillStores(ImportState state) throws IOException {
    targets.fill(state, stagedFile(state));
    return state;
  }

  private ImportState finish(Handle handle, ImportState state) {
    ImageRecord image = images.lock(handle, state.image()).orElseThrow(() -> deleted(state));
    if (image.status().equals(ImageStatus.IMPORTING)) {
      throw StepException.terminal("None of the uploads finished!");
    }
    images.keepPlacesOf(handle, state.task());
    images.setImporting(handle, state.image(), image.importing().ended());
    tasks.end(
        handle, state.task(), true, "", Json.object().put("image_id", state.image().toString()));
    transfers.removeOfTask(handle, state.task());
    tokens.forget(handle, state.task());
    return state;
  }

  private ImportState clean(ImportState state) {
    keeper.removeBytes(new ImageRecord.Place(staging.id(), state.staged()));
    return state;
  }

  /** Takes everything back that any step did. */
  private void discard(ImportState state) {
    List<ImageRecord.Place> freed =
        database.transact(handle -> {
          List<ImageRecord.Place> places = new ArrayList<>();
          transfers
              .removeOfTask(handle, state.task())
              .forEach(transfer -> places.add(transfer.place()));
          images
              .lock(handle, state.image())
              .ifPresent(image -> places.addAll(undo(handle, state, image)));
          return places;
        });
    freed.forEach(keeper::removeBytes);
  }

  private List<ImageRecord.Place> undo(Handle handle, ImportState state, ImageRecord image) {
    List<ImageRecord.Place> places = images.removePlacesOf(handle, state.task());
    long mebibytes = state.bytes().mebibytes() * places.size();
    if (mebibytes > 0) {
      quotas.release(handle, state.project(), ImageQuotas.Held.size(mebibytes));
    }
    if (!state.isCopy()) {
      images.forget(handle, state.image());
      images.changeStatus(handle, state.image(), ImageStatus.ACTIVE, ImageStatus.QUEUED);
      images.changeStatus(handle, state.image(), ImageStatus.IMPORTING, ImageStatus.QUEUED);
      if (!state.before().isEmpty()) {
        images.update(handle, state.image(), restored(image, state));
      }
    }
    return places;
  }

  /** What came along is as it was; what the user changed meanwhile stays. */
  private static ImageAttributes restored(ImageRecord image, ImportState state) {
    ObjectNode tree = tree(image);
    tree.remove(
        tree.propertyStream().map(Map.Entry::getKey).filter(ImportSources::comesAlong).toList());
    Json.mapper().readTree(state.before()).properties().stream()
        .filter(field -> ImportSources.comesAlong(field.getKey()))
        .forEach(field -> tree.set(field.getKey(), field.getValue()));
    return ImageAttributes.of(tree);
  }

  private void fail(Handle handle, ImportState state, String error) {
    tasks.end(handle, state.task(), false, error, null);
    tokens.forget(handle, state.task());
    Optional<ImageRecord> image = images.lock(handle, state.image());
    if (image.isEmpty()) {
      return;
    }
    List<String> unfilled = image.get().importing().stores().orElse(List.of());
    // Bytes that never came fail every store; else it is the one that was being filled.
    List<String> failed =
        state.virtualSize() < 0 || unfilled.isEmpty() ? unfilled : unfilled.subList(0, 1);
    images.setImporting(handle, state.image(), image.get().importing().failing(failed).ended());
    if (state.method().equals(ImportState.TASK)) {
      deletes.within(handle, image.get(), state.requestId());
    }
  }

  static StepException deleted(ImportState state) {
    return StepException.terminal("Image " + state.image() + " has been deleted, aborting import.");
  }
}
