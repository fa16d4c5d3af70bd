package cloud.lastmile.ovn;

import cloud.lastmile.network.backend.Change;
import cloud.lastmile.network.backend.Topology.FixedIp;
import cloud.lastmile.network.backend.Topology.FloatingIp;
import cloud.lastmile.network.backend.Topology.Network;
import cloud.lastmile.network.backend.Topology.Port;
import cloud.lastmile.network.backend.Topology.PortKind;
import cloud.lastmile.network.backend.Topology.Router;
import cloud.lastmile.network.backend.Topology.Rule;
import cloud.lastmile.network.backend.Topology.SecurityGroup;
import cloud.lastmile.network.backend.Topology.Subnet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.stream.Stream;

/** Desired resources for tests, with what matters here as parameters. */
final class Samples {
  private Samples() {}

  static Network network(String name) {
    return new Network(UUID.randomUUID(), name, 1442, false, Optional.empty());
  }

  /** {@code prefix} such as {@code 10.1.1}: gateway .1, metadata .2. */
  static Subnet subnet(Network network, String prefix) {
    return new Subnet(
        UUID.randomUUID(),
        network.id(),
        4,
        prefix + ".0/24",
        Optional.of(prefix + ".1"),
        true,
        network.mtu(),
        List.of("192.0.2.53"),
        List.of(),
        Optional.of(prefix + ".2"));
  }

  static Port port(Subnet subnet, String address, SecurityGroup... groups) {
    return port(subnet, address, PortKind.VIF, true, groups);
  }

  static Port port(
      Subnet subnet, String address, PortKind kind, boolean security, SecurityGroup... groups) {
    UUID id = UUID.randomUUID();
    return new Port(
        id,
        subnet.networkId(),
        kind,
        mac(id),
        List.of(new FixedIp(subnet.id(), address)),
        true,
        security,
        List.of(),
        List.of(groups).stream().map(SecurityGroup::id).toList(),
        "device",
        Optional.empty());
  }

  static String mac(UUID id) {
    String digits = id.toString();
    return "fa:16:3e:"
        + digits.substring(0, 2)
        + ":"
        + digits.substring(2, 4)
        + ":"
        + digits.substring(4, 6);
  }

  static SecurityGroup group(Rule... rules) {
    return new SecurityGroup(UUID.randomUUID(), List.of(rules));
  }

  static Rule egress() {
    return rule("egress", "IPv4", Optional.empty());
  }

  static Rule rule(String direction, String etherType, Optional<String> protocol) {
    return new Rule(
        UUID.randomUUID(),
        direction,
        etherType,
        protocol,
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty());
  }

  static Rule ingress(String protocol) {
    return ingress(protocol, OptionalInt.empty(), Optional.empty());
  }

  static Rule ingress(String protocol, int port) {
    return ingress(protocol, OptionalInt.of(port), Optional.empty());
  }

  static Rule ingress(String protocol, OptionalInt port, Optional<UUID> remoteGroup) {
    return new Rule(
        UUID.randomUUID(),
        "ingress",
        "IPv4",
        Optional.of(protocol),
        port,
        port,
        Optional.empty(),
        remoteGroup);
  }

  /** Puts each of the resources, in order. */
  static List<Change> changes(Object... resources) {
    return Stream.of(resources).map(Samples::change).toList();
  }

  private static Change change(Object resource) {
    return switch (resource) {
      case Network network -> new Change.PutNetwork(network);
      case Subnet subnet -> new Change.PutSubnet(subnet);
      case Port port -> new Change.PutPort(port);
      case SecurityGroup group -> new Change.PutSecurityGroup(group);
      case Router router -> new Change.PutRouter(router);
      case FloatingIp floatingIp -> new Change.PutFloatingIp(floatingIp);
      default -> throw new IllegalArgumentException(resource.toString());
    };
  }
}
