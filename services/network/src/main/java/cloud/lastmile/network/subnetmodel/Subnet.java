package cloud.lastmile.network.subnetmodel;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.address.Pool;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A subnet as address allocation needs it. */
public record Subnet(
    UUID id,
    UUID networkId,
    Cidr cidr,
    Optional<Ip> gateway,
    boolean dhcp,
    Optional<String> addressMode,
    Optional<String> raMode,
    List<Pool> pools) {

  public int version() {
    return cidr.version();
  }

  /** Whether hosts give themselves their addresses, which follow from their MAC addresses. */
  public boolean autoAddress() {
    return addressMode.filter(mode -> !mode.equals("dhcpv6-stateful")).isPresent()
        || (addressMode.isEmpty()
            && raMode.filter(mode -> !mode.equals("dhcpv6-stateful")).isPresent());
  }

  /** Whether the subnet gives this address to whoever asks for any. */
  public boolean gives(Ip address) {
    return pools.stream().anyMatch(pool -> pool.contains(address));
  }

  /** Whether a host may have this address. */
  public boolean valid(Ip address) {
    boolean reserves = version() == 4 && cidr.length() < 31;
    boolean reserved = address.equals(cidr.first()) || address.equals(cidr.last());
    return cidr.contains(address) && !(reserves && reserved);
  }
}
