package cloud.lastmile.image.record;

/**
 * Columns of images that may be NULL, as expressions that never are: NULL is their lowest value, as
 * in the reference's lists, and an index on them finds the row behind a marker, which no index on
 * the column does. What is not NULL keeps its order.
 */
public final class ImageColumns {
  /** Before every name stands a sign, which tells an empty one from none. */
  public static final String NAME = "coalesce('!' || i.name, '')";

  public static final String CONTAINER_FORMAT = "coalesce(i.container_format, '')";
  public static final String DISK_FORMAT = "coalesce(i.disk_format, '')";
  public static final String SIZE = "coalesce(i.size, -1)";

  private ImageColumns() {}
}
