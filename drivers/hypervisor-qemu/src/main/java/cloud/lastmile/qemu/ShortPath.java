package cloud.lastmile.qemu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;

/**
 * A unix socket's path may have 107 bytes only, which a deep data directory leaves no room for:
 * such a directory is then reached through a symbolic link in {@code /run/lastmile}.
 */
final class ShortPath {
  private static final Path LINKS = Path.of("/run/lastmile");

  /** What {@code /guests/ID/run/qmp.sock} leaves of the 107. */
  private static final int LONGEST = 45;

  private ShortPath() {}

  /** The directory itself if it is short enough, else a link to it, the same one each time. */
  static Path of(Path directory) throws IOException {
    byte[] name = directory.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length <= LONGEST) {
      return directory;
    }
    Files.createDirectories(LINKS);
    Files.setPosixFilePermissions(LINKS, PosixFilePermissions.fromString("rwx--x--x"));
    Path link = LINKS.resolve(UUID.nameUUIDFromBytes(name).toString().substring(0, 18));
    try {
      Files.createSymbolicLink(link, directory);
    } catch (FileAlreadyExistsException e) {
      if (!link.toRealPath().equals(directory)) {
        throw new IOException(link + " does not point to " + directory, e);
      }
    }
    return link;
  }
}
