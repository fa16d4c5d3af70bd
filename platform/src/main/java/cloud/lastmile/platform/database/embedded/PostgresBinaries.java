package cloud.lastmile.platform.database.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;

/**
 * PostgreSQL's programs, unpacked once per version from the jar that carries them. The directory is
 * readable by everyone, since an unprivileged user runs what is in it.
 */
record PostgresBinaries(Path directory) {

  /** Where the programs are kept when nothing else is asked for: shared by all clouds of a user. */
  static Path defaultCache() {
    return SystemUser.isRoot()
        ? Path.of("/var/cache/lastmile")
        : Path.of(System.getProperty("user.home"), ".cache", "lastmile");
  }

  static PostgresBinaries unpack(Path cache) {
    String resource = "/postgres-linux-" + architecture() + ".txz";
    URL url = PostgresBinaries.class.getResource(resource);
    if (url == null) {
      throw new IllegalStateException(
          "There are no PostgreSQL binaries for this machine (" + resource + ")");
    }
    try {
      Path directory = cache.resolve("postgresql-" + fingerprint(url));
      if (!Files.isDirectory(directory)) {
        unpack(url, cache, directory);
      }
      return new PostgresBinaries(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot unpack PostgreSQL into " + cache, e);
    }
  }

  Path program(String name) {
    return directory.resolve("bin").resolve(name);
  }

  private static String architecture() {
    return switch (System.getProperty("os.arch").toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64" -> "x86_64";
      case "aarch64" -> "arm_64";
      case String other -> other;
    };
  }

  /** Names the content without reading its 15 MB: the jar's directory already holds the sum. */
  private static String fingerprint(URL url) throws IOException {
    URLConnection connection = url.openConnection();
    if (connection instanceof JarURLConnection jar) {
      return Long.toHexString(jar.getJarEntry().getCrc())
          + "-"
          + Long.toHexString(jar.getJarEntry().getSize());
    }
    Path file = Path.of(URI.create(url.toString()));
    return Long.toHexString(Files.getLastModifiedTime(file).toMillis())
        + "-"
        + Long.toHexString(Files.size(file));
  }

  private static void unpack(URL url, Path cache, Path directory) throws IOException {
    Files.createDirectories(cache);
    Path unfinished = Files.createTempDirectory(cache, "unpacking-");
    Process tar =
        new ProcessBuilder("tar", "-xJf", "-", "--no-same-owner", "-C", unfinished.toString())
            .redirectErrorStream(true)
            .start();
    try (InputStream packed = url.openStream();
        var toTar = tar.getOutputStream()) {
      packed.transferTo(toTar);
    } catch (IOException e) {
      throw new IOException(
          "tar failed: " + new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8),
          e);
    }
    String output = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (SystemUser.waitFor(tar) != 0) {
      throw new IOException("tar failed (is xz-utils installed?): " + output);
    }
    Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwxr-xr-x"));
    try {
      Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      discard(unfinished);
    } catch (FileSystemException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
      discard(unfinished);
    }
  }

  /** Another process was faster; its copy serves as well. */
  private static void discard(Path unfinished) throws IOException {
    SystemUser.run(List.of("rm", "-rf", "--", unfinished.toString()));
  }
}
