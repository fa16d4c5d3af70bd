package cloud.lastmile.compute.server;

import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.flavor.ServerFlavor;
import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A server's row.
 *
 * @param revision names this content of the row, never used again for another
 * @param networks the interfaces asked for
 * @param ports what the network service last said of its ports; those of {@code networks} only,
 *     whatever else names the server as its device
 * @param diskGeneration grows with every rebuild
 */
public record Server(
    UUID id,
    long revision,
    String projectId,
    String userId,
    String name,
    String hostname,
    Optional<String> description,
    Optional<Image> image,
    ServerFlavor flavor,
    State state,
    Times times,
    Where where,
    Boot boot,
    Map<String, String> metadata,
    List<String> tags,
    String accessIpV4,
    String accessIpV6,
    String diskConfig,
    Optional<Lock> lock,
    List<ServerNetwork> networks,
    List<PortInfo> ports,
    String reservationId,
    int launchIndex,
    int diskGeneration) {

  public Server {
    ports = ports.stream().filter(port -> has(networks, projectId, port)).toList();
  }

  /**
   * Whether the port is one of the server's: the server lists it, and both are the same project's.
   * What a port says of its device is its owner's word, who may be anybody.
   */
  public boolean has(PortInfo port) {
    return has(networks, projectId, port);
  }

  private static boolean has(List<ServerNetwork> networks, String projectId, PortInfo port) {
    return port.projectId().equals(projectId)
        && networks.stream().anyMatch(network -> network.port().equals(port.id()));
  }

  /** The image as it was when the disk was made from it. */
  public record Image(UUID id, String format, Map<String, String> properties) {
    public static final String KERNEL = "kernel_id";
    public static final String RAMDISK = "ramdisk_id";

    /** Whether its servers have a config drive whatever was asked for. */
    public boolean needsConfigDrive() {
      return properties.getOrDefault("img_config_drive", "optional").equals("mandatory");
    }

    /**
     * What {@code OS-DCF:diskConfig} is for a server of this image.
     *
     * @throws ApiException bad request if {@code AUTO} is asked for and the image forbids it
     */
    public String diskConfig(Optional<String> asked) {
      String said = properties.getOrDefault("auto_disk_config", "");
      String config = asked.orElse(Inputs.isTrue(said) ? "AUTO" : "MANUAL");
      if (config.equals("AUTO") && said.strip().equalsIgnoreCase("disabled")) {
        throw ApiException.badRequest(
            "Requested image " + id + " has automatic disk resize disabled.");
      }
      return config;
    }

    /** The image of the kernel to start, {@link #KERNEL}, or of its {@link #RAMDISK}. */
    public Optional<UUID> part(String property) {
      return Optional.ofNullable(properties.get(property)).flatMap(Ids::parseUuid);
    }
  }

  /** What it is, what is being done to it, and what its host says of it. */
  public record State(
      VmState vm,
      Optional<TaskState> task,
      PowerState power,
      int progress,
      Optional<ServerFault> fault) {}

  public record Times(
      Instant created,
      Instant updated,
      Optional<Instant> launched,
      Optional<Instant> terminated,
      Optional<Instant> deleted) {}

  /**
   * Where it is and where it was asked to be.
   *
   * @param host the name of the host that has it; empty until one is chosen
   * @param zone the host's availability zone
   */
  public record Where(
      Optional<String> host,
      Optional<String> zone,
      Optional<String> requestedZone,
      Optional<String> requestedHost,
      Optional<UUID> group) {}

  /** What the guest finds when it starts. */
  public record Boot(
      Optional<Key> key,
      Optional<String> userData,
      boolean configDrive,
      Optional<String> adminPassword) {}

  /** The key as it was when the server was made. */
  public record Key(String name, String type, String publicKey) {}

  /** {@code owner} or {@code admin}, and why. */
  public record Lock(String by, Optional<String> reason) {}

  public String status() {
    return ServerStatus.of(state.vm(), state.task());
  }

  public boolean isDeleted() {
    return state.vm() == VmState.DELETED;
  }

  /** The name of its guest on the host. */
  public String instanceName() {
    return "instance-" + id.toString().substring(0, 8);
  }

  /** The attributes that policy checks look at. */
  public Map<String, String> target() {
    return Map.of("project_id", projectId, "tenant_id", projectId, "user_id", userId);
  }
}
