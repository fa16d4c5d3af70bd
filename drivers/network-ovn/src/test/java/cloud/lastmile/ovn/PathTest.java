package cloud.lastmile.ovn;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.backend.Change;
import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.network.backend.Topology.AddressPair;
import cloud.lastmile.network.backend.Topology.FloatingIp;
import cloud.lastmile.network.backend.Topology.Gateway;
import cloud.lastmile.network.backend.Topology.Network;
import cloud.lastmile.network.backend.Topology.Port;
import cloud.lastmile.network.backend.Topology.PortKind;
import cloud.lastmile.network.backend.Topology.Router;
import cloud.lastmile.network.backend.Topology.RouterPort;
import cloud.lastmile.network.backend.Topology.SecurityGroup;
import cloud.lastmile.network.backend.Topology.Subnet;
import cloud.lastmile.network.backend.Topology.VirtualIp;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.testing.Await;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A router between the outside and two networks of different MTU; on the first of them two guests
 * that speak by turns for an address that a third port reserves.
 */
class PathTest {
  private static final Network INSIDE = Samples.network("inside");
  private static final Network NARROW =
      new Network(UUID.randomUUID(), "narrow", 1300, false, Optional.empty());
  private static final Network PUBLIC =
      new Network(
          UUID.randomUUID(),
          "public",
          1500,
          true,
          Optional.of(new Topology.Provider("flat", "public", OptionalInt.empty())));
  private static final Subnet INSIDE_NET = Samples.subnet(INSIDE, "10.8.1");
  private static final Subnet NARROW_NET = Samples.subnet(NARROW, "10.8.2");
  private static final Subnet PUBLIC_NET =
      new Subnet(
          UUID.randomUUID(),
          PUBLIC.id(),
          4,
          "172.24.4.0/24",
          Optional.of("172.24.4.1"),
          false,
          1500,
          List.of(),
          List.of(),
          Optional.empty());
  private static final SecurityGroup GROUP =
      Samples.group(Samples.egress(), Samples.ingress("icmp"), Samples.ingress("tcp", 80));
  private static final Port FIRST = speaker("10.8.1.11");
  private static final Port SECOND = speaker("10.8.1.12");
  private static final Port FAR = Samples.port(NARROW_NET, "10.8.2.10", GROUP);
  private static final Port RESERVED = Samples.port(INSIDE_NET, "10.8.1.100", GROUP);
  private static final Port VIRTUAL =
      RESERVED.withVirtualIp(
          Optional.of(new VirtualIp("10.8.1.100", List.of(FIRST.id(), SECOND.id()))));
  private static final Port INSIDE_LEG = leg(INSIDE_NET, "10.8.1.1");
  private static final Port NARROW_LEG = leg(NARROW_NET, "10.8.2.1");
  private static final Port GATEWAY = leg(PUBLIC_NET, "172.24.4.50");
  private static final Router ROUTER =
      new Router(
          UUID.randomUUID(),
          "router",
          true,
          List.of(routerPort(INSIDE_LEG, INSIDE), routerPort(NARROW_LEG, NARROW)),
          Optional.of(
              new Gateway(
                  routerPort(GATEWAY, PUBLIC),
                  List.of("172.24.4.1"),
                  List.of("10.8.1.0/24", "10.8.2.0/24"))),
          List.of());
  private static final FloatingIp TO_VIRTUAL =
      floating("172.24.4.70", "10.8.1.100", RESERVED, "fa:16:3e:aa:bb:70");
  private static final FloatingIp TO_FIRST =
      floating("172.24.4.71", "10.8.1.11", FIRST, "fa:16:3e:aa:bb:71");
  private static final FloatingIp TO_FAR =
      floating("172.24.4.72", "10.8.2.10", FAR, "fa:16:3e:aa:bb:72");

  private static OvnFixture ovn;
  private static OvnBackend backend;
  private static FakeGuest first;
  private static FakeGuest second;
  private static FakeGuest far;

  @BeforeAll
  static void start() throws Exception {
    ovn = new OvnFixture();
    backend = ovn.network().backend();
    backend.apply(
        Samples.changes(
            INSIDE,
            NARROW,
            PUBLIC,
            INSIDE_NET,
            NARROW_NET,
            PUBLIC_NET,
            GROUP,
            FIRST,
            SECOND,
            FAR,
            VIRTUAL,
            INSIDE_LEG,
            NARROW_LEG,
            GATEWAY,
            ROUTER,
            TO_VIRTUAL,
            TO_FIRST,
            TO_FAR));
    first = new FakeGuest(ovn, FIRST);
    second = new FakeGuest(ovn, SECOND);
    far = new FakeGuest(ovn, FAR);
    for (FakeGuest guest : List.of(first, second, far)) {
      guest.dhcp();
    }
    first.serve(80, "first");
    second.serve(80, "second");
    // What carries a guest's packets is no wider than its network.
    first.mtu(INSIDE.mtu());
    far.mtu(NARROW.mtu());
  }

  @AfterAll
  static void stop() throws Exception {
    first.close();
    second.close();
    far.close();
    ovn.close();
  }

  @Test
  void aReservedAddressLeadsToWhoeverAnnouncesIt() throws Exception {
    takeOver(first);
    Await.until("the first, from outside", () -> fetch("172.24.4.70").equals("first"));
    Await.until("and from a neighbour", () -> far.fetch("http://10.8.1.100/").equals("first"));

    first.run("ip", "address", "del", "10.8.1.100/24", "dev", "eth0");
    takeOver(second);
    Await.until("the second, from outside", () -> fetch("172.24.4.70").equals("second"));
    Await.until("and from a neighbour", () -> far.fetch("http://10.8.1.100/").equals("second"));

    // A port that nobody speaks for any more is a port like others.
    backend.apply(List.of(new Change.PutPort(RESERVED)));
    Await.until("nobody", () -> fetch("172.24.4.70").isEmpty());
    assertThat(ovn.tool("ovn-nbctl", "lsp-get-type", RESERVED.id().toString())).isBlank();
    backend.apply(List.of(new Change.PutPort(VIRTUAL)));
    announce(second);
    Await.until("the second again", () -> fetch("172.24.4.70").equals("second"));
    second.run("ip", "address", "del", "10.8.1.100/24", "dev", "eth0");
  }

  private static void takeOver(FakeGuest guest) throws CommandException {
    guest.run("ip", "address", "add", "10.8.1.100/24", "dev", "eth0");
    announce(guest);
  }

  private static void announce(FakeGuest guest) throws CommandException {
    guest.run("busybox", "arping", "-U", "-c", "2", "-I", "eth0", "10.8.1.100");
  }

  @Test
  void fromOutsideTooLargePacketsAreAnsweredWithWhatPasses() throws Exception {
    Await.until("the guest", () -> reachesFromOutside("172.24.4.71", 1000));
    Await.until("what was learnt", () -> reachesFromOutside("172.24.4.71", 1500));
    assertThat(ovn.run("ip", "route", "get", "172.24.4.71")).contains("mtu 1300");
    Await.until("behind the narrow one", () -> reachesFromOutside("172.24.4.72", 1500));
  }

  /** The narrow network is no reason to take less from the others. */
  @Test
  void fromAGuestTheyAreToo() throws Exception {
    second.mtu(1500);
    Await.until("the outside", () -> second.reaches("172.24.4.1", 1000));
    Await.until("what was learnt", () -> second.reaches("172.24.4.1", 1500));
    assertThat(second.run("ip", "route", "get", "172.24.4.1")).contains("mtu 1442");
    Await.until("the narrow neighbour", () -> second.reaches("10.8.2.10", 1400));
    assertThat(second.run("ip", "route", "get", "10.8.2.10")).contains("mtu 1300");
  }

  private static boolean reachesFromOutside(String address, int bytes) {
    try {
      ovn.run("busybox", "ping", "-c", "1", "-W", "1", "-s", Integer.toString(bytes - 28), address);
      return true;
    } catch (CommandException e) {
      return false;
    }
  }

  private static String fetch(String address) {
    try {
      return ovn.run(
          "busybox", "timeout", "2", "busybox", "wget", "-q", "-O", "-", "http://" + address + "/");
    } catch (CommandException e) {
      return "";
    }
  }

  private static Port speaker(String address) {
    Port port = Samples.port(INSIDE_NET, address, GROUP);
    return new Port(
        port.id(),
        port.networkId(),
        port.kind(),
        port.macAddress(),
        port.fixedIps(),
        true,
        true,
        List.of(new AddressPair("10.8.1.100", port.macAddress())),
        port.securityGroups(),
        "device",
        Optional.empty());
  }

  private static FloatingIp floating(String address, String fixed, Port port, String mac) {
    return new FloatingIp(UUID.randomUUID(), ROUTER.id(), address, mac, fixed, port.id());
  }

  private static Port leg(Subnet subnet, String address) {
    return Samples.port(subnet, address, PortKind.ROUTER, false);
  }

  private static RouterPort routerPort(Port port, Network network) {
    return new RouterPort(
        port.id(),
        port.networkId(),
        port.macAddress(),
        List.of(port.fixedIps().getFirst().address() + "/24"),
        network.mtu(),
        Optional.empty(),
        Optional.empty());
  }
}
