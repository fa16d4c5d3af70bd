package cloud.lastmile.image.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images as files of a local directory: {@code incoming} for those under way and {@code data} for
 * those kept. A file moves from one to the other when its bytes are on the disk, so that {@code
 * data} never shows half an image. Bytes that are there twice are hard links to one file.
 */
public final class FileStore implements DataStore {
  private static final Logger LOG = LoggerFactory.getLogger(FileStore.class);

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
  public Incoming begin(String location, Path file) throws IOException {
    Path path = inside(incoming, location);
    Files.deleteIfExists(path);
    try {
      Files.createLink(path, file);
    } catch (IOException | UnsupportedOperationException otherFileSystem) {
      Files.copy(file, path, StandardCopyOption.REPLACE_EXISTING);
    }
    return new IncomingFile(
        path, inside(data, location), FileChannel.open(path, StandardOpenOption.WRITE));
  }

  private final class IncomingFile implements Incoming {
    private final Path path;
    private final Path target;
    private final FileChannel channel;

    private IncomingFile(Path path, Path target, FileChannel channel) {
      this.path = path;
      this.target = target;
      this.channel = channel;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }

    @Override
    public Path path() {
      return path;
    }

    @Override
    public void keep() throws IOException {
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
        if (Files.size(same) == channel.size()) {
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
