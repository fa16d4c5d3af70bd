package cloud.lastmile.ovn.rows;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What a port's rows depend on besides the port. */
public interface Surroundings {

  /** The subnet, if it is known. */
  Optional<SubnetFacts> subnet(UUID subnet);

  /** Whether the network leads outside of the cloud. */
  boolean external(UUID network);

  /**
   * What is needed of a subnet.
   *
   * @param dhcp whether ports of it refer to DHCP options
   * @param options what DHCP tells all of them
   */
  record SubnetFacts(String cidr, int ipVersion, boolean dhcp, Map<String, String> options) {
    public SubnetFacts {
      options = Map.copyOf(options);
    }

    /** {@code /24}, to be put after an address. */
    String prefix() {
      return cidr.substring(cidr.indexOf('/'));
    }
  }
}
