package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.network.api.Networks;
import cloud.lastmile.network.api.PortInfo;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What compute asks in process, and what survives an engine that is away. */
final class NetworksApiTest {
  @AutoClose private static final TestingNetwork net = new TestingNetwork();

  @Test
  void portOfAServerIsMadeOnceAndToldWhenUp() throws Exception {
    TestingHttp member = net.member("compute");
    UUID network = UUID.fromString(net.network(member));
    net.subnet(member, network.toString(), "10.0.0.0/24");
    Networks networks = net.service.networks();
    BlockingQueue<PortInfo> told = new LinkedBlockingQueue<>();
    networks.onPortChange(told::add);
    Networks.PortRequest request = request("compute", network, "server-1");
    PortInfo made = networks.createPort(request, "req-1");
    assertThat(networks.createPort(request, "req-1").fixedIps()).isEqualTo(made.fixedIps());
    assertThat(made.fixedIps().getFirst().cidr()).isEqualTo("10.0.0.0/24");
    assertThat(made.fixedIps().getFirst().gateway()).contains("10.0.0.1");
    assertThat(made.securityGroupNames()).containsExactly("default");
    PortInfo up = told.take();
    while (!up.up()) {
      up = told.take();
    }
    assertThat(up.id()).isEqualTo(made.id());
    String address = made.fixedIps().getFirst().address();
    assertThat(networks.portAt(network, address).orElseThrow().deviceId()).isEqualTo("server-1");
    assertThat(networks.ports(List.of(made.id(), UUID.randomUUID()))).hasSize(1);
    networks.deletePort(made.id(), "server-2");
    assertThat(networks.ports(List.of(made.id()))).hasSize(1);
    networks.deletePort(made.id(), "server-1");
    networks.deletePort(made.id(), "server-1");
    assertThat(networks.ports(List.of(made.id()))).isEmpty();
    assertThat(net.backend.ports).doesNotContainKey(made.id());
  }

  @Test
  void portOfAUserIsBoundToOneServer() {
    TestingHttp member = net.member("bind");
    UUID port = UUID.fromString(net.port(member, net.network(member)));
    Networks networks = net.service.networks();
    PortInfo bound = networks.bindPort(port, device("server-2", "bind"));
    assertThat(bound.deviceId()).isEqualTo("server-2");
    networks.bindPort(port, device("server-2", "bind"));
    assertThatThrownBy(() -> networks.bindPort(port, device("server-2", "other")))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("not usable");
    assertThatThrownBy(() -> networks.bindPort(port, device("server-3", "bind")))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("already has an attached device server-2");
    assertThat(networks.portsHeldBy("compute:"))
        .contains(new Networks.HeldPort(port, "server-2", "bind"));
    networks.unbindPort(port, "server-3");
    assertThat(networks.ports(List.of(port)).getFirst().deviceId()).isEqualTo("server-2");
    networks.unbindPort(port, "server-2");
    assertThat(networks.portsHeldBy("compute:"))
        .doesNotContain(new Networks.HeldPort(port, "server-2", "bind"));
    assertThat(member.get("/ports/" + port).json().at("/port/device_id").asString()).isEmpty();
  }

  @Test
  void usableNetworksAreOwnAndSharedOnes() {
    TestingHttp member = net.member("usable");
    String own = net.network(member);
    net.network(net.member("stranger"));
    assertThat(net.service.networks().usableNetworks(caller("usable")))
        .extracting(info -> info.id().toString())
        .containsExactly(own);
    assertThat(net.service.networks().securityGroup(caller("usable"), "default")).isPresent();
    assertThat(net.service.networks().securityGroup(caller("usable"), "none")).isEmpty();
  }

  @Test
  void engineThatWasAwayCatchesUp() {
    TestingHttp member = net.member("away");
    UUID network;
    net.backend.away.set(true);
    try {
      network = UUID.fromString(net.network(member));
      member.get("/networks/" + network).expect(200);
      assertThat(net.backend.networks).doesNotContainKey(network);
    } finally {
      net.backend.away.set(false);
    }
    Await.until("the engine has the network", () -> net.backend.networks.containsKey(network));
  }

  private static Caller caller(String project) {
    return new Caller(
        "user",
        "user",
        "default",
        new Scope.Project(project, project, "default", "Default"),
        Set.of("member", "reader"));
  }

  private static Networks.Device device(String server, String project) {
    return new Networks.Device(server, project, "compute:nova", "host", "name");
  }

  private static Networks.PortRequest request(String project, UUID network, String server) {
    return new Networks.PortRequest(
        UUID.randomUUID(),
        project,
        network,
        Optional.empty(),
        List.of(),
        server,
        "compute:nova",
        "host-1",
        "server");
  }
}
