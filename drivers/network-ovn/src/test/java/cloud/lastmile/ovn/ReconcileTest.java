package cloud.lastmile.ovn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.network.backend.Change;
import cloud.lastmile.network.backend.Protocol;
import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.network.backend.Topology.FloatingIp;
import cloud.lastmile.network.backend.Topology.Network;
import cloud.lastmile.network.backend.Topology.Port;
import cloud.lastmile.network.backend.Topology.Router;
import cloud.lastmile.network.backend.Topology.RouterPort;
import cloud.lastmile.network.backend.Topology.Rule;
import cloud.lastmile.network.backend.Topology.SecurityGroup;
import cloud.lastmile.network.backend.Topology.Subnet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The database is brought to a desired state from wherever it is. */
class ReconcileTest {
  private final Network network = Samples.network("net");
  private final Subnet subnet = Samples.subnet(network, "10.4.1");
  private final SecurityGroup group = Samples.group(Samples.egress(), Samples.ingress("tcp", 22));
  private final Port port = Samples.port(subnet, "10.4.1.10", group);
  private final Topology desired =
      new Topology(
          List.of(network), List.of(subnet), List.of(port), List.of(group), List.of(), List.of());
  @AutoClose private final OvnFixture ovn = new OvnFixture();
  private final OvnBackend backend = ovn.network().backend();

  @Test
  void mendsWhateverIsWrong() throws Exception {
    backend.reconcile(desired);
    String right = dump();
    backend.reconcile(desired);
    assertThat(dump()).as("nothing to do").isEqualTo(right);

    String name = port.id().toString();
    String groupName = "pg_" + group.id().toString().replace('-', '_');
    ovn.tool("ovn-nbctl", "lsp-set-addresses", name, "unknown");
    ovn.tool("ovn-nbctl", "clear", "Port_Group", groupName, "ports");
    ovn.tool("ovn-nbctl", "acl-del", groupName);
    ovn.tool("ovn-nbctl", "dhcp-options-del", subnet.id().toString());
    ovn.tool("ovn-nbctl", "clear", "Port_Group", "neutron_pg_drop", "ports");
    backend.reconcile(desired);
    assertThat(dump()).isEqualTo(right);

    ovn.tool("ovn-nbctl", "ls-del", "neutron-" + network.id());
    backend.reconcile(desired);
    assertThat(dump()).isEqualTo(right);
  }

  @Test
  void removesStraysButNothingOfOthers() throws Exception {
    Network stray = Samples.network("stray");
    Topology more =
        new Topology(
            List.of(network, stray),
            List.of(subnet),
            List.of(port),
            List.of(group),
            List.of(),
            List.of());
    backend.reconcile(more);
    ovn.tool("ovn-nbctl", "ls-add", "operators-own", "--", "lsp-add", "operators-own", "its-port");
    backend.reconcile(desired);

    assertThat(ovn.tool("ovn-nbctl", "ls-list"))
        .contains("operators-own")
        .contains(network.id().toString())
        .doesNotContain(stray.id().toString());
    assertThat(ovn.tool("ovn-nbctl", "lsp-list", "operators-own")).contains("its-port");
  }

  @Test
  void leavesAloneWhatIsNewerThanTheDesiredState() throws Exception {
    backend.reconcile(desired);
    Port fresh = Samples.port(subnet, "10.4.1.11", group);
    backend.apply(Samples.changes(fresh));
    backend.apply(List.of(new Change.DeletePort(port.id())));
    backend.reconcile(desired);
    assertThat(ovn.tool("ovn-nbctl", "lsp-list", "neutron-" + network.id()))
        .contains(fresh.id().toString())
        .doesNotContain(port.id().toString());
  }

  @Test
  void oneBadItemOfEachKindKeepsNoneOfTheOthers() throws Exception {
    Network badNetwork =
        new Network(
            UUID.randomUUID(),
            "bad",
            1500,
            true,
            Optional.of(new Topology.Provider("vlan", "public", OptionalInt.of(70_000))));
    Subnet badSubnet =
        new Subnet(
            UUID.randomUUID(),
            network.id(),
            4,
            "nowhere",
            Optional.empty(),
            true,
            1442,
            List.of(),
            List.of(),
            Optional.empty());
    SecurityGroup badGroup = Samples.group(Samples.ingress("no-such-protocol"));
    Port badPort = Samples.port(Samples.subnet(Samples.network("gone"), "10.4.9"), "10.4.9.9");
    RouterPort leg =
        new RouterPort(
            UUID.randomUUID(), network.id(), "fa:16:3e:00:00:09", List.of("10.4.1.1/24"));
    Router badRouter =
        new Router(UUID.randomUUID(), "bad", true, List.of(leg, leg), Optional.empty(), List.of());
    FloatingIp badFloating =
        new FloatingIp(
            UUID.randomUUID(),
            UUID.randomUUID(),
            "172.24.4.9",
            "fa:16:3e:00:00:08",
            "10.4.1.10",
            port.id());
    Router router =
        new Router(UUID.randomUUID(), "good", true, List.of(), Optional.empty(), List.of());
    Map<UUID, String> refused =
        backend.reconcile(
            new Topology(
                List.of(badNetwork, network),
                List.of(badSubnet, subnet),
                List.of(badPort, port),
                List.of(badGroup, group),
                List.of(badRouter, router),
                List.of(badFloating)));
    assertThat(refused.keySet())
        .containsExactlyInAnyOrder(
            badNetwork.id(),
            badSubnet.id(),
            badGroup.id(),
            badPort.id(),
            badRouter.id(),
            badFloating.id());
    assertThat(ovn.tool("ovn-nbctl", "lsp-list", "neutron-" + network.id()))
        .contains(port.id().toString());
    assertThat(ovn.tool("ovn-nbctl", "lr-list")).contains(router.id().toString());
    assertThat(dump()).contains(subnet.id().toString(), group.id().toString());
  }

  @Test
  void whatNobodyCanSayAnythingOfIsLeftAsItIs() throws Exception {
    backend.reconcile(desired);
    String right = dump();
    Topology unknown =
        new Topology(
            List.of(network),
            List.of(subnet),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Set.of(port.id(), group.id()));
    assertThat(backend.reconcile(unknown)).isEmpty();
    assertThat(dump()).isEqualTo(right);
  }

  /**
   * A match that OVN does not understand is no error of the database, but a rule without effect.
   */
  @Test
  void everyProtocolThatIsAcceptedIsUnderstood() throws Exception {
    List<Rule> rules = new ArrayList<>();
    List<String> words = new ArrayList<>(Protocol.allNames());
    for (int number = 0; number <= 255; number++) {
      words.add(Integer.toString(number));
    }
    for (String word : words) {
      boolean version6Only = Protocol.find(word).orElseThrow().version6Only();
      rules.add(Samples.rule("ingress", "IPv6", Optional.of(word)));
      if (!version6Only) {
        rules.add(Samples.rule("egress", "IPv4", Optional.of(word)));
      }
    }
    SecurityGroup all = Samples.group(rules.toArray(Rule[]::new));
    Port guest = Samples.port(subnet, "10.4.1.20", all);
    backend.apply(Samples.changes(network, subnet, all, guest));
    try (FakeGuest plugged = new FakeGuest(ovn, guest)) {
      plugged.dhcp();
      ovn.tool("ovn-nbctl", "--wait=hv", "sync");
    }
    try (Stream<Path> files = Files.walk(ovn.config().directory())) {
      for (Path log : files.filter(file -> file.toString().endsWith(".log")).toList()) {
        assertThat(Files.readString(log)).as(log.toString()).doesNotContain("error parsing");
      }
    }
  }

  @Test
  void whatHangsOnSomethingMissingIsRefused() {
    assertThatThrownBy(() -> backend.apply(Samples.changes(port)))
        .isInstanceOf(OvnException.class)
        .hasMessageContaining("incomplete")
        .hasMessageContaining(network.id().toString());
  }

  @Test
  void manyWritersAtOnceLoseNothing() throws Exception {
    backend.apply(Samples.changes(network, subnet, group));
    List<UUID> kept = new ArrayList<>();
    List<Future<?>> writers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        int writer = i;
        List<Port> own = new ArrayList<>();
        for (int j = 0; j < 20; j++) {
          own.add(Samples.port(subnet, "10.4.1." + (10 + writer * 20 + j), group));
        }
        own.subList(0, 10).forEach(p -> kept.add(p.id()));
        writers.add(
            threads.submit(() -> {
              for (Port p : own) {
                backend.apply(List.of(new Change.PutPort(p), new Change.PutPort(p)));
              }
              for (Port p : own.subList(10, 20)) {
                backend.apply(List.of(new Change.DeletePort(p.id())));
              }
              return null;
            }));
      }
    }
    for (Future<?> writer : writers) {
      writer.get();
    }
    assertThat(ovn.tool("ovn-nbctl", "lsp-list", "neutron-" + network.id()).lines())
        .hasSize(80)
        .allMatch(line -> kept.stream().anyMatch(id -> line.contains(id.toString())));
  }

  private String dump() throws Exception {
    StringBuilder all = new StringBuilder();
    for (String table :
        List.of("Logical_Switch", "Logical_Switch_Port", "DHCP_Options", "Port_Group", "ACL")) {
      all.append(
          ovn.tool("ovn-nbctl", "--format=csv", "--data=bare", "list", table)
              .lines()
              .map(ReconcileTest::sorted)
              .sorted()
              .toList());
    }
    return all.toString();
  }

  /** Sets are printed in no particular order. */
  private static String sorted(String line) {
    return List.of(line.split("[ ,\"]+", -1)).stream().sorted().toList().toString();
  }
}
