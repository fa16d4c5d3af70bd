package cloud.lastmile.image.imports;

import cloud.lastmile.image.common.Bytes;
import cloud.lastmile.image.record.ImageRecord;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How far an import is; what a durable job remembers. Jobs that an earlier version stored have
 * these names.
 *
 * @param project who pays for the bytes
 * @param method the reference's name
 * @param stores names of the stores to fill
 * @param mustFillAll whether one that fails fails the import
 * @param uri for {@code web-download}; else empty
 * @param remote for {@code glance-download}; else all empty
 * @param staged the bytes' name in the staging area
 * @param before for {@code glance-download}: the attributes to go back to; else empty
 * @param size negative until the bytes are there; then with checksum and hash
 * @param virtualSize negative until they are inspected
 * @param until when the bytes must have come, however often they are asked for; null until it
 *     begins
 */
record ImportState(
    UUID task,
    UUID image,
    String project,
    String requestId,
    String method,
    List<String> stores,
    boolean mustFillAll,
    String uri,
    Remote remote,
    String staged,
    String before,
    long size,
    String checksum,
    String hash,
    long virtualSize,
    @Nullable Instant until) {

  static final String DIRECT = "glance-direct";
  static final String WEB = "web-download";
  static final String COPY = "copy-image";
  static final String GLANCE = "glance-download";

  /** No method's name: {@code POST /v2/tasks}, by which the image itself comes and goes. */
  static final String TASK = "import";

  /**
   * An image of another cloud or region.
   *
   * @param endpoint where its image service is, without version
   */
  record Remote(String region, String endpoint, String image) {
    static final Remote NONE = new Remote("", "", "");
  }

  ImportState {
    stores = List.copyOf(stores);
  }

  /** One that has not begun; {@code uri} and {@code remote} as its method needs them. */
  static ImportState begun(
      UUID task,
      ImageRecord image,
      String requestId,
      String method,
      List<String> stores,
      boolean mustFillAll,
      String uri,
      Remote remote,
      String staged) {
    return new ImportState(
        task,
        image.id(),
        image.owner(),
        requestId,
        method,
        stores,
        mustFillAll,
        uri,
        remote,
        staged,
        "",
        -1,
        "",
        "",
        -1,
        null);
  }

  boolean isCopy() {
    return method.equals(COPY);
  }

  Bytes bytes() {
    return new Bytes(size, checksum, hash);
  }

  ImportState withBytes(Bytes bytes) {
    return with(before, bytes, virtualSize, until);
  }

  ImportState withVirtualSize(long inspected) {
    return with(before, bytes(), inspected, until);
  }

  ImportState withBefore(String attributes) {
    return with(attributes, bytes(), virtualSize, until);
  }

  ImportState withUntil(Instant deadline) {
    return with(before, bytes(), virtualSize, deadline);
  }

  private ImportState with(
      String attributes, Bytes bytes, long inspected, @Nullable Instant deadline) {
    return new ImportState(
        task,
        image,
        project,
        requestId,
        method,
        stores,
        mustFillAll,
        uri,
        remote,
        staged,
        attributes,
        bytes.size(),
        bytes.checksum(),
        bytes.hash(),
        inspected,
        deadline);
  }
}
