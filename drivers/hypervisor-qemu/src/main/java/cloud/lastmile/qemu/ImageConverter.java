package cloud.lastmile.qemu;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.platform.core.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes a raw file of an image of another format, once and for all guests. What a user uploaded is
 * parsed here and nowhere else, by a {@code qemu-img} that is confined: a user of its own without
 * privileges, its own namespaces of mounts, processes and network, a filter of system calls, and
 * bounds on time, memory and file size. It sees the image, its scratch directory and {@code /usr},
 * read-only; so a backing file, data file or extent that the image names is not there to be opened.
 */
final class ImageConverter {
  private static final Duration INSPECTION = Duration.ofMinutes(1);
  private static final Duration CONVERSION = Duration.ofMinutes(30);
  private static final int AT_ONCE = 2;

  /** The scratch directory, as the confined program sees it. */
  private static final String WORK = "/work";

  /** How what qemu-img says begins. */
  private static final String SPEAKER = "qemu-img: ";

  static final String SOURCE = "source";
  static final String RESULT = "raw";

  private final GuestUsers users;
  private final Sandbox sandbox;
  private final Semaphore turns = new Semaphore(AT_ONCE);

  /**
   * @param filter where to keep the filter of system calls
   */
  ImageConverter(GuestUsers users, Path filter) throws IOException {
    this.users = users;
    this.sandbox = new Sandbox(filter);
    Files.write(filter, SeccompFilter.program().orElse(new byte[0]));
  }

  /**
   * Writes {@code scratch/raw} from {@code scratch/source}.
   *
   * @param format the image service's name of the format
   * @param limit the largest virtual size, in bytes
   * @throws HostException if the image refers to another file, is damaged or too large
   */
  void convert(Path scratch, String format, long limit) throws HostException {
    turns.acquireUninterruptibly();
    try {
      GuestFiles.own(scratch.resolve(SOURCE), users.converter(), users.converter(), "r--------");
      long size = virtualSize(scratch, format);
      if (size > limit) {
        throw tooLarge(size, limit);
      }
      confined(
          scratch,
          size,
          CONVERSION,
          List.of(
              "qemu-img",
              "convert",
              "-f",
              driver(format),
              "-O",
              "raw",
              "-t",
              "writeback",
              WORK + "/" + SOURCE,
              WORK + "/" + RESULT));
    } catch (IOException e) {
      throw new HostException("cannot convert an image", true, e);
    } finally {
      turns.release();
    }
  }

  Sandbox sandbox() {
    return sandbox;
  }

  static HostException tooLarge(long size, long limit) {
    return new HostException(
        "the image is a disk of %d bytes, more than the %d bytes that the guest's shall have"
            .formatted(size, limit),
        false);
  }

  private long virtualSize(Path scratch, String format) throws HostException {
    String source = WORK + "/" + SOURCE;
    String answer =
        confined(
            scratch,
            0,
            INSPECTION,
            List.of("qemu-img", "info", "--output=json", "-f", driver(format), source));
    JsonNode info = JsonMapper.shared().readTree(answer);
    JsonNode data = info.at("/format-specific/data");
    boolean refers =
        info.has("backing-filename")
            || data.has("data-file")
            || data.path("extents")
                .valueStream()
                .anyMatch(extent -> !extent.path("filename").asString("").equals(source));
    if (refers) {
      throw new HostException("the image refers to another file", false);
    }
    long size = info.path("virtual-size").asLong(-1);
    if (size < 0) {
      throw new HostException("the image has no size", false);
    }
    return size;
  }

  /** Runs a program in the sandbox and returns what it said. */
  String confined(Path scratch, long fileSize, Duration time, List<String> command)
      throws HostException {
    int user = users.converter();
    Sandbox.Cell cell =
        new Sandbox.Cell(user, user, Set.of(), Map.of(), Map.of(WORK, scratch), fileSize, time);
    try {
      return sandbox.run(cell, command);
    } catch (CommandException e) {
      String all = String.valueOf(e.getMessage());
      // The server's owner shall read what qemu-img says, not how it is confined.
      String message = all.substring(Math.max(0, all.indexOf(SPEAKER)));
      // With a full disk it may succeed later; with these bytes it never will.
      boolean retryable = e.exitCode().isEmpty() || message.contains("No space left");
      throw new HostException("the image cannot be converted: " + message, retryable, e);
    }
  }

  /** QEMU's name of a format; the image service's are others for some. */
  private static String driver(String format) throws HostException {
    return switch (format) {
      case "qcow2", "vmdk", "vdi", "vhdx" -> format;
      case "vhd" -> "vpc";
      default -> throw new HostException("the format " + format + " is not supported", false);
    };
  }
}
