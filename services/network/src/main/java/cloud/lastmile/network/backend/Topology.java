package cloud.lastmile.network.backend;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/** Everything the engine shall hold. Addresses are text, lower case; prefixes in CIDR notation. */
public record Topology(
    List<Network> networks,
    List<Subnet> subnets,
    List<Port> ports,
    List<SecurityGroup> securityGroups,
    List<Router> routers,
    List<FloatingIp> floatingIps) {

  /** How a network reaches the outside: type {@code flat} or {@code vlan}. */
  public record Provider(String type, String physicalNetwork, OptionalInt segmentationId) {}

  public record Network(
      UUID id, String name, int mtu, boolean external, Optional<Provider> provider) {}

  /**
   * @param metadataAddress address of the network's metadata port on this subnet, for DHCP option
   *     121
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
      Optional<String> metadataAddress) {}

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
      Optional<String> host) {}

  public record FixedIp(UUID subnetId, String address) {}

  /** {@code address} may be a prefix. */
  public record AddressPair(String address, String macAddress) {}

  public record SecurityGroup(UUID id, List<Rule> rules) {}

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

  /** A router's leg: {@code addresses} with prefix length, such as {@code 10.0.0.1/24}. */
  public record RouterPort(
      UUID portId, UUID networkId, String macAddress, List<String> addresses) {}

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
