package cloud.lastmile.ovn;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.backend.Change;
import cloud.lastmile.network.backend.Topology.AddressPair;
import cloud.lastmile.network.backend.Topology.FixedIp;
import cloud.lastmile.network.backend.Topology.Network;
import cloud.lastmile.network.backend.Topology.Port;
import cloud.lastmile.network.backend.Topology.PortKind;
import cloud.lastmile.network.backend.Topology.Rule;
import cloud.lastmile.network.backend.Topology.SecurityGroup;
import cloud.lastmile.network.backend.Topology.Subnet;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.testing.Await;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What guests on one network see: addresses, each other, and no more than they are allowed. */
class SwitchingTest {
  @AutoClose private static final OvnFixture ovn = new OvnFixture();
  private static final OvnBackend backend = ovn.network().backend();

  @Test
  void dhcpHandsOutAddressRoutesAndMtu() throws Exception {
    Network network = Samples.network("dhcp");
    Subnet subnet = Samples.subnet(network, "10.1.1");
    SecurityGroup group = Samples.group();
    Port port = Samples.port(subnet, "10.1.1.10", group);
    apply(network, subnet, group, port);

    try (FakeGuest guest = new FakeGuest(ovn, port)) {
      assertThat(guest.dhcp())
          .contains(
              "ip=10.1.1.10",
              "mask=24",
              "mtu=1442",
              "dns=192.0.2.53",
              "lease=43200",
              "serverid=10.1.1.1",
              "staticroutes=169.254.169.254/32 10.1.1.2 0.0.0.0/0 10.1.1.1");
    }
  }

  @Test
  void turningDhcpOnReachesPortsThatExist() throws Exception {
    Network network = Samples.network("later");
    Subnet subnet = Samples.subnet(network, "10.1.2");
    Subnet silent =
        new Subnet(
            subnet.id(),
            network.id(),
            4,
            subnet.cidr(),
            subnet.gateway(),
            false,
            1442,
            List.of(),
            List.of(),
            Optional.empty());
    SecurityGroup group = Samples.group();
    Port port = Samples.port(subnet, "10.1.2.10", group);
    apply(network, silent, group, port);
    assertThat(
            ovn.tool(
                    "ovn-nbctl",
                    "get",
                    "Logical_Switch_Port",
                    port.id().toString(),
                    "dhcpv4_options")
                .strip())
        .isEqualTo("[]");

    backend.apply(List.of(new Change.PutSubnet(subnet)));
    try (FakeGuest guest = new FakeGuest(ovn, port)) {
      assertThat(guest.dhcp()).contains("ip=10.1.2.10");
    }
  }

  @Test
  void securityGroupsDropAllThatNoRuleAllows() throws Exception {
    Network network = Samples.network("groups");
    Subnet subnet = Samples.subnet(network, "10.1.3");
    SecurityGroup web = Samples.group(Samples.egress(), Samples.ingress("tcp", 80));
    SecurityGroup friends = Samples.group(Samples.egress());
    SecurityGroup ping =
        Samples.group(Samples.ingress("icmp", OptionalInt.empty(), Optional.of(friends.id())));
    Port server = Samples.port(subnet, "10.1.3.10", web, ping);
    Port friend = Samples.port(subnet, "10.1.3.11", friends);
    Port stranger = Samples.port(subnet, "10.1.3.12", web);
    apply(network, subnet, web, friends, ping, server, friend, stranger);

    try (FakeGuest serving = new FakeGuest(ovn, server);
        FakeGuest befriended = new FakeGuest(ovn, friend);
        FakeGuest strange = new FakeGuest(ovn, stranger)) {
      serving.address("10.1.3.10/24");
      befriended.address("10.1.3.11/24");
      strange.address("10.1.3.12/24");
      serving.serve(80, "eighty");
      serving.serve(81, "eighty-one");
      Await.until("the web server", () -> strange.fetch("http://10.1.3.10/").equals("eighty"));
      assertThat(strange.fetch("http://10.1.3.10:81/")).as("no rule for the port").isEmpty();
      Await.until("the remote group's member", () -> befriended.reaches("10.1.3.10"));
      assertThat(strange.reaches("10.1.3.10")).as("not of the remote group").isFalse();
      assertThat(serving.reaches("10.1.3.11")).as("the friend allows nobody").isFalse();

      SecurityGroup open =
          new SecurityGroup(ping.id(), List.of(Samples.ingress("icmp"), Samples.egress()));
      backend.apply(List.of(new Change.PutSecurityGroup(open)));
      Await.until("the changed rule", () -> strange.reaches("10.1.3.10"));
      backend.apply(List.of(new Change.PutSecurityGroup(ping)));
      Await.until("the rule to be gone", () -> !strange.reaches("10.1.3.10"));
    }
  }

  @Test
  void portsOfSctpAreHeeded() throws Exception {
    Network network = Samples.network("sctp");
    Subnet subnet = Samples.subnet(network, "10.1.8");
    SecurityGroup open = Samples.group(Samples.ingress("sctp", 5001), Samples.ingress("icmp"));
    SecurityGroup sending = Samples.group(Samples.egress());
    Port server = Samples.port(subnet, "10.1.8.10", open);
    Port client = Samples.port(subnet, "10.1.8.11", sending);
    apply(network, subnet, open, sending, server, client);
    try (FakeGuest serving = new FakeGuest(ovn, server);
        FakeGuest asking = new FakeGuest(ovn, client)) {
      serving.address("10.1.8.10/24");
      asking.address("10.1.8.11/24");
      Await.until("the neighbour", () -> asking.reaches("10.1.8.10"));
      try (RawProtocol heard = new RawProtocol(serving, 132)) {
        assertThat(heard.hears(asking, "10.1.8.10", 5001)).containsExactly("5001");
        // What came before makes no connection that packets to other ports pass by.
        assertThat(heard.hears(asking, "10.1.8.10", 5002, 5000, 5002, 5001))
            .containsExactly("5001");
      }
    }
  }

  @Test
  void onlyOwnAndAllowedAddressesMaySpeak() throws Exception {
    Network network = Samples.network("pairs");
    Subnet subnet = Samples.subnet(network, "10.1.4");
    SecurityGroup group = Samples.group(Samples.egress(), Samples.ingress("icmp"));
    Port first = Samples.port(subnet, "10.1.4.10", group);
    Port second = Samples.port(subnet, "10.1.4.11", group);
    apply(network, subnet, group, first, second);

    try (FakeGuest speaker = new FakeGuest(ovn, first);
        FakeGuest listener = new FakeGuest(ovn, second)) {
      speaker.address("10.1.4.10/24");
      speaker.address("10.1.4.77/24");
      listener.address("10.1.4.11/24");
      Await.until("the own address", () -> speaker.reaches("10.1.4.11"));
      assertThat(speaks(speaker, "10.1.4.77", "10.1.4.11")).isFalse();

      Port paired = with(first, true, new AddressPair("10.1.4.77", first.macAddress()));
      backend.apply(List.of(new Change.PutPort(paired)));
      Await.until("the pair", () -> speaks(speaker, "10.1.4.77", "10.1.4.11"));
      backend.apply(List.of(new Change.PutPort(first)));
      Await.until("the pair to be gone", () -> !speaks(speaker, "10.1.4.77", "10.1.4.11"));
    }
  }

  @Test
  void whoHasNoAddressSpeaksFromNone() throws Exception {
    Network network = Samples.network("addressless");
    Subnet subnet = Samples.subnet(network, "10.1.7");
    SecurityGroup group =
        Samples.group(
            Samples.egress(),
            Samples.rule("egress", "IPv6", Optional.empty()),
            Samples.rule("ingress", "IPv6", Optional.empty()),
            Samples.ingress("icmp"));
    Port victim = Samples.port(subnet, "10.1.7.10", group);
    Port listener =
        withAddresses(Samples.port(subnet, "10.1.7.11", group), subnet, "10.1.7.11", "fd00:17::11");
    Port bare = withAddresses(Samples.port(subnet, "10.1.7.12", group), subnet);
    apply(network, subnet, group, victim, listener, bare);

    try (FakeGuest attacker = new FakeGuest(ovn, bare);
        FakeGuest other = new FakeGuest(ovn, listener)) {
      other.address("10.1.7.11/24");
      other.run("ip", "address", "add", "fd00:17::11/64", "dev", "eth0", "nodad");
      attacker.address("10.1.7.10/24");
      attacker.address("10.1.7.77/24");
      attacker.run("ip", "address", "add", "fd00:17::12/64", "dev", "eth0", "nodad");
      // Once it has the address it speaks: what was refused before was no accident.
      Port addressed = withAddresses(bare, subnet, "10.1.7.77", "fd00:17::12");
      backend.apply(List.of(new Change.PutPort(addressed)));
      Await.until("the own address", () -> speaks(attacker, "10.1.7.77", "10.1.7.11"));
      Await.until("version 6", () -> attacker.reaches("fd00:17::11"));
      assertThat(speaks(attacker, "10.1.7.10", "10.1.7.11")).as("the victim's").isFalse();

      backend.apply(List.of(new Change.PutPort(bare)));
      Await.until("silence", () -> !speaks(attacker, "10.1.7.77", "10.1.7.11"));
      Await.until("silence in version 6", () -> !attacker.reaches("fd00:17::11"));
      assertThat(speaks(attacker, "10.1.7.10", "10.1.7.11")).as("the victim's").isFalse();
    }
  }

  private static Port withAddresses(Port port, Subnet subnet, String... addresses) {
    return new Port(
        port.id(),
        port.networkId(),
        port.kind(),
        port.macAddress(),
        Stream.of(addresses).map(address -> new FixedIp(subnet.id(), address)).toList(),
        true,
        true,
        List.of(),
        port.securityGroups(),
        "device",
        Optional.empty());
  }

  @Test
  void withoutPortSecurityAnythingGoes() throws Exception {
    Network network = Samples.network("open");
    Subnet subnet = Samples.subnet(network, "10.1.5");
    Port first = Samples.port(subnet, "10.1.5.10", PortKind.VIF, false);
    Port second = Samples.port(subnet, "10.1.5.11", PortKind.VIF, false);
    apply(network, subnet, first, second);

    try (FakeGuest speaker = new FakeGuest(ovn, first);
        FakeGuest listener = new FakeGuest(ovn, second)) {
      speaker.address("10.1.5.99/24");
      listener.address("10.1.5.11/24");
      Await.until("a foreign address", () -> speaker.reaches("10.1.5.11"));

      backend.apply(List.of(new Change.PutPort(with(second, true))));
      Await.until("security to be on", () -> !speaker.reaches("10.1.5.11"));
    }
  }

  @Test
  void aDisabledPortIsDeaf() throws Exception {
    Network network = Samples.network("disabled");
    Subnet subnet = Samples.subnet(network, "10.1.6");
    Port first = Samples.port(subnet, "10.1.6.10", PortKind.VIF, false);
    Port second = Samples.port(subnet, "10.1.6.11", PortKind.VIF, false);
    apply(network, subnet, first, second);
    try (FakeGuest speaker = new FakeGuest(ovn, first);
        FakeGuest listener = new FakeGuest(ovn, second)) {
      speaker.address("10.1.6.10/24");
      listener.address("10.1.6.11/24");
      Await.until("the neighbour", () -> speaker.reaches("10.1.6.11"));
      Port down =
          new Port(
              second.id(),
              second.networkId(),
              second.kind(),
              second.macAddress(),
              second.fixedIps(),
              false,
              false,
              List.of(),
              List.of(),
              "device",
              Optional.empty());
      backend.apply(List.of(new Change.PutPort(down)));
      Await.until("the port to be off", () -> !speaker.reaches("10.1.6.11"));
    }
  }

  @Test
  void ipv6NeighboursFindEachOtherAndRulesHold() throws Exception {
    Network network = Samples.network("six");
    Subnet subnet =
        new Subnet(
            UUID.randomUUID(),
            network.id(),
            6,
            "2001:db8:1::/64",
            Optional.empty(),
            false,
            1442,
            List.of(),
            List.of(),
            Optional.empty());
    Rule out = Samples.rule("egress", "IPv6", Optional.empty());
    SecurityGroup closed = new SecurityGroup(UUID.randomUUID(), List.of(out));
    SecurityGroup open =
        new SecurityGroup(
            UUID.randomUUID(),
            List.of(
                Samples.rule("egress", "IPv6", Optional.empty()),
                Samples.rule("ingress", "IPv6", Optional.of("ipv6-icmp"))));
    Port first = Samples.port(subnet, "2001:db8:1::a", closed);
    Port second = Samples.port(subnet, "2001:db8:1::b", open);
    apply(network, subnet, closed, open, first, second);

    try (FakeGuest shut = new FakeGuest(ovn, first);
        FakeGuest welcoming = new FakeGuest(ovn, second)) {
      shut.run("ip", "address", "add", "2001:db8:1::a/64", "dev", "eth0", "nodad");
      welcoming.run("ip", "address", "add", "2001:db8:1::b/64", "dev", "eth0", "nodad");
      Await.until("the neighbour", () -> shut.reaches("2001:db8:1::b"));
      assertThat(welcoming.reaches("2001:db8:1::a")).as("no rule lets it in").isFalse();
    }
  }

  private static boolean speaks(FakeGuest guest, String from, String to) {
    try {
      guest.run("busybox", "ping", "-c", "1", "-W", "1", "-I", from, to);
      return true;
    } catch (CommandException e) {
      return false;
    }
  }

  private static Port with(Port port, boolean security, AddressPair... pairs) {
    return new Port(
        port.id(),
        port.networkId(),
        port.kind(),
        port.macAddress(),
        port.fixedIps(),
        true,
        security,
        List.of(pairs),
        port.securityGroups(),
        "device",
        Optional.empty());
  }

  private static void apply(Object... resources) throws Exception {
    backend.apply(Samples.changes(resources));
  }
}
