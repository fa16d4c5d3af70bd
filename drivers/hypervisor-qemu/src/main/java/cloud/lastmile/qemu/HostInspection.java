package cloud.lastmile.qemu;

import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.HostFacts;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out what this host has. */
final class HostInspection {
  private static final Logger LOG = LoggerFactory.getLogger(HostInspection.class);
  private static final Path TUN = Path.of("/dev/net/tun");
  private static final Pattern VERSION = Pattern.compile("version (\\d+)\\.(\\d+)\\.(\\d+)");
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private HostInspection() {}

  static HostFacts inspect(QemuConfig config) throws IOException, HostException {
    checkAccess(config);
    openTun();
    String version = ask("--version");
    return new HostFacts(
        config.hostname(),
        "QEMU",
        number(version),
        accelerator(config),
        Runtime.getRuntime().availableProcessors(),
        memoryMib(),
        (int) (Files.getFileStore(config.directory()).getTotalSpace() >> 30),
        field(Path.of("/proc/cpuinfo"), "model name"),
        machineTypes(config.directory(), version),
        Firmwares.present());
  }

  /** QEMU's user must be able to reach its files through all the directories above them. */
  private static void checkAccess(QemuConfig config) throws HostException {
    List<String> command = List.of("test", "-x", config.directory().resolve("guests").toString());
    GuestUsers users = config.users();
    try {
      Commands.run(Commands.asUser(users.converter(), users.converter(), command), TIMEOUT);
    } catch (CommandException e) {
      throw new HostException(
          "users like %d cannot traverse all directories of %s"
              .formatted(users.converter(), config.directory()),
          false,
          e);
    }
  }

  /**
   * Opens {@code /dev/net/tun} to all users where it is not, as udev's default rules do: with it a
   * user can open only a tap that was made for that user. Containers often lack udev.
   */
  private static void openTun() throws IOException {
    if (!Files.exists(TUN)) {
      return; // Then no tap can be made either, which the network driver will say.
    }
    Set<PosixFilePermission> all = PosixFilePermissions.fromString("rw-rw-rw-");
    if (!Files.getPosixFilePermissions(TUN).equals(all)) {
      LOG.info("opening {} to all users, as udev does", TUN);
      Files.setPosixFilePermissions(TUN, all);
    }
  }

  private static String ask(String... options) throws HostException {
    try {
      List<String> command = new ArrayList<>(List.of("qemu-system-x86_64"));
      command.addAll(List.of(options));
      return Commands.run(command, TIMEOUT);
    } catch (CommandException e) {
      throw new HostException("QEMU is not usable: " + e.getMessage(), false, e);
    }
  }

  private static int number(String text) throws HostException {
    Matcher version = VERSION.matcher(text);
    if (!version.find()) {
      throw new HostException("QEMU's version is not to be found in: " + text, false);
    }
    return Integer.parseInt(version.group(1)) * 1_000_000
        + Integer.parseInt(version.group(2)) * 1_000
        + Integer.parseInt(version.group(3));
  }

  /**
   * The machine types that QEMU knows. They are kept, for asking takes time at every start of
   * Lastmile, until QEMU says another version.
   *
   * @param version all that QEMU says of it
   */
  static Set<String> machineTypes(Path directory, String version)
      throws IOException, HostException {
    Path kept = directory.resolve("machine-types");
    String heading = version.lines().findFirst().orElse("");
    if (Files.exists(kept)) {
      List<String> lines = Files.readAllLines(kept);
      if (lines.size() > 1 && lines.getFirst().equals(heading)) {
        return Set.copyOf(lines.subList(1, lines.size()));
      }
    }
    List<String> lines = new ArrayList<>(List.of(heading));
    // A heading, then lines that begin with a name.
    ask("-machine", "help").lines().skip(1).map(line -> line.split(" ", 2)[0]).forEach(lines::add);
    Path fresh = directory.resolve("machine-types.new");
    Files.write(fresh, lines);
    Files.move(fresh, kept, StandardCopyOption.ATOMIC_MOVE);
    return Set.copyOf(lines.subList(1, lines.size()));
  }

  private static String accelerator(QemuConfig config) throws IOException {
    return switch (config.accelerator()) {
      case KVM -> "kvm";
      case TCG -> "tcg";
      case AUTO -> AcceleratorProbe.probe(config.directory(), config.users()).kvm() ? "kvm" : "tcg";
    };
  }

  private static int memoryMib() throws IOException {
    String total = field(Path.of("/proc/meminfo"), "MemTotal");
    return (int) (Long.parseLong(total.substring(0, total.indexOf(' '))) >> 10);
  }

  private static String field(Path file, String name) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith(name))
        .findFirst()
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .orElse("unknown");
  }
}
