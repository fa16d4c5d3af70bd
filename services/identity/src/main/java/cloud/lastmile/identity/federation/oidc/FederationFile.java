package cloud.lastmile.identity.federation.oidc;

import cloud.lastmile.platform.config.ConfigFile;
import cloud.lastmile.platform.config.SavedFile;
import cloud.lastmile.platform.config.SavedFile.Content;
import cloud.lastmile.platform.core.Unreadable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings in a YAML file that only its owner may read. It is read again when a login finds it
 * changed; a file with a mistake then changes nothing and is logged, nor does one that is being
 * saved: a part of it might lack what makes a provider stricter. So keys go only by a file that
 * ends with a line {@code ...}, or that is another one under the name.
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
  private final SavedFile saved;
  private volatile Loaded loaded;

  private record Version(FileTime changed, long size, String permissions) {}

  /**
   * What is in force.
   *
   * @param version of the file that was judged last
   * @param content empty if there is no file
   */
  private record Loaded(FederationSettings settings, Version version, Optional<Content> content) {}

  /**
   * @throws IllegalArgumentException if the file is there and cannot be read, has a mistake, or may
   *     be read by others; the message names it
   */
  public FederationFile(Path file) {
    this.file = file;
    this.saved = new SavedFile(file);
    Version version = version();
    Optional<Content> content = saved.read();
    if (content.isPresent() && !saved.isSettled(content.get())) {
      throw new IllegalArgumentException(
          file + " is being written; start again when it is saved and closed");
    }
    this.loaded = new Loaded(load(version, content), version, content);
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
      Optional<Content> content = saved.read();
      if (content.isPresent() && !saved.isSettled(content.get())) {
        return before.settings();
      }
      requireWhole(before.content(), content);
      now = new Loaded(load(version, content), version, content);
      LOG.info("{} is in force", file);
    } catch (IllegalArgumentException mistake) {
      LOG.error("Federation stays as it was: {}", mistake.getMessage());
      now = new Loaded(before.settings(), version, before.content());
    }
    loaded = now;
    return now.settings();
  }

  private void requireWhole(Optional<Content> before, Optional<Content> now) {
    if (before.isEmpty() || now.isEmpty() || now.get().saysItIsWhole()) {
      return;
    }
    if (now.get().isEmpty() || now.get().endsWithinLine()) {
      throw new IllegalArgumentException(file + " is empty or cut off within a line");
    }
    Set<String> lost = new TreeSet<>(ConfigFile.keysOf(file, before.get().text()));
    lost.removeAll(ConfigFile.keysOf(file, now.get().text()));
    boolean isAnother = !before.get().version().file().equals(now.get().version().file());
    if (!lost.isEmpty() && !isAnother) {
      throw new IllegalArgumentException(
          "%s no longer has %s and may be a part of what is being saved; if they are to go, end the file with a line `...`"
              .formatted(file, String.join(", ", lost)));
    }
  }

  private Version version() {
    try {
      PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
      return new Version(
          attributes.lastModifiedTime(), attributes.size(), attributes.permissions().toString());
    } catch (NoSuchFileException missing) {
      return MISSING;
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(Unreadable.reason(file, unreadable));
    }
  }

  private FederationSettings load(Version version, Optional<Content> content) {
    if (version.equals(MISSING) || content.isEmpty()) {
      return FederationSettings.NONE;
    }
    try {
      if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
        throw new IllegalArgumentException(
            file + " holds secrets and may be read or written by others; chmod 600 it");
      }
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(Unreadable.reason(file, unreadable));
    }
    return ConfigFile.parse(file, content.get().text(), FederationSettings.class);
  }
}
