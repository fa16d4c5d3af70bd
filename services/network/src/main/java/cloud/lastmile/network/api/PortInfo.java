package cloud.lastmile.network.api;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A port as compute sees it: all that server views, metadata and the guest's interface need.
 *
 * @param deviceId the server's id; empty if unbound
 * @param up whether the engine reports it up
 * @param securityGroupNames for the server view
 */
public record PortInfo(
    UUID id,
    UUID networkId,
    String networkName,
    String projectId,
    String deviceId,
    String macAddress,
    int mtu,
    boolean up,
    boolean portSecurity,
    List<FixedIp> fixedIps,
    List<String> securityGroupNames) {

  public PortInfo {
    fixedIps = List.copyOf(fixedIps);
    securityGroupNames = List.copyOf(securityGroupNames);
  }

  /**
   * An address with what the guest needs to know of its subnet.
   *
   * @param ipv6Mode how routers say that guests come by the address: {@code slaac}, {@code
   *     dhcpv6-stateful} or {@code dhcpv6-stateless}; empty if they say nothing
   */
  public record FixedIp(
      UUID subnetId,
      String address,
      int ipVersion,
      String cidr,
      Optional<String> gateway,
      boolean dhcp,
      List<String> dnsNameservers,
      List<HostRoute> hostRoutes,
      List<String> floatingIps,
      Optional<String> ipv6Mode) {

    /** One of a subnet without such a mode. */
    public FixedIp(
        UUID subnetId,
        String address,
        int ipVersion,
        String cidr,
        Optional<String> gateway,
        boolean dhcp,
        List<String> dnsNameservers,
        List<HostRoute> hostRoutes,
        List<String> floatingIps) {
      this(
          subnetId,
          address,
          ipVersion,
          cidr,
          gateway,
          dhcp,
          dnsNameservers,
          hostRoutes,
          floatingIps,
          Optional.empty());
    }

    public FixedIp {
      dnsNameservers = List.copyOf(dnsNameservers);
      hostRoutes = List.copyOf(hostRoutes);
      floatingIps = List.copyOf(floatingIps);
    }
  }

  /** A route that DHCP hands out. */
  public record HostRoute(String destination, String nexthop) {}
}
