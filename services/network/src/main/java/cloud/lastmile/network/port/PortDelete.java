package cloud.lastmile.network.port;

import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.write.NetworkWrite;
import java.util.UUID;

/** Removes a port and what hangs on it. */
public final class PortDelete {
  private PortDelete() {}

  /**
   * Floating IPs that led to the port are free again.
   *
   * @throws cloud.lastmile.platform.core.ApiException if another has removed it already
   */
  public static void run(NetworkWrite write, UUID id, String projectId) {
    for (UUID floating : PortStore.releaseFloatingIps(write.handle(), id)) {
      write.touch(EngineKey.floating(floating));
    }
    PortPairs.touchBesidesGone(write, id);
    PortNoun.NOUN.delete(write.handle(), id);
    write.touch(EngineKey.port(id));
    write.count(projectId, "port", -1);
  }
}
