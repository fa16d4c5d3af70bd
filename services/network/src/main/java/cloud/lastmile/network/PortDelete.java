package cloud.lastmile.network;

import cloud.lastmile.network.engine.EngineKey;
import java.util.List;
import java.util.UUID;

/** Removes a port and what hangs on it. */
final class PortDelete {
  private PortDelete() {}

  /** Ports that only go with what they belong to. */
  static boolean isGuarded(String deviceOwner) {
    return Port.isRouterOwner(deviceOwner)
        || List.of(Port.FLOATING_IP, Port.METADATA).contains(deviceOwner);
  }

  /** Floating IPs that led to the port are free again. */
  static void run(Write write, UUID id, String projectId) {
    for (UUID floating : FloatingIpStore.release(write.handle(), id)) {
      write.touch(EngineKey.floating(floating));
    }
    PortPairs.touchBesidesGone(write, id);
    PortStore.delete(write.handle(), id);
    write.touch(EngineKey.port(id));
    write.count(projectId, "port", -1);
  }
}
