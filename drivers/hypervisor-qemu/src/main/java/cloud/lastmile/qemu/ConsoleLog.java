package cloud.lastmile.qemu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What a guest said on its serial console, on disk, never more than twice {@link #KEPT}. The newest
 * part is still in QEMU's ring until somebody looks or the process ends in order; it is lost if
 * QEMU crashes.
 */
record ConsoleLog(Path file) {
  private static final int KEPT = CommandLine.CONSOLE_BYTES;
  private static final Set<PosixFilePermission> ROOT = PosixFilePermissions.fromString("rw-------");

  void append(byte[] output) throws IOException {
    if (output.length == 0) {
      return;
    }
    create(file);
    Files.write(file, output, StandardOpenOption.APPEND);
    if (Files.size(file) <= 2L * KEPT) {
      return;
    }
    byte[] all = Files.readAllBytes(file);
    Path shortened = file.resolveSibling("console.log.new");
    create(shortened);
    Files.write(shortened, Arrays.copyOfRange(all, all.length - KEPT, all.length));
    Files.move(shortened, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Only root reads it, which may hold a password that the guest has set. */
  private static void create(Path file) throws IOException {
    try {
      Files.createFile(file, PosixFilePermissions.asFileAttribute(ROOT));
    } catch (FileAlreadyExistsException before) {
      Files.setPosixFilePermissions(file, ROOT);
    }
  }

  /** The last lines, each ended by a newline; all of it when {@code lines} is negative. */
  String tail(int lines) throws IOException {
    if (!Files.exists(file)) {
      return "";
    }
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    if (lines < 0) {
      return text;
    }
    List<String> all = text.lines().toList();
    StringBuilder tail = new StringBuilder();
    all.subList(Math.max(0, all.size() - lines), all.size())
        .forEach(line -> tail.append(line).append('\n'));
    return tail.toString();
  }
}
