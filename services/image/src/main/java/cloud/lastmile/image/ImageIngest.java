package cloud.lastmile.image;

import cloud.lastmile.image.format.FormatInspector;
import cloud.lastmile.image.format.ImageFormatException;
import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.image.store.DataStore.Incoming;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * Takes in an image's bytes with bounded memory: hashes them on the way, checks that they are what
 * they should be, and makes them durable. Whatever fails, nothing of them is left.
 */
final class ImageIngest {
  private static final int BUFFER = 256 * 1024;

  private final DataStore store;
  private final long maxBytes;

  ImageIngest(DataStore store, long maxBytes) {
    this.store = store;
    this.maxBytes = maxBytes;
  }

  UUID storeId() {
    return store.id();
  }

  /**
   * Keeps what a client sends.
   *
   * @param declared how many bytes the client promised
   * @throws ApiException bad request if the client broke off, too large, or unsupported media type
   *     if the bytes are not in the format
   */
  ImageRecord.Data take(UUID image, String diskFormat, InputStream input, OptionalLong declared) {
    if (declared.isPresent()) {
      checkRoom(declared.getAsLong());
    }
    try (Incoming incoming = store.begin()) {
      Hashes hashes = new Hashes();
      byte[] buffer = new byte[BUFFER];
      for (int count = read(input, buffer); count >= 0; count = read(input, buffer)) {
        hashes.update(buffer, count);
        if (hashes.size > maxBytes) {
          throw tooLarge();
        }
        incoming.write(buffer, 0, count);
      }
      if (declared.isPresent() && declared.getAsLong() != hashes.size) {
        throw ApiException.badRequest(
            "The upload ended after " + hashes.size + " of " + declared.getAsLong() + " bytes");
      }
      return keep(image, diskFormat, incoming, hashes);
    } catch (IOException failed) {
      throw unstorable(failed);
    }
  }

  /** Keeps the bytes of a local file, which stays. */
  ImageRecord.Data take(UUID image, String diskFormat, Path file) throws IOException {
    try (Incoming incoming = store.begin(file);
        InputStream input = Files.newInputStream(incoming.path())) {
      Hashes hashes = new Hashes();
      byte[] buffer = new byte[BUFFER];
      for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
        hashes.update(buffer, count);
      }
      return keep(image, diskFormat, incoming, hashes);
    }
  }

  private ImageRecord.Data keep(UUID image, String diskFormat, Incoming incoming, Hashes hashes)
      throws IOException {
    long virtualSize;
    try {
      virtualSize = FormatInspector.inspect(incoming.path(), diskFormat);
    } catch (ImageFormatException refused) {
      throw ApiException.of(Kind.UNSUPPORTED_MEDIA_TYPE, String.valueOf(refused.getMessage()));
    }
    // Each upload has a name of its own: a second one never writes over the first.
    String location = image + "." + UUID.randomUUID();
    incoming.keep(location);
    return new ImageRecord.Data(
        hashes.size, virtualSize, hashes.md5(), hashes.sha512(), store.id(), location);
  }

  private void checkRoom(long declared) {
    if (declared > maxBytes) {
      throw tooLarge();
    }
    try {
      if (declared > store.freeBytes()) {
        throw full("There is not enough disk space on the image storage media.");
      }
    } catch (IOException failed) {
      throw unstorable(failed);
    }
  }

  private static int read(InputStream input, byte[] buffer) {
    try {
      return input.read(buffer);
    } catch (IOException | RuntimeException brokenOff) {
      throw ApiException.badRequest("The upload broke off before its end");
    }
  }

  private static ApiException tooLarge() {
    return ApiException.of(
        Kind.TOO_LARGE, "The incoming image is too large: The provided image is too large.");
  }

  private static ApiException full(String reason) {
    return ApiException.of(Kind.TOO_LARGE, "Image storage media is full: " + reason);
  }

  private static ApiException unstorable(IOException failed) {
    String message = String.valueOf(failed.getMessage());
    return message.contains("No space left") || message.contains("quota exceeded")
        ? full("There is not enough disk space on the image storage media.")
        : ApiException.internal("The image's bytes could not be stored.", failed);
  }

  /** What is computed of the bytes as they pass. */
  private static final class Hashes {
    private final MessageDigest md5 = digest("MD5");
    private final MessageDigest sha512 = digest("SHA-512");
    private long size;

    void update(byte[] buffer, int count) {
      md5.update(buffer, 0, count);
      sha512.update(buffer, 0, count);
      size += count;
    }

    String md5() {
      return HexFormat.of().formatHex(md5.digest());
    }

    String sha512() {
      return HexFormat.of().formatHex(sha512.digest());
    }

    private static MessageDigest digest(String algorithm) {
      try {
        return MessageDigest.getInstance(algorithm);
      } catch (NoSuchAlgorithmException impossible) {
        throw new IllegalStateException(impossible);
      }
    }
  }
}
