package cloud.lastmile.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.HostContract;
import cloud.lastmile.platform.core.Commands;
import cloud.lastmile.platform.core.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A QEMU host in a temporary directory and a network namespace of its own. */
abstract class QemuHostFixture extends HostContract {
  static final GuestUsers USERS = new GuestUsers(64_100, 20, 64_100);
  static final Duration SHORT = Duration.ofSeconds(60);

  static NetworkNamespace namespace;

  @TempDir Path top;
  Duration powerdownGrace = Duration.ofMinutes(1);

  @BeforeAll
  static void makeNamespace() throws Exception {
    String name = "lmq-" + UUID.randomUUID().toString().substring(0, 8);
    Commands.run(List.of("ip", "netns", "add", name), SHORT);
    namespace = NetworkNamespace.named(name);
  }

  @AfterAll
  static void removeNamespace() throws Exception {
    Commands.run(List.of("ip", "netns", "delete", namespace.name().orElseThrow()), SHORT);
  }

  @Override
  protected void assertNothingLeft() throws Exception {
    Map<UUID, QemuProcess> left = processes();
    for (QemuProcess process : left.values()) {
      process.kill();
    }
    assertThat(left).isEmpty();
    assertThat(new TapVifDriver(namespace).plugged()).isEmpty();
  }

  final Path directory() {
    return top.resolve("host");
  }

  final Path guestDirectory(UUID guest) {
    return directory().resolve("guests").resolve(guest.toString());
  }

  final Map<UUID, QemuProcess> processes() throws IOException {
    Files.createDirectories(directory());
    return QemuProcess.all(ShortPath.of(directory().toRealPath()).resolve("guests"));
  }

  @Override
  protected Host open() throws Exception {
    Files.setPosixFilePermissions(top, PosixFilePermissions.fromString("rwx--x--x"));
    QemuConfig config =
        new QemuConfig(
            directory(),
            "host-1",
            namespace,
            USERS,
            QemuConfig.Accelerator.TCG,
            false,
            powerdownGrace,
            16);
    return QemuHost.open(config, new TapVifDriver(namespace));
  }

  @Override
  protected DiskImage image() throws IOException {
    return TestImage.write(scratch, TestImage.Behaviour.LISTENS);
  }

  @Override
  protected DiskImage imageThatPowersOff() throws IOException {
    return TestImage.write(scratch, TestImage.Behaviour.POWERS_OFF);
  }

  @Override
  protected String bootMarker(DiskImage image) {
    return TestImage.text(image.imageId());
  }

  @Override
  protected void crash(UUID guest) throws Exception {
    processes().get(guest).kill();
  }

  @Override
  protected void assertNoTraceOf(UUID guest) throws Exception {
    assertThat(guestDirectory(guest)).doesNotExist();
    assertThat(processes()).doesNotContainKey(guest);
  }
}
