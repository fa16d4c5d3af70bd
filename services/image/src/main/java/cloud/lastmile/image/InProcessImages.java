package cloud.lastmile.image;

import cloud.lastmile.image.api.ImageInfo;
import cloud.lastmile.image.api.Images;
import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** Images for compute, in the same process. */
final class InProcessImages implements Images {
  private final Database database;
  private final ImageAccess access;
  private final ImageStore images;
  private final ImageIngest ingest;
  private final DataStore store;
  private final ImageDelete delete;

  InProcessImages(
      Database database,
      ImageAccess access,
      ImageStore images,
      ImageIngest ingest,
      DataStore store,
      ImageDelete delete) {
    this.database = database;
    this.access = access;
    this.images = images;
    this.ingest = ingest;
    this.store = store;
    this.delete = delete;
  }

  @Override
  public Optional<ImageInfo> find(Caller caller, UUID image) {
    return access.see(caller, image).map(seen -> info(seen.image()));
  }

  private static ImageInfo info(ImageRecord image) {
    ImageAttributes attributes = image.attributes();
    Optional<ImageRecord.Data> data = image.data();
    return new ImageInfo(
        image.id(),
        attributes.name().orElse(""),
        image.owner(),
        image.status(),
        attributes.diskFormat().orElse(""),
        data.map(ImageRecord.Data::size).orElse(0L),
        data.map(bytes -> OptionalLong.of(bytes.virtualSize())).orElse(OptionalLong.empty()),
        attributes.minDisk(),
        attributes.minRam(),
        attributes.properties(),
        image.createdAt(),
        image.updatedAt());
  }

  @Override
  public Path file(UUID image) throws IOException {
    ImageRecord.Data data =
        database
            .read(handle -> images.find(handle, image))
            .filter(found -> found.status().equals(ImageStatus.ACTIVE))
            .flatMap(ImageRecord::data)
            .filter(found -> found.store().equals(store.id()))
            .orElseThrow(() -> new IOException("image " + image + " is not active here"));
    return store.file(data.location());
  }

  @Override
  public ImageInfo createQueued(
      Caller caller, UUID id, String name, String diskFormat, Map<String, String> properties) {
    ObjectNode tree = Json.object();
    properties.forEach((key, value) -> {
      AttributeRules.requireUnreserved(key);
      AttributeRules.check(key, StringNode.valueOf(value));
      tree.put(key, value);
    });
    tree.put("name", name);
    tree.put("owner", caller.requireProjectId());
    tree.put("visibility", "private");
    tree.put("disk_format", diskFormat);
    tree.put("container_format", "bare");
    ImageAttributes attributes = ImageAttributes.of(tree);
    try {
      return info(
          database.transact(handle -> {
            images.insert(handle, id, attributes);
            return images.find(handle, id).orElseThrow();
          }));
    } catch (RuntimeException failure) {
      if (Database.violated(failure).filter(ImageStore.PRIMARY_KEY::equals).isEmpty()) {
        throw failure;
      }
      return repeated(caller, id, failure);
    }
  }

  private ImageInfo repeated(Caller caller, UUID id, RuntimeException failure) {
    return database
        .read(handle -> images.find(handle, id))
        .filter(image -> image.owner().equals(caller.requireProjectId()))
        .map(InProcessImages::info)
        .orElseThrow(() -> failure);
  }

  @Override
  public void adopt(UUID id, Path file) throws IOException {
    ImageRecord image =
        database
            .read(handle -> images.find(handle, id))
            .orElseThrow(() -> ImageRules.noImage(id.toString()));
    if (image.data().isEmpty()) {
      // One that was cut off left the row saving: only a job calls this, and one at a time.
      UUID upload = UUID.randomUUID();
      String diskFormat = image.attributes().diskFormat().orElseThrow();
      database.change(handle -> {
        images.lock(handle, id);
        images.changeStatus(handle, id, ImageStatus.SAVING, ImageStatus.QUEUED);
        if (!images.startSaving(handle, id, upload, store.id())) {
          throw ApiException.conflict("Image " + id + " is not queued.");
        }
      });
      ImageRecord.Data data = ingest.take(id, diskFormat, file);
      if (!database.transact(handle -> images.finishSaving(handle, id, upload, data))) {
        store.delete(data.location());
        throw ImageRules.noImage(id.toString());
      }
    }
    Files.deleteIfExists(file);
  }

  @Override
  public void delete(UUID image) {
    delete.run(image);
  }

  @Override
  public void discard(UUID id) {
    database.change(handle -> {
      Optional<ImageRecord> image = images.lock(handle, id);
      if (image.isPresent() && image.get().data().isEmpty()) {
        images.delete(handle, id);
      }
    });
  }
}
