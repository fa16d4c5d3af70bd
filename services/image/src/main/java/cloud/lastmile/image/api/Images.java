package cloud.lastmile.image.api;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What other services may ask of images, in process. */
public interface Images {

  /** The image, if the caller may see it. */
  Optional<ImageInfo> find(Caller caller, UUID image);

  /**
   * The file with an active image's bytes, in its {@code disk_format}. It stays as it is as long as
   * it is there; open or link it soon: it is removed when the image is deleted.
   *
   * @throws IOException if the image is not active here, or has a signature that is not one of its
   *     bytes
   */
  Path file(UUID image) throws IOException;

  /**
   * Makes a queued image owned by the caller's project, for a snapshot.
   *
   * @param id chosen by the caller, so that a repeat is noticed
   */
  ImageInfo createQueued(
      Caller caller, UUID id, String name, String diskFormat, Map<String, String> properties);

  /** Takes over {@code file} as the bytes of a queued image and makes it active. Idempotent. */
  void adopt(UUID image, Path file) throws IOException;

  /**
   * Removes an image and its bytes. Whether the caller may is for the one who calls to ask, by the
   * rule {@code delete_image}.
   *
   * @throws ApiException not found if there is none, forbidden if it is protected
   */
  void delete(UUID image);

  /** Removes a queued image whose bytes will not come. Idempotent. */
  void discard(UUID image);
}
