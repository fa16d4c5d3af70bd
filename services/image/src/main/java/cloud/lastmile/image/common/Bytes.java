package cloud.lastmile.image.common;

/**
 * Bytes that have come in whole.
 *
 * @param checksum MD5 in hex
 * @param hash SHA-512 in hex
 */
public record Bytes(long size, String checksum, String hash) {
  private static final long MEBIBYTE = 1L << 20;

  /** What they take of a quota, which counts in MiB; each begun one counts. */
  public long mebibytes() {
    return mebibytes(size);
  }

  public static long mebibytes(long size) {
    return (size + MEBIBYTE - 1) / MEBIBYTE;
  }
}
