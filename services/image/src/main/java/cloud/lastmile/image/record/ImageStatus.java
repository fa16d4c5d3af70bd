package cloud.lastmile.image;

/** The states of an image, as the API spells them. */
final class ImageStatus {
  static final String QUEUED = "queued";
  static final String SAVING = "saving";
  static final String UPLOADING = "uploading";
  static final String IMPORTING = "importing";
  static final String ACTIVE = "active";
  static final String DEACTIVATED = "deactivated";

  private ImageStatus() {}
}
