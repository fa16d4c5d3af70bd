package cloud.lastmile.image;

import cloud.lastmile.image.api.ImageInfo;
import cloud.lastmile.image.api.Images;
import cloud.lastmile.image.common.AttributeRules;
import cloud.lastmile.image.data.ImageUpload;
import cloud.lastmile.image.data.LocalCopies;
import cloud.lastmile.image.data.VerifiedSignatures;
import cloud.lastmile.image.record.ImageAccess;
import cloud.lastmile.image.record.ImageAttributes;
import cloud.lastmile.image.record.ImageJson;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.image.record.ImageStatus;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.image.request.ImageCreate;
import cloud.lastmile.image.request.ImageDelete;
import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
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
  /** In events, where a request's id would be. */
  private static final String INTERNAL = "internal";

  private final Database database;
  private final ImageAccess access;
  private final ImageStore images;
  private final ImageCreate create;
  private final ImageUpload upload;
  private final ImageDelete delete;
  private final LocalCopies copies;
  private final VerifiedSignatures signatures;
  private final StoreSet stores;

  InProcessImages(
      Database database,
      ImageAccess access,
      ImageStore images,
      ImageCreate create,
      ImageUpload upload,
      ImageDelete delete,
      LocalCopies copies,
      VerifiedSignatures signatures,
      StoreSet stores) {
    this.database = database;
    this.access = access;
    this.images = images;
    this.create = create;
    this.upload = upload;
    this.delete = delete;
    this.copies = copies;
    this.signatures = signatures;
    this.stores = stores;
  }

  @Override
  public Optional<ImageInfo> find(Caller caller, UUID image) {
    return access
        .see(caller, image)
        .map(seen -> info(seen.image(), ImageJson.properties(seen.image(), caller)));
  }

  private static ImageInfo info(ImageRecord image) {
    return info(image, image.attributes().properties());
  }

  private static ImageInfo info(ImageRecord image, Map<String, String> properties) {
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
        properties,
        image.createdAt(),
        image.updatedAt());
  }

  @Override
  public Path file(UUID image) throws IOException {
    ImageRecord found =
        database
            .read(handle -> images.find(handle, image))
            .filter(row -> row.status().equals(ImageStatus.ACTIVE))
            .orElseThrow(() -> new IOException("image " + image + " is not active"));
    ImageRecord.Data data =
        found.data().orElseThrow(() -> new IOException("image " + image + " has no bytes"));
    Path file = copies.of(image, data);
    signatures.demand(found, file);
    return file;
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
      return info(create.run(id, attributes, INTERNAL));
    } catch (ApiException failure) {
      if (failure.kind() != ApiException.Kind.CONFLICT) {
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
      database.change(
          handle -> images.changeStatus(handle, id, ImageStatus.SAVING, ImageStatus.QUEUED));
      upload.run(id, stores.first(), file, INTERNAL);
    }
    Files.deleteIfExists(file);
  }

  @Override
  public void delete(UUID image) {
    delete.run(image, INTERNAL);
  }

  @Override
  public void discard(UUID id) {
    database.change(handle -> {
      Optional<ImageRecord> image = images.lock(handle, id);
      if (image.isPresent() && image.get().data().isEmpty()) {
        delete.within(handle, image.get(), INTERNAL);
      }
    });
  }
}
