package cloud.lastmile.image;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * An image as it is stored.
 *
 * @param data absent until its bytes are there
 */
record ImageRecord(
    UUID id,
    String status,
    ImageAttributes attributes,
    Optional<Data> data,
    Instant createdAt,
    Instant updatedAt) {

  /**
   * What is known of an image's bytes.
   *
   * @param checksum MD5 in hex
   * @param hash SHA-512 in hex
   * @param location the bytes' name in their store
   */
  record Data(
      long size, long virtualSize, String checksum, String hash, UUID store, String location) {}

  static final String HASH_ALGORITHM = "sha512";

  String owner() {
    return attributes.owner();
  }
}
