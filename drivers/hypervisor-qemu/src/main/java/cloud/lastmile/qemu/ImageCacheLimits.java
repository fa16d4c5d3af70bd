package cloud.lastmile.qemu;

import java.time.Duration;

/**
 * How much a host keeps of images that no guest uses; what a guest's disk depends on stays.
 *
 * @param age how long after its last use an image is kept
 * @param bytes the sum of their virtual sizes; beyond it the longest unused go early
 */
public record ImageCacheLimits(Duration age, long bytes) {
  public ImageCacheLimits {
    if (age.isNegative() || bytes < 0) {
      throw new IllegalArgumentException("an image cache's limits are negative");
    }
  }

  /** A day, as in the reference, and 64 GiB. */
  public static ImageCacheLimits standard() {
    return new ImageCacheLimits(Duration.ofDays(1), 64L << 30);
  }
}
