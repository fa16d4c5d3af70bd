package cloud.lastmile.compute.job;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.GuestSpec.DiskImage;
import cloud.lastmile.agent.GuestSpec.KernelBoot;
import cloud.lastmile.agent.Vif;
import cloud.lastmile.compute.hardware.Hardware;
import cloud.lastmile.compute.metadata.ConfigDrive;
import cloud.lastmile.compute.metadata.ServerMetadataSource;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.image.api.Images;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What a host is told of a server's guest. */
public final class GuestSpecs {
  private final Images images;

  public GuestSpecs(Images images) {
    this.images = images;
  }

  /** Where an image's bytes are. */
  private interface Files {
    Path of(UUID image) throws IOException;
  }

  /** For a guest whose disk may have to be made. */
  GuestSpec forNewDisk(Server server, GuestSpec.PowerState power) throws IOException {
    return spec(server, power, images::file, Set.of());
  }

  /** For a guest that has its disk: its image may be gone by now. */
  public GuestSpec forExistingDisk(Server server, GuestSpec.PowerState power) {
    return forExistingDisk(server, power, Set.of());
  }

  /** As {@link #forExistingDisk(Server, GuestSpec.PowerState)}, without some of its ports. */
  GuestSpec forExistingDisk(Server server, GuestSpec.PowerState power, Set<UUID> without) {
    try {
      return spec(server, power, this::fileOrNone, without);
    } catch (IOException e) {
      throw new IllegalStateException("a file that is gone has a name even so", e);
    }
  }

  private Path fileOrNone(UUID image) {
    try {
      return images.file(image);
    } catch (IOException deleted) {
      return Path.of("/nonexistent", image.toString());
    }
  }

  private static GuestSpec spec(
      Server server, GuestSpec.PowerState power, Files files, Set<UUID> without)
      throws IOException {
    Server.Image image = server.image().orElseThrow();
    List<Vif> vifs =
        server.ports().stream()
            .filter(port -> !without.contains(port.id()))
            .map(port -> new Vif(port.id(), port.macAddress(), port.mtu()))
            .toList();
    Optional<Map<String, byte[]>> drive =
        server.boot().configDrive()
            ? Optional.of(ConfigDrive.files(ServerMetadataSource.of(server)))
            : Optional.empty();
    return new GuestSpec(
        server.id(),
        server.instanceName(),
        server.flavor().vcpus(),
        server.flavor().ramMib(),
        new DiskImage(image.id(), files.of(image.id()), image.format()),
        server.flavor().diskGib(),
        server.diskGeneration(),
        vifs,
        drive,
        Hardware.of(image.properties(), server.flavor()),
        kernel(image, files),
        power);
  }

  private static Optional<KernelBoot> kernel(Server.Image image, Files files) throws IOException {
    Optional<UUID> kernel = image.part(Server.Image.KERNEL);
    if (kernel.isEmpty()) {
      return Optional.empty();
    }
    Optional<UUID> ramdisk = image.part(Server.Image.RAMDISK);
    return Optional.of(
        new KernelBoot(
            new DiskImage(kernel.get(), files.of(kernel.get()), "aki"),
            ramdisk.isPresent()
                ? Optional.of(new DiskImage(ramdisk.get(), files.of(ramdisk.get()), "ari"))
                : Optional.empty(),
            kernelArguments(image)));
  }

  /** The image's, or such that a usual kernel finds its root and tells of it. */
  static String kernelArguments(Server.Image image) {
    String usual =
        "root="
            + Hardware.rootDevice(image)
            + " console=tty0 console=ttyS0 console=hvc0 no_timer_check";
    return image.properties().getOrDefault("os_command_line", usual);
  }
}
