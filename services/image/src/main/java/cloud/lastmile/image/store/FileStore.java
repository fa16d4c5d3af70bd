package cloud.lastmile.image.store;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images as files of a local directory: {@code incoming} for those under way and {@code data} for
 * those kept. A file moves from one to the other when its bytes are on the disk, so that {@code
 * data} never shows half an image. Bytes that are there twice are hard links to one file, and what
 * is zero takes no space.
 */
public final class FileStore implements DataStore {
  private static final Logger LOG = LoggerFactory.getLogger(FileStore.class);

  /** Less than this is not worth a hole. */
  public static final int BLOCK = 64 * 1024;

  private static final byte[] ZEROS = new byte[BLOCK];

  private final UUID id;
  private final Path incoming;
  private final Path data;

  private FileStore(UUID id, Path incoming, Path data) {
    this.id = id;
    this.incoming = incoming;
    this.data = data;
  }

  /** Opens the store in this directory, which is made if it is missing; only its owner may read. */
  public static FileStore open(Path directory) throws IOException {
    Path incoming = privateDirectory(directory.resolve("incoming"));
    Path data = privateDirectory(directory.resolve("data"));
    Path file = directory.resolve("store.id");
    if (!Files.exists(file)) {
      Path fresh = directory.resolve("store.id." + UUID.randomUUID());
      Files.writeString(fresh, UUID.randomUUID() + "\n");
      force(fresh);
      // A link, not a move: of two nodes that open a shared directory, one gives it its name.
      try {
        Files.createLink(file, fresh);
      } catch (FileAlreadyExistsException another) {
        LOG.debug("{} was named by another node", directory);
      }
      Files.delete(fresh);
      force(directory);
    }
    return new FileStore(UUID.fromString(Files.readString(file).strip()), incoming, data);
  }

  private static Path privateDirectory(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    return directory;
  }

  @Override
  public UUID id() {
    return id;
  }

  @Override
  public Incoming begin(String location) throws IOException {
    Path path = inside(incoming, location);
    return new IncomingFile(
        path,
        inside(data, location),
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE));
  }

  @Override
  public Incoming begin(String location, Path file, LongConsumer progress) throws IOException {
    Path path = inside(incoming, location);
    Files.deleteIfExists(path);
    // Nobody changes a kept file, so a second name is as good as a copy and costs nothing.
    try {
      Files.createLink(path, file);
    } catch (IOException | UnsupportedOperationException otherFileSystem) {
      return copied(location, file, progress);
    }
    return new IncomingFile(
        path, inside(data, location), FileChannel.open(path, StandardOpenOption.WRITE));
  }

  private Incoming copied(String location, Path file, LongConsumer progress) throws IOException {
    Incoming copy = begin(location);
    long copied = 0;
    try (InputStream input = Files.newInputStream(file)) {
      byte[] buffer = new byte[BLOCK];
      for (int count = input.readNBytes(buffer, 0, BLOCK);
          count > 0;
          count = input.readNBytes(buffer, 0, BLOCK)) {
        copy.write(buffer, 0, count);
        copied += count;
        progress.accept(copied);
      }
      return copy;
    } catch (IOException | RuntimeException failed) {
      copy.close();
      throw failed;
    }
  }

  private final class IncomingFile implements Incoming {
    private final Path path;
    private final Path target;
    private final FileChannel channel;
    private long end;

    private IncomingFile(Path path, Path target, FileChannel channel) {
      this.path = path;
      this.target = target;
      this.channel = channel;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int from = offset;
      while (from < offset + length) {
        boolean isZero = isZero(bytes, from, offset + length);
        int to = Math.min(from + BLOCK, offset + length);
        // One write for as many blocks as follow each other.
        while (to < offset + length && isZero(bytes, to, offset + length) == isZero) {
          to = Math.min(to + BLOCK, offset + length);
        }
        if (!isZero) {
          write(ByteBuffer.wrap(bytes, from, to - from));
        }
        end += to - from;
        from = to;
      }
    }

    private static boolean isZero(byte[] bytes, int from, int limit) {
      int count = Math.min(BLOCK, limit - from);
      return Arrays.equals(bytes, from, from + count, ZEROS, 0, count);
    }

    private void write(ByteBuffer buffer) throws IOException {
      long position = end;
      while (buffer.hasRemaining()) {
        position += channel.write(buffer, position);
      }
    }

    @Override
    public Path path() throws IOException {
      if (channel.size() < end) {
        // It ends in a hole; a byte gives it its length.
        channel.write(ByteBuffer.wrap(ZEROS, 0, 1), end - 1);
      }
      return path;
    }

    @Override
    public void keep() throws IOException {
      path();
      channel.force(true);
      if (Files.exists(target)) {
        throw new FileAlreadyExistsException(target.toString());
      }
      Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
      force(data);
    }

    @Override
    public void keepLike(String twin) throws IOException {
      Path same = inside(data, twin);
      try {
        if (Files.size(same) == Files.size(path())) {
          Files.createLink(target, same);
          force(data);
          return;
        }
      } catch (IOException | UnsupportedOperationException goneOrImpossible) {
        LOG.debug("{} cannot be shared", same, goneOrImpossible);
      }
      keep();
    }

    @Override
    public void close() {
      try {
        channel.close();
        Files.deleteIfExists(path);
      } catch (IOException left) {
        LOG.warn("{} could not be removed; the sweep does", path, left);
      }
    }
  }

  @Override
  public boolean has(String location) {
    return Files.exists(inside(data, location));
  }

  @Override
  public InputStream open(String location, long offset) throws IOException {
    FileChannel channel = FileChannel.open(inside(data, location), StandardOpenOption.READ);
    try {
      return Channels.newInputStream(channel.position(offset));
    } catch (IOException failed) {
      channel.close();
      throw failed;
    }
  }

  @Override
  public URI url(String location) {
    return inside(data, location).toUri();
  }

  @Override
  public Optional<Path> file(String location) {
    return Optional.of(inside(data, location)).filter(Files::exists);
  }

  @Override
  public void delete(String location) throws IOException {
    Files.deleteIfExists(inside(incoming, location));
    Files.deleteIfExists(inside(data, location));
  }

  @Override
  public OptionalLong freeBytes() throws IOException {
    return OptionalLong.of(Files.getFileStore(data).getUsableSpace());
  }

  @Override
  public Collection<String> names() throws IOException {
    Set<String> names = new TreeSet<>();
    for (Path directory : new Path[] {incoming, data}) {
      try (Stream<Path> files = Files.list(directory)) {
        files.forEach(file -> names.add(file.getFileName().toString()));
      }
    }
    return names;
  }

  private static Path inside(Path directory, String location) {
    Path path = directory.resolve(location);
    if (!directory.equals(path.getParent())) {
      throw new IllegalArgumentException("no name in a store: " + location);
    }
    return path;
  }

  private static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
