package cloud.lastmile.qemu;

import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** What tests do with {@code qemu-img}, unconfined. */
final class QemuImg {
  private static final Duration SHORT = Duration.ofMinutes(1);

  private QemuImg() {}

  static String run(String... arguments) throws CommandException {
    List<String> command = new ArrayList<>(List.of("qemu-img"));
    command.addAll(List.of(arguments));
    return Commands.run(command, SHORT);
  }

  /** A raw image in another format, named as the image service does; beside it, under a new id. */
  static DiskImage converted(DiskImage raw, String format) throws CommandException {
    UUID id = UUID.randomUUID();
    Path file = raw.file().resolveSibling(id + "." + format);
    String driver = format.equals("vhd") ? "vpc" : format;
    run("convert", "-f", "raw", "-O", driver, raw.file().toString(), file.toString());
    return new DiskImage(id, file, format);
  }
}
