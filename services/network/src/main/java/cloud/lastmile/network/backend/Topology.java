package cloud.lastmile.network.backend;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;

/**
 * Everything the engine shall hold. Addresses are text, lower case; prefixes in CIDR notation.
 *
 * @param unknown resources that are there but of which nobody can say how they shall be: the engine
 *     keeps what it has of them
 */
public record Topology(
    List<Network> networks,
    List<Subnet> subnets,
    List<Port> ports,
    List<SecurityGroup> securityGroups,
    List<Router> routers,
    List<FloatingIp> floatingIps,
    Set<UUID> unknown) {

  /** All of it is known. */
  public Topology(
      List<Network> networks,
      List<Subnet> subnets,
      List<Port> ports,
      List<SecurityGroup> securityGroups,
      List<Router> routers,
      List<FloatingIp> floatingIps) {
    this(networks, subnets, ports, securityGroups, routers, floatingIps, Set.of());
  }

  /** How a network reaches the outside: type {@code flat} or {@code vlan}. */
  public record Provider(String type, String physicalNetwork, OptionalInt segmentationId) {}

  public record Network(
      UUID id, String name, int mtu, boolean external, Optional<Provider> provider) {}

  /**
   * @param metadataAddress address of the network's metadata port on this subnet, for DHCP option
   *     121
   * @param ipv6Mode how hosts come by their addresses of version 6: {@code slaac}, {@code
   *     dhcpv6-stateful} or {@code dhcpv6-stateless}; empty if the cloud's routers tell them
   *     nothing
   */
  public record Subnet(
      UUID id,
      UUID networkId,
      int ipVersion,
      String cidr,
      Optional<String> gateway,
      boolean dhcp,
      int mtu,
      List<String> dnsNameservers,
      List<Route> hostRoutes,
      Optional<String> metadataAddress,
      Optional<String> ipv6Mode) {

    /** One without router advertisements. */
    public Subnet(
        UUID id,
        UUID networkId,
        int ipVersion,
        String cidr,
        Optional<String> gateway,
        boolean dhcp,
        int mtu,
        List<String> dnsNameservers,
        List<Route> hostRoutes,
        Optional<String> metadataAddress) {
      this(
          id,
          networkId,
          ipVersion,
          cidr,
          gateway,
          dhcp,
          mtu,
          dnsNameservers,
          hostRoutes,
          metadataAddress,
          Optional.empty());
    }
  }

  public record Route(String destination, String nexthop) {}

  /** What a port is to the engine. */
  public enum PortKind {
    /** A guest's or anyone's interface. */
    VIF,
    /** The switch's side of a router interface or gateway; the router carries the rest. */
    ROUTER,
    /** The local port through which guests of the network reach metadata. */
    METADATA
  }

  /**
   * @param dhcpOptions besides those of the port's subnets, and before them
   * @param virtualIp set if the port only reserves an address that others speak for
   */
  public record Port(
      UUID id,
      UUID networkId,
      PortKind kind,
      String macAddress,
      List<FixedIp> fixedIps,
      boolean adminStateUp,
      boolean portSecurity,
      List<AddressPair> allowedAddressPairs,
      List<UUID> securityGroups,
      String deviceId,
      Optional<String> host,
      List<DhcpOption> dhcpOptions,
      Optional<VirtualIp> virtualIp) {

    /** One without DHCP options of its own that is nobody's virtual address. */
    public Port(
        UUID id,
        UUID networkId,
        PortKind kind,
        String macAddress,
        List<FixedIp> fixedIps,
        boolean adminStateUp,
        boolean portSecurity,
        List<AddressPair> allowedAddressPairs,
        List<UUID> securityGroups,
        String deviceId,
        Optional<String> host) {
      this(
          id,
          networkId,
          kind,
          macAddress,
          fixedIps,
          adminStateUp,
          portSecurity,
          allowedAddressPairs,
          securityGroups,
          deviceId,
          host,
          List.of(),
          Optional.empty());
    }

    public Port withDhcpOptions(List<DhcpOption> options) {
      return new Port(
          id,
          networkId,
          kind,
          macAddress,
          fixedIps,
          adminStateUp,
          portSecurity,
          allowedAddressPairs,
          securityGroups,
          deviceId,
          host,
          options,
          virtualIp);
    }

    public Port withVirtualIp(Optional<VirtualIp> virtual) {
      return new Port(
          id,
          networkId,
          kind,
          macAddress,
          fixedIps,
          adminStateUp,
          portSecurity,
          allowedAddressPairs,
          securityGroups,
          deviceId,
          host,
          dhcpOptions,
          virtual);
    }
  }

  /**
   * An address that whichever of its parents announces it has, such as that of a pair of load
   * balancers.
   *
   * @param parents ports of the same network that may speak for it
   */
  public record VirtualIp(String address, List<UUID> parents) {}

  public record FixedIp(UUID subnetId, String address) {}

  /** {@code address} may be a prefix. */
  public record AddressPair(String address, String macAddress) {}

  /**
   * @param stateful whether answers to what a rule allows are allowed too
   */
  public record SecurityGroup(UUID id, boolean stateful, List<Rule> rules) {

    /** A stateful one. */
    public SecurityGroup(UUID id, List<Rule> rules) {
      this(id, true, rules);
    }
  }

  /**
   * @param direction {@code ingress} or {@code egress}
   * @param etherType {@code IPv4} or {@code IPv6}
   * @param protocol name or number as the API keeps it
   * @param portMin first port, or ICMP type
   * @param portMax last port, or ICMP code
   */
  public record Rule(
      UUID id,
      String direction,
      String etherType,
      Optional<String> protocol,
      OptionalInt portMin,
      OptionalInt portMax,
      Optional<String> remotePrefix,
      Optional<UUID> remoteGroup) {}

  /**
   * A router's leg: {@code addresses} with prefix length, such as {@code 10.0.0.1/24}.
   *
   * @param mtu of the network; 0 if it is not known
   * @param ipv6Mode of the first of the leg's subnets that has one, see {@link Subnet#ipv6Mode}
   * @param ipv6Nameserver to be told with router advertisements
   */
  public record RouterPort(
      UUID portId,
      UUID networkId,
      String macAddress,
      List<String> addresses,
      int mtu,
      Optional<String> ipv6Mode,
      Optional<String> ipv6Nameserver) {

    /** One without router advertisements, of a network whose MTU is not known. */
    public RouterPort(UUID portId, UUID networkId, String macAddress, List<String> addresses) {
      this(portId, networkId, macAddress, addresses, 0, Optional.empty(), Optional.empty());
    }
  }

  /**
   * @param nexthops the external subnets' gateways
   * @param snat internal prefixes to be translated; empty if SNAT is off
   */
  public record Gateway(RouterPort port, List<String> nexthops, List<String> snat) {}

  public record Router(
      UUID id,
      String name,
      boolean adminStateUp,
      List<RouterPort> interfaces,
      Optional<Gateway> gateway,
      List<Route> routes) {}

  public record FloatingIp(
      UUID id,
      UUID routerId,
      String floatingAddress,
      String floatingMac,
      String fixedAddress,
      UUID portId) {}
}
