package cloud.lastmile.image;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What is computed of bytes as they pass. */
final class Hashes {
  private final MessageDigest md5 = digest("MD5");
  private final MessageDigest sha512 = digest("SHA-512");
  private long size;

  void update(byte[] buffer, int count) {
    md5.update(buffer, 0, count);
    sha512.update(buffer, 0, count);
    size += count;
  }

  long size() {
    return size;
  }

  /** Once, at the end. */
  Bytes bytes() {
    HexFormat hex = HexFormat.of();
    return new Bytes(size, hex.formatHex(md5.digest()), hex.formatHex(sha512.digest()));
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
