package cloud.lastmile.agent.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.HostException;
import cloud.lastmile.agent.HostFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/** Simulated hosts that keep their guests in a directory. */
final class SimulatedHostFixture implements HostFixture {
  private final Path scratch;
  private final Path directory;
  private final Set<UUID> imagesThatPowerOff = new HashSet<>();
  private SimulatedHost host;

  SimulatedHostFixture(Path scratch) {
    this.scratch = scratch;
    this.directory = scratch.resolve("host");
  }

  @Override
  public Host open() throws IOException {
    host = SimulatedHost.persistent(SimulatedHost.facts("simulated-1", 8, 8192, 100), directory);
    imagesThatPowerOff.forEach(host.faults()::powerOffAfterBoot);
    return host;
  }

  @Override
  public DiskImage image() throws IOException {
    UUID id = UUID.randomUUID();
    Path file = Files.write(scratch.resolve(id.toString()), new byte[512]);
    return new DiskImage(id, file, "raw");
  }

  @Override
  public DiskImage imageThatPowersOff() throws IOException {
    DiskImage image = image();
    host.faults().powerOffAfterBoot(image.imageId());
    imagesThatPowerOff.add(image.imageId());
    return image;
  }

  @Override
  public String bootMarker(DiskImage image) {
    return "booted from image " + image.imageId();
  }

  @Override
  public void crash(UUID guest) throws HostException {
    host.crash(guest);
  }

  @Override
  public void assertNoTraceOf(UUID guest) {
    assertThat(directory.resolve(guest + ".guest")).doesNotExist();
  }

  @Override
  public void assertNothingLeft() {
    assertThat(directory).isEmptyDirectory();
  }
}
