package cloud.lastmile.qemu;

import cloud.lastmile.agent.GuestHardware.Firmware;
import cloud.lastmile.agent.HostException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumSet;
import java.util.Set;

/**
 * UEFI firmware as Debian has it (package ovmf): code for all guests, and variables of which each
 * guest has its own file. The variables of secure boot come with the keys of those who sign most
 * systems.
 */
final class Firmwares {
  private static final Path DIRECTORY = Path.of("/usr/share/OVMF");

  private Firmwares() {}

  /** The code; not for {@link Firmware#BIOS}, which QEMU brings along. */
  static Path code(Firmware firmware) {
    return DIRECTORY.resolve(
        firmware == Firmware.SECURE_UEFI ? "OVMF_CODE_4M.ms.fd" : "OVMF_CODE_4M.fd");
  }

  /** What a guest's variables are at first. */
  private static Path variables(Firmware firmware) {
    return DIRECTORY.resolve(
        firmware == Firmware.SECURE_UEFI ? "OVMF_VARS_4M.ms.fd" : "OVMF_VARS_4M.fd");
  }

  /** Those that guests can have on this host. */
  static Set<Firmware> present() {
    Set<Firmware> present = EnumSet.of(Firmware.BIOS);
    for (Firmware firmware : EnumSet.complementOf(EnumSet.of(Firmware.BIOS))) {
      if (Files.exists(code(firmware)) && Files.exists(variables(firmware))) {
        present.add(firmware);
      }
    }
    return present;
  }

  /** Gives a guest variables, unless it has some. */
  static void prepare(GuestRecord guest, Firmware firmware, GuestFiles files) throws HostException {
    Path variables = files.run().resolve(guest.firmwareName());
    if (Files.exists(variables)) {
      return;
    }
    try {
      Path temporary = files.scratch("firmware");
      Files.copy(variables(firmware), temporary, StandardCopyOption.REPLACE_EXISTING);
      GuestFiles.own(temporary, guest.uid(), guest.uid(), "rw-------");
      GuestFiles.publish(temporary, variables);
    } catch (IOException e) {
      throw new HostException("cannot make the firmware of guest " + guest.id(), true, e);
    }
  }
}
