package cloud.lastmile.compute;

import cloud.lastmile.agent.GuestSpec;
import cloud.lastmile.agent.Vif;
import cloud.lastmile.compute.metadata.ConfigDrive;
import cloud.lastmile.image.api.Images;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What a host is told of a server's guest. */
final class GuestSpecs {
  private final Images images;

  GuestSpecs(Images images) {
    this.images = images;
  }

  /** For a guest whose disk may have to be made. */
  GuestSpec forNewDisk(Server server, GuestSpec.PowerState power) throws IOException {
    Server.Image image = server.image().orElseThrow();
    return spec(server, power, images.file(image.id()), Set.of());
  }

  /** For a guest that has its disk: its image may be gone by now. */
  GuestSpec forExistingDisk(Server server, GuestSpec.PowerState power) {
    return forExistingDisk(server, power, Set.of());
  }

  /** As {@link #forExistingDisk(Server, GuestSpec.PowerState)}, without some of its ports. */
  GuestSpec forExistingDisk(Server server, GuestSpec.PowerState power, Set<UUID> without) {
    Path file;
    try {
      file = images.file(server.image().orElseThrow().id());
    } catch (IOException deleted) {
      file = Path.of("/nonexistent", server.image().orElseThrow().id().toString());
    }
    return spec(server, power, file, without);
  }

  private static GuestSpec spec(
      Server server, GuestSpec.PowerState power, Path file, Set<UUID> without) {
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
        new GuestSpec.DiskImage(image.id(), file, image.format()),
        server.flavor().diskGib(),
        server.diskGeneration(),
        vifs,
        drive,
        image.properties(),
        power);
  }
}
