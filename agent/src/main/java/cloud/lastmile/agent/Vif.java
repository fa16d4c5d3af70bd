package cloud.lastmile.agent;

import java.util.UUID;

/**
 * A guest's network interface.
 *
 * @param portId the network service's port
 * @param macAddress colon-separated lower-case hex
 * @param mtu in bytes
 */
public record Vif(UUID portId, String macAddress, int mtu) {

  /**
   * The host's name for the interface: {@code tap} and the first 11 characters of the port's id.
   */
  public String tapName() {
    return "tap" + portId.toString().substring(0, 11);
  }
}
