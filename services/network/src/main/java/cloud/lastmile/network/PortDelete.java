package cloud.lastmile.network;

import cloud.lastmile.network.engine.EngineKey;
import java.util.UUID;

/** Removes a port and what hangs on it. */
final class PortDelete {
  private PortDelete() {}

  /**
   * Floating IPs that led to the port are free again.
   *
   * @throws cloud.lastmile.platform.core.ApiException if another has removed it already
   */
  static void run(NetworkWrite write, UUID id, String projectId) {
    for (UUID floating : PortStore.releaseFloatingIps(write.handle(), id)) {
      write.touch(EngineKey.floating(floating));
    }
    PortPairs.touchBesidesGone(write, id);
    PortNoun.NOUN.delete(write.handle(), id);
    write.touch(EngineKey.port(id));
    write.count(projectId, "port", -1);
  }
}
