package cloud.lastmile.qemu;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.GuestSpec.PowerState;
import cloud.lastmile.agent.Host;
import cloud.lastmile.platform.core.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A host in a process of its own that makes one guest, and can be killed. */
final class HostProcess {
  private HostProcess() {}

  static Process start(QemuHostFixture fixture, Path scratch, DiskImage image, UUID guest)
      throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx128m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            HostProcess.class.getName(),
            scratch.toString(),
            fixture.namespace.name().orElseThrow(),
            image.imageId().toString(),
            image.file().toString(),
            image.format(),
            guest.toString())
        .inheritIO()
        .start();
  }

  static GuestSpec guest(UUID id, DiskImage image) {
    return new GuestSpec(
        id,
        "guest-" + id.toString().substring(0, 8),
        1,
        32,
        image,
        1,
        0,
        List.of(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        PowerState.RUNNING);
  }

  static void main(String[] arguments) throws Exception {
    QemuHostFixture fixture =
        new QemuHostFixture(Path.of(arguments[0]), NetworkNamespace.named(arguments[1]));
    DiskImage image =
        new DiskImage(UUID.fromString(arguments[2]), Path.of(arguments[3]), arguments[4]);
    try (Host host = fixture.open()) {
      host.ensure(guest(UUID.fromString(arguments[5]), image));
    }
  }
}
