package cloud.lastmile.image.store;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.LongConsumer;

/**
 * Where the bytes of images are kept. A name is chosen by the caller, used once, and made of
 * letters, digits, dots and hyphens.
 */
public interface DataStore {

  /** Tells this store from all others, for ever. */
  UUID id();

  /** A place for bytes that are coming in; nobody sees them until they are kept. */
  Incoming begin(String location) throws IOException;

  /**
   * As {@link #begin(String)}, with the bytes of a local file, which stays where it is and must not
   * change any more. They are shared, not copied, where the file system can.
   *
   * @param progress told from time to time how many bytes are there, if they are copied, here or
   *     when they are kept
   */
  Incoming begin(String location, Path file, LongConsumer progress) throws IOException;

  /** Bytes that come in. Closing it without {@link #keep} removes them. */
  interface Incoming extends AutoCloseable {

    void write(byte[] bytes, int offset, int length) throws IOException;

    /** The local file to look at before deciding; not to be changed. */
    Path path() throws IOException;

    /** Makes the bytes durable under their name. They survive a crash when it returns. */
    void keep() throws IOException;

    /**
     * As {@link #keep}, sharing the space of bytes that are known to be the same, where that costs
     * nothing.
     *
     * @param twin the name of the same bytes in this store; it may be gone
     */
    default void keepLike(String twin) throws IOException {
      keep();
    }

    @Override
    void close();
  }

  /** Whether the bytes are there, all of them. */
  boolean has(String location) throws IOException;

  /** The bytes from {@code offset} on; to be closed by the caller. */
  InputStream open(String location, long offset) throws IOException;

  /** What other services know the bytes by. */
  URI url(String location);

  /** A local file with the bytes, which stays as it is as long as it is there, if there is one. */
  Optional<Path> file(String location) throws IOException;

  /**
   * Removes the bytes, kept or coming in, if they are there. Who reads them goes on undisturbed.
   */
  void delete(String location) throws IOException;

  /** How many bytes of space are left, if it is known. */
  OptionalLong freeBytes() throws IOException;

  /** The names of all that is there, whether kept or coming in. */
  Collection<String> names() throws IOException;
}
