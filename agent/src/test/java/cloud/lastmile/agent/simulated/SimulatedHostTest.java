package cloud.lastmile.agent.simulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.GuestStatus.Power;
import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.HostContract;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.platform.core.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulatedHostTest extends HostContract {
  @TempDir Path directory;

  private final Set<UUID> imagesThatPowerOff = new HashSet<>();

  @Override
  protected Host open() throws IOException {
    SimulatedHost opened = openOn(directory);
    imagesThatPowerOff.forEach(opened.faults()::powerOffAfterBoot);
    return opened;
  }

  private static SimulatedHost openOn(Path directory) throws IOException {
    return SimulatedHost.persistent(SimulatedHost.facts("simulated-1", 8, 8192, 100), directory);
  }

  @Override
  protected DiskImage image() throws IOException {
    UUID id = UUID.randomUUID();
    Path file = Files.write(scratch.resolve(id.toString()), new byte[512]);
    return new DiskImage(id, file, "raw");
  }

  @Override
  protected DiskImage imageThatPowersOff() throws IOException {
    DiskImage image = image();
    ((SimulatedHost) host).faults().powerOffAfterBoot(image.imageId());
    imagesThatPowerOff.add(image.imageId());
    return image;
  }

  @Override
  protected String bootMarker(DiskImage image) {
    return "booted from image " + image.imageId();
  }

  @Override
  protected void crash(UUID guest) throws Exception {
    ((SimulatedHost) host).crash(guest);
  }

  @Override
  protected void assertNoTraceOf(UUID guest) {
    assertThat(directory.resolve(guest + ".guest")).doesNotExist();
  }

  @Override
  protected void assertNothingLeft() {
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void failsAsOftenAsAsked() throws Exception {
    GuestSpec spec = spec();
    SimulatedHost simulated = (SimulatedHost) host;
    simulated.faults().failNextEnsure(new HostException("no luck", true));

    assertThatExceptionOfType(HostException.class)
        .isThrownBy(() -> host.ensure(spec))
        .withMessage("no luck");
    assertThat(power(spec)).isEqualTo(Power.PARTIAL);
    reopen();
    assertThat(power(spec)).isEqualTo(Power.PARTIAL);
    host.ensure(spec);
    assertThat(power(spec)).isEqualTo(Power.RUNNING);
  }

  @Test
  void startsSlowlyWhenAsked() throws Exception {
    SimulatedHost simulated = (SimulatedHost) host;
    simulated.faults().bootDelay(Duration.ofMillis(50));
    long before = System.nanoTime();

    host.ensure(spec());

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(49));
  }

  @Test
  void writesSnapshotsThatQemuAccepts() throws Exception {
    GuestSpec spec = spec();
    host.ensure(spec);
    Path target = scratch.resolve("snapshot.qcow2");

    host.snapshot(spec.id(), target);

    String report =
        Commands.run(
            List.of("qemu-img", "check", "-f", "qcow2", target.toString()), Duration.ofSeconds(60));
    assertThat(report).contains("No errors were found");
  }
}
