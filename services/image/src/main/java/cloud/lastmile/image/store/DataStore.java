package cloud.lastmile.image.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;

/** Where the bytes of images are kept. */
public interface DataStore {

  /** Tells this store from all others, for ever. */
  UUID id();

  /** A place for bytes that are coming in; nobody sees them until they are kept. */
  Incoming begin() throws IOException;

  /**
   * As {@link #begin}, with the bytes of a local file, which stays where it is and must not change
   * any more. They are shared, not copied, where the file system can.
   */
  Incoming begin(Path file) throws IOException;

  /** Bytes that come in. Closing it without {@link #keep} removes them. */
  interface Incoming extends AutoCloseable {

    void write(byte[] bytes, int offset, int length) throws IOException;

    /** The file to look at before deciding; not to be changed. */
    Path path();

    /** Makes the bytes durable under this name. They survive a crash when it returns. */
    void keep(String location) throws IOException;

    @Override
    void close();
  }

  /** Whether the bytes are there. */
  boolean has(String location);

  /** The bytes from {@code offset} on; to be closed by the caller. */
  InputStream open(String location, long offset) throws IOException;

  /** A local file with the bytes, which stays as it is as long as it is there. */
  Path file(String location) throws IOException;

  /** Removes the bytes, if they are there. Those who read them go on undisturbed. */
  void delete(String location) throws IOException;

  /** How many bytes of space are left. */
  long freeBytes() throws IOException;

  /** Removes what a crash left behind: all that comes in, and all that is not in {@code known}. */
  void sweep(Set<String> known) throws IOException;

  /** Whether it keeps any bytes at all. */
  boolean isEmpty() throws IOException;
}
