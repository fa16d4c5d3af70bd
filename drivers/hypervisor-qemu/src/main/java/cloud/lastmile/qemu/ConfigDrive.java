package cloud.lastmile.qemu;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes config drives: ISO 9660 with Joliet and Rock Ridge and the label {@code config-2}. */
final class ConfigDrive {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private ConfigDrive() {}

  /** A file name that stands for exactly this content. */
  static String fileName(Map<String, byte[]> content) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      new TreeMap<>(content)
          .forEach((path, bytes) -> {
            digest.update((path + "\0" + bytes.length + "\0").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
          });
      return "config-" + HexFormat.of().formatHex(digest.digest(), 0, 16) + ".iso";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * Writes the drive as {@code target}, readable by {@code gid}. Idempotent.
   *
   * @param scratch a directory of this call's own on the target's file system; made and removed
   */
  static void write(Path scratch, Map<String, byte[]> content, Path target, int gid)
      throws HostException {
    if (Files.exists(target)) {
      return;
    }
    Path tree = scratch.resolve("tree");
    Path image = scratch.resolve("image");
    try {
      GuestFiles.deleteTree(scratch);
      GuestFiles.directory(scratch, GuestFiles.currentUid(), 0, "rwx------");
      for (Map.Entry<String, byte[]> file : content.entrySet()) {
        Path path = tree.resolve(file.getKey()).normalize();
        if (!path.startsWith(tree) || path.equals(tree)) {
          throw new HostException("not a file of a config drive: " + file.getKey(), false);
        }
        Files.createDirectories(path.getParent());
        Files.write(path, file.getValue());
      }
      Commands.run(command(tree, image), TIMEOUT);
      GuestFiles.own(image, GuestFiles.currentUid(), gid, "rw-r-----");
      GuestFiles.publish(image, target);
      GuestFiles.deleteTree(scratch);
    } catch (IOException | CommandException e) {
      throw new HostException("cannot make the config drive: " + e.getMessage(), true, e);
    }
  }

  private static List<String> command(Path tree, Path image) {
    return List.of(
        "genisoimage",
        "-quiet",
        "-input-charset",
        "utf-8",
        "-volid",
        "config-2",
        "-joliet",
        "-rational-rock",
        "-full-iso9660-filenames",
        "-allow-lowercase",
        "-allow-multidot",
        "-output",
        image.toString(),
        tree.toString());
  }
}
