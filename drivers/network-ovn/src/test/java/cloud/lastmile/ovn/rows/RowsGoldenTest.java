package cloud.lastmile.ovn.rows;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.backend.DhcpOption;
import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.network.backend.Topology.AddressPair;
import cloud.lastmile.network.backend.Topology.FixedIp;
import cloud.lastmile.network.backend.Topology.FloatingIp;
import cloud.lastmile.network.backend.Topology.Gateway;
import cloud.lastmile.network.backend.Topology.Network;
import cloud.lastmile.network.backend.Topology.Port;
import cloud.lastmile.network.backend.Topology.PortKind;
import cloud.lastmile.network.backend.Topology.Route;
import cloud.lastmile.network.backend.Topology.Router;
import cloud.lastmile.network.backend.Topology.RouterPort;
import cloud.lastmile.network.backend.Topology.Rule;
import cloud.lastmile.network.backend.Topology.SecurityGroup;
import cloud.lastmile.network.backend.Topology.Subnet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * The rows of one example of everything, as text. {@code -Dgolden=write} writes what is computed
 * over what was expected; read the difference before it is committed.
 */
class RowsGoldenTest {
  private static final Network NETWORK =
      new Network(id(1), "private", 1442, false, Optional.empty());
  private static final Network PROVIDER =
      new Network(
          id(2),
          "public",
          1500,
          true,
          Optional.of(new Topology.Provider("vlan", "physnet1", OptionalInt.of(42))));

  @Test
  void networks() throws Exception {
    assertGolden("networks", NetworkRows.of(NETWORK), NetworkRows.of(PROVIDER));
  }

  @Test
  void subnets() throws Exception {
    assertGolden(
        "subnets",
        SubnetRows.of(subnet(11, "10.0.0.0/24", Optional.of("10.0.0.1"), true)),
        SubnetRows.of(subnet(12, "10.0.1.0/24", Optional.empty(), true)),
        SubnetRows.of(subnet(13, "10.0.2.0/24", Optional.of("10.0.2.1"), false)),
        SubnetRows.of(
            new Subnet(
                id(14),
                id(1),
                4,
                "10.0.3.0/24",
                Optional.empty(),
                true,
                1442,
                List.of(),
                List.of(),
                Optional.empty())),
        SubnetRows.of(
            new Subnet(
                id(15),
                id(1),
                6,
                "2001:db8::/64",
                Optional.of("2001:db8::1"),
                true,
                1442,
                List.of("2001:db8::53"),
                List.of(),
                Optional.empty())));
  }

  private static Subnet subnet(int number, String cidr, Optional<String> gateway, boolean dhcp) {
    return new Subnet(
        id(number),
        id(1),
        4,
        cidr,
        gateway,
        dhcp,
        1442,
        List.of("192.0.2.1", "192.0.2.2"),
        List.of(new Route("192.0.2.0/24", "10.0.0.9")),
        Optional.of("10.0.0.2"));
  }

  @Test
  void ports() throws Exception {
    List<AddressPair> pairs =
        List.of(
            new AddressPair("10.0.0.77", "fa:16:3e:00:00:01"),
            new AddressPair("10.0.9.0/24", "fa:16:3e:00:00:ff"));
    assertGolden(
        "ports",
        rows(port(21, PortKind.VIF, true, true, List.of())),
        rows(port(22, PortKind.VIF, true, true, pairs)),
        rows(port(23, PortKind.VIF, false, false, List.of())),
        rows(port(24, PortKind.METADATA, true, false, List.of())),
        rows(port(25, PortKind.ROUTER, true, false, List.of())),
        PortRows.of(
            new Port(
                id(26),
                id(2),
                PortKind.ROUTER,
                "fa:16:3e:00:00:02",
                List.of(new FixedIp(id(19), "172.24.4.9")),
                true,
                false,
                List.of(),
                List.of(),
                "",
                Optional.empty()),
            AROUND),
        PortRows.of(
            new Port(
                id(27),
                id(1),
                PortKind.VIF,
                "fa:16:3e:00:00:03",
                List.of(),
                true,
                true,
                List.of(),
                List.of(),
                "",
                Optional.empty()),
            AROUND));
  }

  private static final Map<String, String> OPTIONS =
      Map.of(
          "router",
          "10.0.0.1",
          "mtu",
          "1442",
          "classless_static_route",
          "{169.254.169.254/32,10.0.0.2, 0.0.0.0/0,10.0.0.1}");

  @Test
  void portsThatSayMoreOrStandForAnAddress() throws Exception {
    Port plain = port(28, PortKind.VIF, true, true, List.of());
    assertGolden(
        "ports-special",
        rows(
            told(
                plain,
                "bootfile-name",
                "pxe",
                "router",
                "10.0.0.9",
                "121",
                "192.0.2.0/24,10.0.0.8",
                "ntp-server",
                "192.0.2.1,192.0.2.2",
                "ip-forward-enable",
                "true")),
        rows(told(plain, "router", "", "mtu", "1400")),
        rows(told(plain, "dhcp_disabled", "true", "mtu", "1400")),
        rows(
            plain.withVirtualIp(
                Optional.of(new Topology.VirtualIp("10.0.0.5", List.of(id(22), id(21)))))));
  }

  private static Port told(Port port, String... namesAndValues) {
    List<DhcpOption> options = new ArrayList<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      options.add(DhcpOption.read(4, namesAndValues[i], namesAndValues[i + 1]).orElseThrow());
    }
    return port.withDhcpOptions(options);
  }

  private static final Surroundings AROUND =
      new Surroundings() {
        @Override
        public Optional<SubnetFacts> subnet(UUID subnet) {
          return subnet.equals(id(11))
              ? Optional.of(new SubnetFacts("10.0.0.0/24", 4, true, OPTIONS))
              : Optional.of(new SubnetFacts("2001:db8::/64", 6, false, Map.of()));
        }

        @Override
        public boolean external(UUID network) {
          return network.equals(id(2));
        }
      };

  private static List<DesiredRow> rows(Port port) {
    return PortRows.of(port, AROUND);
  }

  private static Port port(
      int number, PortKind kind, boolean up, boolean security, List<AddressPair> pairs) {
    return new Port(
        id(number),
        id(1),
        kind,
        "FA:16:3E:00:00:01",
        List.of(new FixedIp(id(11), "10.0.0.5"), new FixedIp(id(12), "2001:db8::5")),
        up,
        security,
        pairs,
        List.of(id(31), id(32)),
        "server-1",
        Optional.of("host-1"));
  }

  @Test
  void securityGroups() throws Exception {
    List<Rule> rules = new ArrayList<>();
    int number = 41;
    for (String direction : List.of("ingress", "egress")) {
      for (String type : List.of("IPv4", "IPv6")) {
        rules.add(rule(number++, direction, type, "", -1, -1));
      }
    }
    rules.add(rule(number++, "ingress", "IPv4", "tcp", 22, 22));
    rules.add(rule(number++, "ingress", "IPv4", "tcp", 8000, 8080));
    rules.add(rule(number++, "ingress", "IPv6", "udp", 53, 53));
    rules.add(rule(number++, "egress", "IPv4", "17", -1, -1));
    rules.add(rule(number++, "ingress", "IPv4", "sctp", 1, 65535));
    rules.add(rule(number++, "ingress", "IPv4", "icmp", -1, -1));
    rules.add(rule(number++, "ingress", "IPv4", "icmp", 8, 0));
    rules.add(rule(number++, "ingress", "IPv4", "icmp", 3, -1));
    rules.add(rule(number++, "ingress", "IPv6", "icmp", -1, -1));
    rules.add(rule(number++, "ingress", "IPv6", "ipv6-icmp", 128, -1));
    rules.add(rule(number++, "ingress", "IPv6", "icmpv6", -1, -1));
    rules.add(rule(number++, "ingress", "IPv4", "gre", -1, -1));
    rules.add(rule(number++, "ingress", "IPv4", "112", -1, -1));
    rules.add(remote(number++, "IPv4", Optional.of("192.0.2.0/24"), Optional.empty()));
    rules.add(remote(number++, "IPv4", Optional.empty(), Optional.of(id(32))));
    rules.add(remote(number++, "IPv6", Optional.empty(), Optional.of(id(31))));
    rules.add(rule(number++, "ingress", "IPv4", "ip", -1, -1));
    rules.add(rule(number++, "ingress", "IPv6", "hopopt", -1, -1));
    rules.add(remote(number++, "IPv4", Optional.of("192.0.2.77/24"), Optional.empty()));
    rules.add(rule(number++, "ingress", "IPv4", "dccp", -1, -1));
    // No rows: OVN could only let the protocol pass whole.
    rules.add(rule(number++, "ingress", "IPv4", "dccp", 5001, 5001));
    rules.add(rule(number, "ingress", "IPv4", "136", 1, 1024));
    assertGolden(
        "security-groups",
        SecurityGroupRows.of(new SecurityGroup(id(31), rules)),
        SecurityGroupRows.of(new SecurityGroup(id(32), false, List.of(rules.getFirst()))),
        SecurityGroupRows.dropGroup());
  }

  private static Rule rule(
      int number, String direction, String type, String protocol, int min, int max) {
    return new Rule(
        id(number),
        direction,
        type,
        protocol.isEmpty() ? Optional.empty() : Optional.of(protocol),
        min < 0 ? OptionalInt.empty() : OptionalInt.of(min),
        max < 0 ? OptionalInt.empty() : OptionalInt.of(max),
        Optional.empty(),
        Optional.empty());
  }

  private static Rule remote(
      int number, String type, Optional<String> prefix, Optional<UUID> group) {
    return new Rule(
        id(number),
        "ingress",
        type,
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        prefix,
        group);
  }

  @Test
  void routersAndFloatingIps() throws Exception {
    RouterPort leg =
        new RouterPort(
            id(71), id(1), "fa:16:3e:00:07:01", List.of("10.0.0.1/24", "2001:db8::1/64"));
    RouterPort outside =
        new RouterPort(id(72), id(2), "fa:16:3e:00:07:02", List.of("172.24.4.9/24"));
    Router router =
        new Router(
            id(70),
            "edge",
            true,
            List.of(leg),
            Optional.of(new Gateway(outside, List.of("172.24.4.1"), List.of("10.0.0.0/24"))),
            List.of(new Route("192.0.2.0/24", "10.0.0.9")));
    assertGolden(
        "routers",
        RouterRows.of(router),
        RouterRows.of(
            new Router(
                id(74),
                "six",
                true,
                List.of(
                    leg(75, 1442, "slaac"),
                    leg(76, 1300, "dhcpv6-stateful"),
                    leg(77, 1442, "dhcpv6-stateless")),
                Optional.of(new Gateway(outside, List.of("172.24.4.1"), List.of())),
                List.of())),
        RouterRows.of(new Router(id(73), "off", false, List.of(), Optional.empty(), List.of())),
        RouterRows.placement(id(72), List.of("host-1", "host-2")),
        FloatingIpRows.of(
            new FloatingIp(
                id(80), id(70), "172.24.4.60", "fa:16:3e:00:08:00", "10.0.0.5", id(21))));
  }

  private static RouterPort leg(int number, int mtu, String mode) {
    return new RouterPort(
        id(number),
        id(1),
        "fa:16:3e:00:07:" + number,
        List.of("2001:db8:" + number + "::1/64"),
        mtu,
        Optional.of(mode),
        Optional.of("2001:db8::53"));
  }

  private static UUID id(int number) {
    return new UUID(0x1111_2222_3333_4444L, 0x8000_0000_0000_0000L | number);
  }

  @SafeVarargs
  private static void assertGolden(String name, List<DesiredRow>... resources) throws IOException {
    StringBuilder text = new StringBuilder();
    for (List<DesiredRow> rows : resources) {
      rows.forEach(row -> text.append(text(row)));
      text.append('\n');
    }
    Path file =
        Path.of(
            System.getProperty("lastmile.root"),
            "drivers/network-ovn/src/test/resources/cloud/lastmile/ovn/rows/" + name + ".txt");
    if (System.getProperty("golden", "").equals("write")) {
      Files.writeString(file, text);
    }
    assertThat(text.toString()).isEqualTo(Files.readString(file, StandardCharsets.UTF_8));
  }

  private static String text(DesiredRow row) {
    StringBuilder text = new StringBuilder(row.table() + " " + row.id() + "\n");
    row.columns().forEach((column, value) -> text.append("  " + column + " " + text(value) + "\n"));
    row.parents()
        .forEach(p -> text.append("  in " + p.table() + "." + p.column() + " " + p.id() + "\n"));
    return text.toString();
  }

  private static String text(Object value) {
    return switch (value) {
      case Map<?, ?> map -> new TreeMap<>(map).toString();
      case Collection<?> set -> set.stream().map(Object::toString).sorted().toList().toString();
      case Optional<?> optional -> optional.map(Object::toString).orElse("-");
      default -> value.toString();
    };
  }
}
