package cloud.lastmile.platform.config;

import cloud.lastmile.platform.core.Unreadable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.Optional;

/**
 * A file that a person saves while we read it. Most ways of saving empty it first and fill it then,
 * in one piece or in several, and a part of a YAML file is a YAML file as a rule: whoever must not
 * believe a part asks here whether somebody still writes, and whether the file says that it is
 * whole.
 */
public final class SavedFile {
  /** A document's end in YAML: what stands last in a file that is whole. */
  public static final String END = "...";

  private static final int WRITING = 3;

  /** What a line that does not go on may end with. */
  private static final String ENDS = "\n}]\"'";

  private final Path path;

  public SavedFile(Path path) {
    this.path = path;
  }

  /**
   * Which state of which file was seen.
   *
   * @param file tells a file from the one that took its place
   */
  public record Version(Object file, FileTime modified, long size) {}

  /** What was in the file at one moment. */
  public record Content(String text, Version version) {
    /** Whether there is anything but blank lines and comments. */
    public boolean isEmpty() {
      return text.lines().allMatch(line -> line.isBlank() || line.strip().startsWith("#"));
    }

    /** Whether the last line is {@link #END}, which no part of the file has. */
    public boolean saysItIsWhole() {
      return text.stripTrailing().endsWith("\n" + END);
    }

    /** Whether it ends in the middle of a line that might go on; one that says it is whole does. */
    public boolean endsWithinLine() {
      return !text.isEmpty() && (ENDS.indexOf(text.charAt(text.length() - 1)) < 0);
    }
  }

  /**
   * The file as it is; empty if there is none.
   *
   * @throws IllegalArgumentException if it cannot be read, or is a link to what is not there; the
   *     message names it
   */
  public Optional<Content> read() {
    try {
      Version version = version();
      String text = text(Files.readAllBytes(path));
      return Optional.of(new Content(text, version));
    } catch (NoSuchFileException missing) {
      if (Files.isSymbolicLink(path)) {
        // Nobody has removed it: what it is on may not be mounted yet.
        throw new IllegalArgumentException(path + " is a link to a file that is not there");
      }
      return Optional.empty();
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(Unreadable.reason(path, unreadable));
    }
  }

  /** Which state of which file is there now; empty if there is none that can be looked at. */
  public Optional<Version> seen() {
    try {
      return Optional.of(version());
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /** Whether the file is still what was read, and nobody has it open to write into it. */
  public boolean isSettled(Content content) {
    return !hasWriter() && seen().filter(content.version()::equals).isPresent();
  }

  private Version version() throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    return new Version(
        Objects.requireNonNullElse(attributes.fileKey(), path),
        attributes.lastModifiedTime(),
        attributes.size());
  }

  private static String text(byte[] bytes) throws IOException {
    return StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT)
        .decode(ByteBuffer.wrap(bytes))
        .toString();
  }

  /**
   * Whether a process of this machine has it open for writing, as far as we may see: root sees all.
   */
  boolean hasWriter() {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      Object file = version().file();
      Path name = path.toRealPath().getFileName();
      for (Path process : processes) {
        if (writes(process, name, file)) {
          return true;
        }
      }
      return false;
    } catch (IOException unseen) {
      return false;
    }
  }

  private static boolean writes(Path process, Path name, Object file) {
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        if (isOurs(descriptor, name, file) && isForWriting(process, descriptor)) {
          return true;
        }
      }
      return false;
    } catch (IOException gone) {
      return false;
    }
  }

  /** By the name first, which costs nothing: behind others may be what hangs when it is asked. */
  private static boolean isOurs(Path descriptor, Path name, Object file) {
    try {
      return name.equals(Files.readSymbolicLink(descriptor).getFileName())
          && file.equals(Files.readAttributes(descriptor, BasicFileAttributes.class).fileKey());
    } catch (IOException closed) {
      return false;
    }
  }

  private static boolean isForWriting(Path process, Path descriptor) {
    try {
      String flags =
          Files.readString(process.resolve("fdinfo").resolve(descriptor.getFileName()))
              .lines()
              .filter(line -> line.startsWith("flags:"))
              .findFirst()
              .orElse("flags: 0");
      return (Integer.parseUnsignedInt(flags.substring("flags:".length()).strip(), 8) & WRITING)
          != 0;
    } catch (IOException closed) {
      return false;
    }
  }
}
