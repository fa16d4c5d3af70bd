package cloud.lastmile.image.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images as files of a local directory: {@code incoming} for those under way and {@code data} for
 * those kept. A file moves from one to the other when its bytes are on the disk, so that {@code
 * data} never shows half an image.
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
      Path fresh = directory.resolve("store.id.new");
      Files.writeString(fresh, UUID.randomUUID() + "\n");
      force(fresh);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
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
  public Incoming begin() throws IOException {
    Path path = incoming.resolve(UUID.randomUUID().toString());
    return new IncomingFile(
        path, FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
  }

  @Override
  public Incoming begin(Path file) throws IOException {
    Path path = incoming.resolve(UUID.randomUUID().toString());
    try {
      Files.createLink(path, file);
    } catch (IOException | UnsupportedOperationException otherFileSystem) {
      Files.copy(file, path, StandardCopyOption.REPLACE_EXISTING);
    }
    return new IncomingFile(path, FileChannel.open(path, StandardOpenOption.WRITE));
  }

  private final class IncomingFile implements Incoming {
    private final Path path;
    private final FileChannel channel;

    private IncomingFile(Path path, FileChannel channel) {
      this.path = path;
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
    public void keep(String location) throws IOException {
      channel.force(true);
      Path target = target(location);
      if (Files.exists(target)) {
        throw new FileAlreadyExistsException(target.toString());
      }
      Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
      force(data);
    }

    @Override
    public void close() {
      try {
        channel.close();
        Files.deleteIfExists(path);
      } catch (IOException left) {
        LOG.warn("{} could not be removed; the next start removes it", path, left);
      }
    }
  }

  @Override
  public boolean has(String location) {
    return Files.exists(target(location));
  }

  @Override
  public InputStream open(String location, long offset) throws IOException {
    FileChannel channel = FileChannel.open(target(location), StandardOpenOption.READ);
    try {
      return Channels.newInputStream(channel.position(offset));
    } catch (IOException failed) {
      channel.close();
      throw failed;
    }
  }

  @Override
  public Path file(String location) throws IOException {
    Path path = target(location);
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    return path;
  }

  @Override
  public void delete(String location) throws IOException {
    Files.deleteIfExists(target(location));
  }

  @Override
  public long freeBytes() throws IOException {
    return Files.getFileStore(data).getUsableSpace();
  }

  @Override
  public void sweep(Set<String> known) throws IOException {
    for (Path leftover : list(incoming)) {
      LOG.info("Removing the unfinished upload {}", leftover);
      Files.deleteIfExists(leftover);
    }
    for (Path file : list(data)) {
      if (!known.contains(file.getFileName().toString())) {
        LOG.info("Removing {}, which belongs to no image", file);
        Files.deleteIfExists(file);
      }
    }
  }

  @Override
  public boolean isEmpty() throws IOException {
    return list(data).isEmpty();
  }

  private static List<Path> list(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> stream = Files.list(directory)) {
      stream.forEach(files::add);
    }
    return files;
  }

  private Path target(String location) {
    Path target = data.resolve(location);
    if (!data.equals(target.getParent())) {
      throw new IllegalArgumentException("no name in a store: " + location);
    }
    return target;
  }

  private static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
