package cloud.lastmile.image;

/**
 * Columns of images that may be NULL, as expressions that never are: NULL is their lowest value, as
 * in the reference's lists, and an index on them finds the row behind a marker, which no index on
 * the column does. What is not NULL keeps its order.
 */
final class ImageColumns {
  /** Before every name stands a sign, which tells an empty one from none. */
  static final String NAME = "coalesce('!' || i.name, '')";

  static final String CONTAINER_FORMAT = "coalesce(i.container_format, '')";
  static final String DISK_FORMAT = "coalesce(i.disk_format, '')";
  static final String SIZE = "coalesce(i.size, -1)";

  private ImageColumns() {}
}
