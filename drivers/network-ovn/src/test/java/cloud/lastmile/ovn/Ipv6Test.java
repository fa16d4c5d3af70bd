package cloud.lastmile.ovn;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.backend.Topology.FixedIp;
import cloud.lastmile.network.backend.Topology.Network;
import cloud.lastmile.network.backend.Topology.Port;
import cloud.lastmile.network.backend.Topology.PortKind;
import cloud.lastmile.network.backend.Topology.Router;
import cloud.lastmile.network.backend.Topology.RouterPort;
import cloud.lastmile.network.backend.Topology.SecurityGroup;
import cloud.lastmile.network.backend.Topology.Subnet;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.testing.Await;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Four networks of version 6 behind a router, one for each way to come by an address. */
class Ipv6Test {
  private static final String NAMESERVER = "2001:db8:53::53";

  /** Less than that of the device, to be seen where it is taken over. */
  private static final int MTU = 1400;

  private static final SecurityGroup GROUP =
      Samples.group(
          Samples.rule("egress", "IPv6", Optional.empty()),
          Samples.rule("ingress", "IPv6", Optional.of("ipv6-icmp")));
  private static final Map<String, Side> SIDES = new LinkedHashMap<>();
  private static OvnFixture ovn;

  /** A network with a guest on it. */
  private record Side(String prefix, Subnet subnet, Port port, FakeGuest guest) {
    String address() {
      return port.fixedIps().getFirst().address();
    }
  }

  @BeforeAll
  static void start() throws Exception {
    ovn = new OvnFixture();
    List<Object> resources = new ArrayList<>(List.of(GROUP));
    List<RouterPort> legs = new ArrayList<>();
    Map<String, Port> ports = new LinkedHashMap<>();
    Map<String, Subnet> subnets = new LinkedHashMap<>();
    int number = 1;
    for (String mode : List.of("slaac", "dhcpv6-stateful", "dhcpv6-stateless", "none")) {
      String prefix = "2001:db8:" + number++ + "::";
      Network network = new Network(UUID.randomUUID(), mode, MTU, false, Optional.empty());
      Optional<String> told = Optional.of(mode).filter(word -> !word.equals("none"));
      Subnet subnet = subnet(network, prefix, told);
      Port leg = Samples.port(subnet, prefix + "1", PortKind.ROUTER, false);
      Port guest = guest(subnet, mode.contains("sl") || mode.endsWith("less"));
      resources.addAll(List.of(network, subnet, leg, guest));
      legs.add(
          new RouterPort(
              leg.id(),
              network.id(),
              leg.macAddress(),
              List.of(prefix + "1/64"),
              MTU,
              told,
              Optional.of(NAMESERVER)));
      ports.put(mode, guest);
      subnets.put(mode, subnet);
    }
    resources.add(new Router(UUID.randomUUID(), "six", true, legs, Optional.empty(), List.of()));
    ovn.network().backend().apply(Samples.changes(resources.toArray()));
    for (String mode : ports.keySet()) {
      Subnet subnet = subnets.get(mode);
      String prefix = subnet.cidr().substring(0, subnet.cidr().indexOf('/'));
      Port port = ports.get(mode);
      SIDES.put(mode, new Side(prefix, subnet, port, new FakeGuest(ovn, port)));
    }
  }

  private static Subnet subnet(Network network, String prefix, Optional<String> mode) {
    return new Subnet(
        UUID.randomUUID(),
        network.id(),
        6,
        prefix + "/64",
        Optional.of(prefix + "1"),
        true,
        MTU,
        List.of(NAMESERVER),
        List.of(),
        Optional.empty(),
        mode);
  }

  /**
   * @param auto whether it has the address that it gives itself
   */
  private static Port guest(Subnet subnet, boolean auto) {
    Port any = Samples.port(subnet, "::", GROUP);
    Cidr cidr = Cidr.of(subnet.cidr());
    String address =
        auto ? cidr.slaac(any.macAddress()).toString() : cidr.first().plus(0xabc).toString();
    return new Port(
        any.id(),
        any.networkId(),
        any.kind(),
        any.macAddress(),
        List.of(new FixedIp(subnet.id(), address)),
        true,
        true,
        List.of(),
        any.securityGroups(),
        "device",
        Optional.empty());
  }

  @AfterAll
  static void stop() throws Exception {
    for (Side side : SIDES.values()) {
      side.guest().close();
    }
    ovn.close();
  }

  @Test
  void withSlaacAGuestGivesItselfTheAddressThatTheCloudKnows() throws Exception {
    autoconfigured(SIDES.get("slaac"));
  }

  @Test
  void withoutStateItDoesSoAndAsksForTheRest() throws Exception {
    Side side = SIDES.get("dhcpv6-stateless");
    autoconfigured(side);
    String told = side.guest().runClass(Dhcp6Client.class, "information");
    assertThat(told).contains("23=20010db8005300000000000000000053").doesNotContain("address");
  }

  @Test
  void withStateItAsksForItsAddress() throws Exception {
    Side side = SIDES.get("dhcpv6-stateful");
    FakeGuest guest = side.guest();
    awaitRoute(guest);
    assertThat(addresses(guest)).as("none of its own").doesNotContain("2001:db8");
    String told = guest.runClass(Dhcp6Client.class, "address");
    assertThat(told)
        .contains("address=2001:db8:2:0:0:0:0:abc")
        .contains("23=20010db8005300000000000000000053");
    guest.run("ip", "address", "add", side.address() + "/128", "dev", "eth0", "nodad");
    Await.until("the router", () -> guest.reaches(side.prefix() + "1"));
  }

  @Test
  void withoutAModeNothingIsSaid() throws Exception {
    Side side = SIDES.get("none");
    // Neighbours of the same age are told meanwhile.
    for (String mode : List.of("slaac", "dhcpv6-stateful", "dhcpv6-stateless")) {
      awaitRoute(SIDES.get(mode).guest());
    }
    side.guest().run("ip", "address", "add", side.address() + "/64", "dev", "eth0", "nodad");
    Await.until("the router", () -> side.guest().reaches(side.prefix() + "1"));
    assertThat(side.guest().run("ip", "-6", "route", "show", "default")).isBlank();
  }

  @Test
  void whatIsSaidDiffersAndNamesTheMtu() throws Exception {
    String flows = ovn.tool("ovn-sbctl", "lflow-list");
    for (String mode : List.of("slaac", "dhcpv6_stateful", "dhcpv6_stateless")) {
      assertThat(flows)
          .containsPattern(
              "put_nd_ra_opts\\(addr_mode = \"" + mode + "\".*mtu = " + MTU + ".*rdnss = ");
    }
  }

  private static void autoconfigured(Side side) throws Exception {
    FakeGuest guest = side.guest();
    awaitRoute(guest);
    Await.until("its address", () -> addresses(guest).contains(side.address() + "/64"));
    Await.until("the router", () -> guest.reaches(side.prefix() + "1"));
    assertThat(guest.run("cat", "/proc/sys/net/ipv6/conf/eth0/mtu").strip())
        .isEqualTo(Integer.toString(MTU));
  }

  /** A guest asks when its link is up, and again some times while nobody answers. */
  private static void awaitRoute(FakeGuest guest) throws Exception {
    Await.until(
        "a router to speak",
        () -> guest.run("ip", "-6", "route", "show", "default").contains("proto ra"));
  }

  private static String addresses(FakeGuest guest) {
    try {
      return guest.run("ip", "-6", "address", "show", "dev", "eth0", "scope", "global");
    } catch (CommandException e) {
      return "";
    }
  }
}
