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

  public Vif {
    if (!macAddress.matches("([0-9a-f]{2}:){5}[0-9a-f]{2}")) {
      throw new IllegalArgumentException("not a MAC address: " + macAddress);
    }
  }

  /**
   * The host's name for the interface: {@code tap} and the first 11 characters of the port's id.
   */
  public String tapName() {
    return "tap" + portId.toString().substring(0, 11);
  }
}
