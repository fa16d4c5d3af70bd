package cloud.lastmile.qemu;

import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Finds out whether KVM works here by booting something on it: {@code /dev/kvm} may exist and still
 * crash every guest. The verdict is kept until the next boot of the machine.
 */
public final class AcceleratorProbe {
  private static final Path KVM = Path.of("/dev/kvm");
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  /** mov $0x31,%al; out %al,$0xf4; hlt; jmp back to hlt. */
  private static final byte[] CODE = {
    (byte) 0xb0, 0x31, (byte) 0xe6, (byte) 0xf4, (byte) 0xf4, (byte) 0xeb, (byte) 0xfd
  };

  /** The firmware finds nothing bootable on a disk of a single sector. */
  private static final int DISK = 1 << 20;

  /** What isa-debug-exit makes of the 0x31 that the code writes. */
  private static final int BOOTED = (0x31 << 1) | 1;

  private AcceleratorProbe() {}

  /**
   * Boots a boot sector on KVM as an unprivileged user, at most 15 s; at once from the second call
   * on.
   *
   * @param directory where the verdict is kept; made if missing
   * @return whether guests can use KVM, and if not, why
   */
  public static Verdict probe(Path directory, GuestUsers users) throws IOException {
    if (!Files.exists(KVM)) {
      return new Verdict(false, KVM + " does not exist");
    }
    Path kept = Files.createDirectories(directory).resolve("accelerator");
    String bootId = Files.readString(BOOT_ID).strip();
    if (Files.exists(kept)) {
      List<String> lines = Files.readAllLines(kept);
      if (lines.size() == 3 && lines.get(0).equals(bootId)) {
        return new Verdict(lines.get(1).equals("kvm"), lines.get(2));
      }
    }
    Verdict verdict = boot("kvm", users);
    Files.write(kept, List.of(bootId, verdict.kvm() ? "kvm" : "tcg", verdict.reason()));
    return verdict;
  }

  /** Whether KVM works, and why it is thought so, in one line. */
  public record Verdict(boolean kvm, String reason) {
    public Verdict {
      reason = reason.lines().findFirst().orElse("");
    }
  }

  /** The group that may open {@code /dev/kvm}, which QEMU's user needs beside its own. */
  static Set<Integer> groups() throws IOException {
    if (!Files.exists(KVM)) {
      return Set.of();
    }
    int gid = (int) Files.getAttribute(KVM, "unix:gid");
    return gid == 0 ? Set.of() : Set.of(gid);
  }

  /** Boots the boot sector on an accelerator and says whether it did. */
  static Verdict boot(String accelerator, GuestUsers users) throws IOException {
    Path sector = Files.createTempFile("lastmile-probe", ".raw");
    try {
      byte[] bytes = Arrays.copyOf(CODE, DISK);
      bytes[510] = 0x55;
      bytes[511] = (byte) 0xaa;
      Files.write(sector, bytes);
      GuestFiles.own(sector, users.converter(), users.converter(), "r--------");
      List<String> command =
          List.of(
              "qemu-system-x86_64",
              "-nodefaults",
              "-no-user-config",
              "-display",
              "none",
              "-machine",
              "q35",
              "-accel",
              accelerator,
              "-cpu",
              "max",
              "-m",
              "64",
              "-device",
              "isa-debug-exit,iobase=0xf4,iosize=1",
              "-drive",
              "if=virtio,format=raw,readonly=on,file=" + sector);
      Commands.run(
          Commands.asUser(users.converter(), users.converter(), groups(), command), TIMEOUT);
      return new Verdict(false, "a guest on " + accelerator + " ended before it had booted");
    } catch (CommandException e) {
      return e.exitCode().orElse(0) == BOOTED
          ? new Verdict(true, "a boot sector booted on " + accelerator)
          : new Verdict(false, "no guest boots on " + accelerator + ": " + e.getMessage());
    } finally {
      Files.delete(sector);
    }
  }
}
