package cloud.lastmile.image.data;

import cloud.lastmile.image.common.Bytes;
import cloud.lastmile.image.format.FormatInspector;
import cloud.lastmile.image.format.ImageFormatException;
import cloud.lastmile.image.record.ImageAttributes;
import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.image.store.DataStore.Incoming;
import cloud.lastmile.image.store.StoreUnavailableException;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;

/**
 * Takes in an image's bytes with bounded memory: hashes them on the way, checks that they are what
 * they should be, and makes them durable. Whatever fails, nothing of them is left.
 */
public final class ImageIngest {
  private static final int BUFFER = 512 * 1024;

  private final Executor hashing;
  private final long maxBytes;
  private final Optional<Path> trustedCertificates;

  /**
   * @param hashing threads that may be busy for long
   */
  ImageIngest(Executor hashing, long maxBytes, Optional<Path> trustedCertificates) {
    this.hashing = hashing;
    this.maxBytes = maxBytes;
    this.trustedCertificates = trustedCertificates;
  }

  /** Bytes in a store that are what the image says. */
  record Taken(Bytes bytes, long virtualSize) {}

  /** Finds a name in the store under which the same bytes are. */
  @FunctionalInterface
  interface Twins {
    Optional<String> of(Bytes bytes);
  }

  /** Where bytes come from and how many were promised. */
  public record Source(InputStream input, OptionalLong declared) {}

  /**
   * Keeps what a client sends as an image's bytes.
   *
   * @throws ApiException bad request if the client broke off, too large, or unsupported media type
   *     if the bytes are not in the format
   */
  Taken take(
      DataStore store, String location, ImageAttributes attributes, Source source, Twins twins) {
    Optional<ImageSignature> signature =
        ImageSignature.of(attributes.properties(), trustedCertificates);
    demandRoom(store, source.declared());
    try (Incoming incoming = store.begin(location)) {
      Bytes bytes = receive(incoming, source, signature, _ -> {});
      long virtualSize = inspect(incoming.path(), attributes);
      keep(incoming, twins.of(bytes));
      return new Taken(bytes, virtualSize);
    } catch (IOException failed) {
      throw unstorable(failed);
    }
  }

  /** Keeps the bytes of a local file, which stays. */
  Taken take(DataStore store, String location, ImageAttributes attributes, Path file, Twins twins) {
    try (Incoming incoming = store.begin(location, file, _ -> {})) {
      verify(incoming.path(), attributes);
      Bytes bytes = hash(incoming.path());
      long virtualSize = inspect(incoming.path(), attributes);
      keep(incoming, twins.of(bytes));
      return new Taken(bytes, virtualSize);
    } catch (IOException failed) {
      throw unstorable(failed);
    }
  }

  private static void keep(Incoming incoming, Optional<String> twin) throws IOException {
    if (twin.isPresent()) {
      incoming.keepLike(twin.get());
    } else {
      incoming.keep();
    }
  }

  /**
   * Keeps bytes that are looked at later.
   *
   * @param progress told from time to time how many have come
   */
  public Bytes stage(DataStore store, String location, Source source, LongConsumer progress) {
    demandRoom(store, source.declared());
    try (Incoming incoming = store.begin(location)) {
      Bytes bytes = receive(incoming, source, Optional.empty(), progress);
      incoming.keep();
      return bytes;
    } catch (IOException failed) {
      throw unstorable(failed);
    }
  }

  private Bytes receive(
      Incoming incoming, Source source, Optional<ImageSignature> signature, LongConsumer progress)
      throws IOException {
    Hashes hashes = new Hashes(hashing);
    readAll(
        buffer -> read(source.input(), buffer),
        (buffer, count) -> {
          hashes.update(buffer, count);
          if (signature.isPresent()) {
            signature.get().update(buffer, count);
          }
          if (hashes.size() > maxBytes) {
            throw tooLarge();
          }
          incoming.write(buffer, 0, count);
          progress.accept(hashes.size());
        });
    if (source.declared().isPresent() && source.declared().getAsLong() != hashes.size()) {
      throw ApiException.badRequest(
          "The upload ended after "
              + hashes.size()
              + " of "
              + source.declared().getAsLong()
              + " bytes");
    }
    signature.ifPresent(ImageSignature::demandValid);
    return hashes.bytes();
  }

  /** Hashes a local file. */
  public Bytes hash(Path file) throws IOException {
    Hashes hashes = new Hashes(hashing);
    try (InputStream input = Files.newInputStream(file)) {
      readAll(buffer -> input.readNBytes(buffer, 0, buffer.length), hashes::update);
    }
    return hashes.bytes();
  }

  /**
   * The disk's size as a guest sees it.
   *
   * @throws ApiException unsupported media type
   */
  public long inspect(Path file, ImageAttributes attributes) throws IOException {
    try {
      return FormatInspector.inspect(file, attributes.diskFormat().orElseThrow());
    } catch (ImageFormatException refused) {
      throw ApiException.of(Kind.UNSUPPORTED_MEDIA_TYPE, String.valueOf(refused.getMessage()));
    }
  }

  /**
   * Checks the signature of bytes that are in a file, if the image has one.
   *
   * @throws ApiException bad request
   */
  public void verify(Path file, ImageAttributes attributes) throws IOException {
    Optional<ImageSignature> signature =
        ImageSignature.of(attributes.properties(), trustedCertificates);
    if (signature.isEmpty()) {
      return;
    }
    try (InputStream input = Files.newInputStream(file)) {
      readAll(buffer -> input.readNBytes(buffer, 0, buffer.length), signature.get()::update);
    }
    signature.get().demandValid();
  }

  @FunctionalInterface
  private interface Reader {
    /** Fills the buffer; how much of it, which is nothing at the end. */
    int read(byte[] buffer) throws IOException;
  }

  @FunctionalInterface
  private interface Taker {
    void take(byte[] buffer, int count) throws IOException;
  }

  /** In two buffers by turns: one is hashed while the other is filled. */
  private static void readAll(Reader reader, Taker taker) throws IOException {
    byte[] buffer = new byte[BUFFER];
    byte[] other = new byte[BUFFER];
    for (int count = reader.read(buffer); count > 0; count = reader.read(buffer)) {
      taker.take(buffer, count);
      byte[] taken = buffer;
      buffer = other;
      other = taken;
    }
  }

  private void demandRoom(DataStore store, OptionalLong declared) {
    if (declared.isEmpty()) {
      return;
    }
    if (declared.getAsLong() > maxBytes) {
      throw tooLarge();
    }
    try {
      OptionalLong free = store.freeBytes();
      if (free.isPresent() && declared.getAsLong() > free.getAsLong()) {
        throw full();
      }
    } catch (IOException failed) {
      throw unstorable(failed);
    }
  }

  private static int read(InputStream input, byte[] buffer) {
    try {
      return input.readNBytes(buffer, 0, buffer.length);
    } catch (IOException | RuntimeException brokenOff) {
      throw brokenOff instanceof ApiException told
          ? told
          : ApiException.badRequest("The upload broke off before its end");
    }
  }

  private static ApiException tooLarge() {
    return ApiException.of(
        Kind.TOO_LARGE, "The incoming image is too large: The provided image is too large.");
  }

  private static ApiException full() {
    return ApiException.of(
        Kind.TOO_LARGE,
        "Image storage media is full: There is not enough disk space on the image storage media.");
  }

  /** What a client is told of a store that failed. */
  public static ApiException unstorable(IOException failed) {
    if (failed instanceof StoreUnavailableException) {
      return ApiException.unavailable("The image store is not available.", failed);
    }
    String message = String.valueOf(failed.getMessage());
    return message.contains("No space left") || message.contains("quota exceeded")
        ? full()
        : ApiException.internal("The image's bytes could not be stored.", failed);
  }
}
