package cloud.lastmile.ovn;

import java.util.List;
import java.util.Optional;

/**
 * A network outside of the cloud that provider networks may be made on.
 *
 * @param name as in {@code provider:physical_network}
 * @param bridge the bridge that stands for it, {@code br-ex}
 * @param addresses addresses with prefix length that the bridge gets in its namespace, so that
 *     floating IPs can be reached from there: {@code 172.24.4.1/24}; may be empty
 * @param device a network card to put into the bridge, or empty
 */
public record PhysicalNetwork(
    String name, String bridge, List<String> addresses, Optional<String> device) {

  public PhysicalNetwork {
    addresses = List.copyOf(addresses);
    if (!name.matches("[A-Za-z0-9_.-]{1,64}")) {
      throw new IllegalArgumentException("not a physical network's name: '" + name + "'");
    }
    if (!bridge.matches("[A-Za-z0-9_.-]{1,15}")) {
      throw new IllegalArgumentException("not a bridge's name: '" + bridge + "'");
    }
  }
}
