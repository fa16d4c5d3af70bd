package cloud.lastmile.image.data;

import cloud.lastmile.image.common.Bytes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * What is computed of bytes as they pass: each hash on a thread of its own, beside the thread that
 * receives and writes them.
 */
final class Hashes {
  private final MessageDigest md5 = digest("MD5");
  private final MessageDigest sha512 = digest("SHA-512");
  private final Executor threads;
  private List<CompletableFuture<Void>> underWay = List.of();
  private long size;

  Hashes(Executor threads) {
    this.threads = threads;
  }

  /** The buffer must stay as it is until the next call returns, whichever it is. */
  void update(byte[] buffer, int count) {
    await();
    underWay =
        List.of(
            CompletableFuture.runAsync(() -> md5.update(buffer, 0, count), threads),
            CompletableFuture.runAsync(() -> sha512.update(buffer, 0, count), threads));
    size += count;
  }

  private void await() {
    underWay.forEach(CompletableFuture::join);
  }

  long size() {
    return size;
  }

  /** Once, at the end. */
  Bytes bytes() {
    await();
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
