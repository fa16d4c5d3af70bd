package cloud.lastmile.network.port;

import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.platform.core.Json;
import java.util.List;
import java.util.UUID;

/** Ports that the network makes for itself: of routers, floating IPs and metadata. */
public final class ServicePort {
  private ServicePort() {}

  /**
   * A port to be made.
   *
   * @param projectId empty for what belongs to the cloud and counts against no quota
   */
  public record Wanted(
      UUID id,
      UUID networkId,
      String projectId,
      String macAddress,
      String deviceOwner,
      String deviceId,
      List<Port.FixedIp> fixedIps) {}

  public static void insert(NetworkWrite write, Wanted wanted) {
    Port port =
        new Port(
            wanted.id(),
            wanted.networkId(),
            wanted.projectId(),
            "",
            wanted.macAddress(),
            wanted.deviceId(),
            wanted.deviceOwner(),
            "",
            true,
            false,
            wanted.fixedIps(),
            List.of(),
            Json.array(),
            Json.array(),
            "");
    PortStore.insert(write.handle(), new PortStore.Row(port, "", true, "normal", Json.object()));
    write.touch(EngineKey.port(wanted.id()));
    write.count(wanted.projectId(), "port", 1);
  }
}
