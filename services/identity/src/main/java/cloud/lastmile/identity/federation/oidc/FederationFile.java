package cloud.lastmile.identity.federation.oidc;

import cloud.lastmile.platform.config.ConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings in a YAML file that only its owner may read. It is read again when a login finds it
 * changed; a file with a mistake then changes nothing and is logged.
 */
public final class FederationFile implements Supplier<FederationSettings> {
  private static final Logger LOG = LoggerFactory.getLogger(FederationFile.class);
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);
  private static final Version MISSING = new Version(FileTime.fromMillis(0), 0, "");

  private final Path file;
  private volatile Loaded loaded;

  private record Version(FileTime changed, long size, String permissions) {}

  private record Loaded(FederationSettings settings, Version version) {}

  /**
   * @throws IllegalArgumentException if the file is there and cannot be read, has a mistake, or may
   *     be read by others; the message names it
   */
  public FederationFile(Path file) {
    this.file = file;
    Version version = version();
    this.loaded = new Loaded(load(version), version);
  }

  @Override
  public FederationSettings get() {
    Loaded before = loaded;
    Version version = version();
    if (version.equals(before.version())) {
      return before.settings();
    }
    Loaded now;
    try {
      now = new Loaded(load(version), version);
      LOG.info("{} is in force", file);
    } catch (IllegalArgumentException mistake) {
      LOG.error("Federation stays as it was: {}", mistake.getMessage());
      now = new Loaded(before.settings(), version);
    }
    loaded = now;
    return now.settings();
  }

  private Version version() {
    try {
      PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
      return new Version(
          attributes.lastModifiedTime(), attributes.size(), attributes.permissions().toString());
    } catch (NoSuchFileException missing) {
      return MISSING;
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(file + " cannot be read: " + unreadable.getMessage());
    }
  }

  private FederationSettings load(Version version) {
    if (version.equals(MISSING)) {
      return FederationSettings.NONE;
    }
    try {
      if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
        throw new IllegalArgumentException(
            file + " holds secrets and may be read or written by others; chmod 600 it");
      }
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(file + " cannot be read: " + unreadable.getMessage());
    }
    return ConfigFile.load(file, FederationSettings.class);
  }
}
