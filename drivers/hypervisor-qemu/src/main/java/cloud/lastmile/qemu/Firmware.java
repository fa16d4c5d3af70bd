package cloud.lastmile.qemu;

import cloud.lastmile.agent.HostException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** UEFI firmware: code for all guests, and variables of which each guest has its own file. */
final class Firmware {
  private static final Path DIRECTORY = Path.of("/usr/share/OVMF");
  static final Path CODE = DIRECTORY.resolve("OVMF_CODE_4M.fd");
  private static final Path VARIABLES = DIRECTORY.resolve("OVMF_VARS_4M.fd");

  private Firmware() {}

  /** Gives a guest variables, unless it has some. */
  static void prepare(GuestRecord guest, GuestFiles files, int gid) throws HostException {
    Path variables = files.run().resolve(guest.firmwareName());
    if (Files.exists(variables)) {
      return;
    }
    if (!Files.exists(CODE) || !Files.exists(VARIABLES)) {
      throw new HostException("this host has no UEFI firmware (package ovmf)", false);
    }
    Path temporary = files.directory().resolve("firmware.new");
    try {
      Files.copy(VARIABLES, temporary, StandardCopyOption.REPLACE_EXISTING);
      GuestFiles.own(temporary, guest.uid(), gid, "rw-------");
      GuestFiles.publish(temporary, variables);
    } catch (IOException e) {
      throw new HostException("cannot make the firmware of guest " + guest.id(), true, e);
    }
  }
}
