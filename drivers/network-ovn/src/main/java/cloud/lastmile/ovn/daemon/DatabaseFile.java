package cloud.lastmile.ovn.daemon;

import cloud.lastmile.ovn.OvnException;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

/** A database's file while no server has it open. */
final class DatabaseFile {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private DatabaseFile() {}

  /** Makes it if missing; converts it if the installed schema is another than the file's. */
  static void prepare(Path file, Path schema) {
    try {
      if (!Files.exists(file)) {
        // Under another name first: a start that is cut off must not leave half a database.
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        tool("create", fresh, schema);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      } else if (tool("needs-conversion", file, schema).strip().equals("yes")) {
        tool("convert", file, schema);
      }
    } catch (CommandException | IOException e) {
      throw new OvnException("cannot prepare the database " + file, e);
    }
  }

  private static String tool(String command, Path file, Path schema) throws CommandException {
    return Commands.run(
        List.of("ovsdb-tool", command, file.toString(), schema.toString()), TIMEOUT);
  }
}
