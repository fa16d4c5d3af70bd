package cloud.lastmile.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.GuestSpec.KernelBoot;
import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.HostFixture;
import cloud.lastmile.agent.Vif;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import cloud.lastmile.platform.core.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** QEMU hosts in a temporary directory. */
final class QemuHostFixture implements HostFixture {
  static final Duration SHORT = Duration.ofSeconds(60);

  final NetworkNamespace namespace;
  private final Path scratch;
  String subdirectory = "host";
  Duration powerdownGrace = Duration.ofMinutes(1);
  ImageCacheLimits imageCache = ImageCacheLimits.standard();

  QemuHostFixture(Path scratch, NetworkNamespace namespace) {
    this.scratch = scratch;
    this.namespace = namespace;
  }

  /** With a network namespace of its own. */
  static QemuHostFixture make(Path scratch) throws CommandException {
    String name = "lmq-" + UUID.randomUUID().toString().substring(0, 8);
    Commands.run(List.of("ip", "netns", "add", name), SHORT);
    return new QemuHostFixture(scratch, NetworkNamespace.own(name));
  }

  @Override
  public void assertNothingLeft() throws Exception {
    Map<UUID, QemuProcess> left = processes();
    for (QemuProcess process : left.values()) {
      process.kill();
    }
    assertThat(left).isEmpty();
    assertThat(taps().plugged()).isEmpty();
  }

  /** Removes the namespace, and with it all the taps in it. */
  @Override
  public void close() throws CommandException {
    if (namespace.owned()) {
      Commands.run(List.of("ip", "netns", "delete", namespace.name().orElseThrow()), SHORT);
    }
  }

  /** A registry of the test's own, with numbers that no other process of tests has. */
  static GuestUsers users(Path scratch) {
    int first = 100_000_000 + (int) (ProcessHandle.current().pid() % 4_000_000) * 400;
    return new GuestUsers(scratch.resolve("users"), first, 200);
  }

  /** Files of a guest in its {@code run/} whose names start so. */
  List<Path> inRun(UUID guest, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(guestDirectory(guest).resolve("run"))) {
      return files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  TapVifDriver taps() {
    return new TapVifDriver(namespace);
  }

  Path directory() {
    return scratch.resolve(subdirectory);
  }

  List<String> cachedImages() throws IOException {
    try (Stream<Path> files = Files.list(directory().resolve("images"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".raw"))
          .toList();
    }
  }

  static Vif vif() {
    UUID port = UUID.randomUUID();
    String hex = port.toString();
    String mac =
        "fa:16:3e:%s:%s:%s"
            .formatted(hex.substring(0, 2), hex.substring(2, 4), hex.substring(4, 6));
    return new Vif(port, mac, 1442);
  }

  static GuestSpec withVifs(GuestSpec spec, List<Vif> vifs) {
    return changed(spec, vifs, spec.configDrive(), spec.memoryMib(), spec.kernel());
  }

  static GuestSpec withMemory(GuestSpec spec, int memoryMib) {
    return changed(spec, spec.vifs(), spec.configDrive(), memoryMib, spec.kernel());
  }

  static GuestSpec withConfigDrive(GuestSpec spec, Map<String, byte[]> content) {
    return changed(spec, spec.vifs(), Optional.of(content), spec.memoryMib(), spec.kernel());
  }

  static GuestSpec withKernel(GuestSpec spec, KernelBoot kernel) {
    return changed(spec, spec.vifs(), spec.configDrive(), spec.memoryMib(), Optional.of(kernel));
  }

  private static GuestSpec changed(
      GuestSpec spec,
      List<Vif> vifs,
      Optional<Map<String, byte[]>> configDrive,
      int memoryMib,
      Optional<KernelBoot> kernel) {
    return new GuestSpec(
        spec.id(),
        spec.name(),
        spec.vcpus(),
        memoryMib,
        spec.rootDisk(),
        spec.rootDiskGib(),
        spec.diskGeneration(),
        vifs,
        configDrive,
        spec.hardware(),
        kernel,
        spec.power());
  }

  Path guestDirectory(UUID guest) {
    return directory().resolve("guests").resolve(guest.toString());
  }

  Map<UUID, QemuProcess> processes() throws IOException {
    Files.createDirectories(directory());
    return QemuProcess.all(ShortPath.of(directory().toRealPath()).resolve("guests"));
  }

  @Override
  public Host open() throws Exception {
    for (Path path = scratch; !path.equals(directory()); path = path.resolve(next(path))) {
      Files.createDirectories(path);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
    }
    return QemuHost.open(config(), taps());
  }

  QemuConfig config() {
    return new QemuConfig(
        directory(),
        "host-1",
        namespace,
        users(scratch),
        QemuConfig.Accelerator.TCG,
        false,
        powerdownGrace,
        16,
        imageCache);
  }

  private Path next(Path path) {
    return directory().getName(path.getNameCount());
  }

  @Override
  public DiskImage image() throws IOException {
    return TestImage.write(scratch, TestImage.Behaviour.LISTENS);
  }

  @Override
  public DiskImage imageThatPowersOff() throws IOException {
    return TestImage.write(scratch, TestImage.Behaviour.POWERS_OFF);
  }

  @Override
  public String bootMarker(DiskImage image) {
    return TestImage.text(image.imageId());
  }

  @Override
  public void crash(UUID guest) throws Exception {
    processes().get(guest).kill();
  }

  @Override
  public void assertNoTraceOf(UUID guest) throws Exception {
    assertThat(guestDirectory(guest)).doesNotExist();
    assertThat(processes()).doesNotContainKey(guest);
  }
}
