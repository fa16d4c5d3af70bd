package cloud.lastmile.image;

import java.nio.file.Path;

/**
 * How the image service is set up.
 *
 * @param directory where the file store is
 * @param maxImageBytes the largest image that may be uploaded
 */
public record ImageConfig(Path directory, long maxImageBytes) {
  private static final long TEBIBYTE = 1L << 40;

  public ImageConfig {
    if (maxImageBytes <= 0) {
      throw new IllegalArgumentException("image: max_image_bytes must be positive");
    }
  }

  /** The reference's limit, one TiB. */
  public static ImageConfig in(Path directory) {
    return new ImageConfig(directory, TEBIBYTE);
  }
}
