package cloud.lastmile.ovn;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.backend.Change;
import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.network.backend.Topology.FloatingIp;
import cloud.lastmile.network.backend.Topology.Gateway;
import cloud.lastmile.network.backend.Topology.Network;
import cloud.lastmile.network.backend.Topology.Port;
import cloud.lastmile.network.backend.Topology.PortKind;
import cloud.lastmile.network.backend.Topology.Router;
import cloud.lastmile.network.backend.Topology.RouterPort;
import cloud.lastmile.network.backend.Topology.SecurityGroup;
import cloud.lastmile.network.backend.Topology.Subnet;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.testing.Await;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two networks, a router with a gateway to the outside, a floating IP; and all of it again. */
class RoutingTest {
  private static OvnFixture ovn;
  private static OvnBackend backend;
  private static final Network LEFT = Samples.network("left");
  private static final Network RIGHT = Samples.network("right");
  private static final Network PUBLIC =
      new Network(
          UUID.randomUUID(),
          "public",
          1500,
          true,
          Optional.of(new Topology.Provider("flat", "public", OptionalInt.empty())));
  private static final Subnet LEFT_NET = Samples.subnet(LEFT, "10.2.1");
  private static final Subnet RIGHT_NET = Samples.subnet(RIGHT, "10.2.2");
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
  private static final Port LEFT_PORT = Samples.port(LEFT_NET, "10.2.1.10", GROUP);
  private static final Port RIGHT_PORT = Samples.port(RIGHT_NET, "10.2.2.10", GROUP);
  private static final Port LEFT_LEG = leg(LEFT_NET, "10.2.1.1");
  private static final Port RIGHT_LEG = leg(RIGHT_NET, "10.2.2.1");
  private static final Port GATEWAY = leg(PUBLIC_NET, "172.24.4.50");
  private static final Router ROUTER =
      new Router(
          UUID.randomUUID(),
          "router",
          true,
          List.of(routerPort(LEFT_LEG, "/24"), routerPort(RIGHT_LEG, "/24")),
          Optional.of(
              new Gateway(
                  routerPort(GATEWAY, "/24"),
                  List.of("172.24.4.1"),
                  List.of("10.2.1.0/24", "10.2.2.0/24"))),
          List.of());
  private static final FloatingIp FLOATING =
      new FloatingIp(
          UUID.randomUUID(),
          ROUTER.id(),
          "172.24.4.60",
          "fa:16:3e:aa:bb:cc",
          "10.2.1.10",
          LEFT_PORT.id());
  private static final BlockingQueue<String> HEARD = new LinkedBlockingQueue<>();
  private static FakeGuest left;
  private static FakeGuest right;

  @BeforeAll
  static void start() throws Exception {
    ovn = new OvnFixture();
    backend = ovn.network().backend();
    backend.onPortStatus((port, up) -> HEARD.add(port + " " + up));
    backend.apply(
        Samples.changes(
            LEFT,
            RIGHT,
            PUBLIC,
            LEFT_NET,
            RIGHT_NET,
            PUBLIC_NET,
            GROUP,
            LEFT_PORT,
            RIGHT_PORT,
            LEFT_LEG,
            RIGHT_LEG,
            GATEWAY,
            ROUTER,
            FLOATING));
    left = new FakeGuest(ovn, LEFT_PORT);
    right = new FakeGuest(ovn, RIGHT_PORT);
    left.dhcp();
    right.dhcp();
    left.serve(80, "left");
  }

  @AfterAll
  static void stop() throws Exception {
    left.close();
    right.close();
    ovn.close();
  }

  @Test
  void routesBetweenNetworks() throws Exception {
    Await.until("the other network", () -> right.reaches("10.2.1.10"));
    Await.until("its web server", () -> right.fetch("http://10.2.1.10/").equals("left"));
  }

  @Test
  void theFloatingIpLeadsInAndOut() throws Exception {
    Await.until("the floating IP", () -> fetchFromOutside("http://172.24.4.60/").equals("left"));
    Await.until("the outside", () -> left.reaches("172.24.4.1"));

    backend.apply(List.of(new Change.DeleteFloatingIp(FLOATING.id())));
    Await.until(
        "the floating IP to be gone", () -> fetchFromOutside("http://172.24.4.60/").isEmpty());
    backend.apply(List.of(new Change.PutFloatingIp(FLOATING)));
    Await.until("it to be back", () -> fetchFromOutside("http://172.24.4.60/").equals("left"));
  }

  @Test
  void guestsWithoutOneReachOutsideByTranslation() throws Exception {
    Await.until("the outside", () -> right.reaches("172.24.4.1"));
    assertThat(ovn.tool("ovn-nbctl", "lr-nat-list", "neutron-" + ROUTER.id()))
        .contains("snat")
        .contains("10.2.2.0/24")
        .contains("172.24.4.50");

    Router plain =
        new Router(
            ROUTER.id(),
            "router",
            true,
            ROUTER.interfaces(),
            Optional.of(
                new Gateway(
                    ROUTER.gateway().orElseThrow().port(), List.of("172.24.4.1"), List.of())),
            List.of());
    backend.apply(List.of(new Change.PutRouter(plain)));
    Await.until("translation to be off", () -> !right.reaches("172.24.4.1"));
    backend.apply(List.of(new Change.PutRouter(ROUTER)));
    Await.until("translation to be on", () -> right.reaches("172.24.4.1"));
  }

  @Test
  void saysWhichPortsAreUp() throws Exception {
    Port port = Samples.port(LEFT_NET, "10.2.1.99", GROUP);
    backend.apply(Samples.changes(port));
    FakeGuest guest = new FakeGuest(ovn, port);
    awaitHeard(port.id() + " true");
    guest.close();
    awaitHeard(port.id() + " false");
    backend.apply(List.of(new Change.DeletePort(port.id())));
    backend.apply(List.of(new Change.DeletePort(port.id())));
    assertThat(ovn.tool("ovn-nbctl", "lsp-list", "neutron-" + LEFT.id()))
        .doesNotContain(port.id().toString());

    BlockingQueue<String> late = new LinkedBlockingQueue<>();
    backend.onPortStatus((id, up) -> late.add(id + " " + up));
    assertThat(List.of(take(late), take(late)))
        .containsExactlyInAnyOrder(LEFT_PORT.id() + " true", RIGHT_PORT.id() + " true");
  }

  private static void awaitHeard(String wanted) throws Exception {
    while (!take(HEARD).equals(wanted)) {
      // Others are told of as well.
    }
  }

  private static String take(BlockingQueue<String> queue) throws Exception {
    String heard = queue.poll(30, TimeUnit.SECONDS);
    assertThat(heard).isNotNull();
    return heard;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ovsdb-conf",
        "ovsdb-nb",
        "ovsdb-sb",
        "ovs-vswitchd",
        "ovn-northd",
        "ovn-controller"
      })
  void trafficAndWritingComeBackAfterAKill(String daemon) throws Exception {
    Await.until("traffic before", () -> fetchFromOutside("http://172.24.4.60/").equals("left"));
    int restarts = ovn.network().daemons().restarts().get(daemon);
    ovn.network().daemons().processes().get(daemon).destroyForcibly();

    Network network = Samples.network("during");
    Subnet subnet = Samples.subnet(network, "10.2.9");
    backend.apply(Samples.changes(network, subnet, Samples.port(subnet, "10.2.9.9", GROUP)));

    Await.until("the restart", () -> ovn.network().daemons().restarts().get(daemon) > restarts);
    Await.until("traffic after", () -> fetchFromOutside("http://172.24.4.60/").equals("left"));
    Await.until("the router", () -> right.reaches("10.2.1.10"));
    assertThat(ovn.tool("ovn-nbctl", "show", "neutron-" + network.id())).contains("10.2.9.9");
    backend.apply(List.of(new Change.DeleteNetwork(network.id())));
  }

  @Test
  void aRestartOfLastmileLeavesTrafficAlone() throws Exception {
    Await.until("traffic before", () -> fetchFromOutside("http://172.24.4.60/").equals("left"));
    ovn.network().close();
    assertThat(fetchFromOutside("http://172.24.4.60/")).isEqualTo("left");
    ovn.restartLastmile();
    backend = ovn.network().backend();
    backend.onPortStatus((port, up) -> HEARD.add(port + " " + up));
    assertThat(fetchFromOutside("http://172.24.4.60/")).isEqualTo("left");
  }

  private static String fetchFromOutside(String url) {
    try {
      return ovn.run("busybox", "timeout", "2", "busybox", "wget", "-q", "-O", "-", url);
    } catch (CommandException e) {
      return "";
    }
  }

  private static Port leg(Subnet subnet, String address) {
    return Samples.port(subnet, address, PortKind.ROUTER, false);
  }

  private static RouterPort routerPort(Port port, String prefix) {
    return new RouterPort(
        port.id(),
        port.networkId(),
        port.macAddress(),
        List.of(port.fixedIps().getFirst().address() + prefix));
  }
}
