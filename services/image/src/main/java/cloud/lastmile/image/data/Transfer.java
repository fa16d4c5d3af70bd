package cloud.lastmile.image.data;

import cloud.lastmile.image.common.Bytes;
import cloud.lastmile.image.record.ImageQuotas;
import cloud.lastmile.image.record.ImageRecord;
import java.util.Optional;
import java.util.UUID;

/**
 * Bytes that belong to no image yet, and what they hold of their project's quotas.
 *
 * @param task the import they belong to
 * @param kind one of the constants below
 * @param place where they are, or will be
 * @param staged what they are, once they are staged
 */
public record Transfer(
    UUID id,
    UUID image,
    Optional<UUID> task,
    String kind,
    String project,
    ImageRecord.Place place,
    ImageQuotas.Held held,
    Optional<Bytes> staged) {

  static final String UPLOAD = "upload";
  static final String STAGE = "stage";
  public static final String IMPORT = "import";
}
