package cloud.lastmile.ovn;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.backend.Change;
import cloud.lastmile.network.backend.DhcpOption;
import cloud.lastmile.network.backend.Topology.Network;
import cloud.lastmile.network.backend.Topology.Port;
import cloud.lastmile.network.backend.Topology.Route;
import cloud.lastmile.network.backend.Topology.Subnet;
import cloud.lastmile.testing.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What a port's own DHCP options come to be in a guest. */
class DhcpOptionsTest {
  @AutoClose private static final OvnFixture OVN = new OvnFixture();

  /** A value that the option of that kind can have. */
  private static final Map<DhcpOption.Kind, String> EXAMPLES =
      Map.ofEntries(
          Map.entry(DhcpOption.Kind.ADDRESSES, "192.0.2.77"),
          Map.entry(DhcpOption.Kind.ADDRESS, "192.0.2.77"),
          Map.entry(DhcpOption.Kind.ADDRESS_PAIRS, "192.0.2.0,255.255.255.0"),
          Map.entry(DhcpOption.Kind.NETMASK, "255.255.255.0"),
          Map.entry(DhcpOption.Kind.ROUTES, "198.51.100.0/24,10.7.1.9"),
          Map.entry(DhcpOption.Kind.TEXT, "some-text"),
          Map.entry(DhcpOption.Kind.DOMAINS, "example.test,example.org"),
          Map.entry(DhcpOption.Kind.BOOL, "1"),
          Map.entry(DhcpOption.Kind.BYTE, "77"),
          Map.entry(DhcpOption.Kind.SHORT, "1377"),
          Map.entry(DhcpOption.Kind.MTU, "1377"),
          Map.entry(DhcpOption.Kind.INTEGER, "7777"),
          Map.entry(DhcpOption.Kind.SECONDS, "7777"),
          Map.entry(DhcpOption.Kind.MAC, "fa:16:3e:01:02:03"));

  private final Network network = Samples.network("told");
  private final Subnet subnet = Samples.subnet(network, "10.7.1");
  private final OvnBackend backend = OVN.network().backend();

  @Test
  void aGuestIsToldThem() throws Exception {
    Port plain = Samples.port(subnet, "10.7.1.10");
    Port port =
        plain.withDhcpOptions(
            List.of(
                option("bootfile-name", "pxelinux.0"),
                option("tftp-server", "192.0.2.66"),
                option("server-ip-address", "192.0.2.67"),
                option("ntp-server", "192.0.2.42,192.0.2.43"),
                option("domain-name", "example.test"),
                option("mtu", "1377"),
                option("121", "198.51.100.0/24,10.7.1.9")));
    backend.apply(Samples.changes(network, subnet, port));
    try (FakeGuest guest = new FakeGuest(OVN, port)) {
      assertThat(lease(guest))
          .containsEntry("bootfile", "pxelinux.0")
          .containsEntry("tftp", "192.0.2.66")
          .containsEntry("siaddr", "192.0.2.67")
          .containsEntry("ntpsrv", "192.0.2.42 192.0.2.43")
          .containsEntry("domain", "example.test")
          .containsEntry("mtu", "1377")
          .containsEntry("ip", "10.7.1.10")
          .hasEntrySatisfying(
              "staticroutes",
              routes ->
                  assertThat(routes)
                      .contains("198.51.100.0/24 10.7.1.9")
                      .contains("169.254.169.254/32 10.7.1.2")
                      .contains("0.0.0.0/0 10.7.1.1"));

      backend.apply(List.of(new Change.PutPort(plain)));
      Await.until("them to be gone", () -> "1442".equals(lease(guest).get("mtu")));
      assertThat(lease(guest)).doesNotContainKeys("bootfile", "ntpsrv");

      backend.apply(
          List.of(
              new Change.PutPort(plain.withDhcpOptions(List.of(option("router", "10.7.1.254"))))));
      Await.until(
          "another router",
          () -> lease(guest).getOrDefault("staticroutes", "").contains("0.0.0.0/0 10.7.1.254"));
    }
  }

  /** Were one of them unknown to OVN, or another's kind, the guest would not be answered at all. */
  @Test
  void everyOptionThatIsAcceptedIsSent() throws Exception {
    List<DhcpOption> all = new ArrayList<>();
    for (String name : DhcpOption.names(4)) {
      boolean number = Character.isDigit(name.charAt(0));
      if (!number && !List.of("netmask", "router", "server-id").contains(name)) {
        all.add(anyOf(4, name));
      }
    }
    Port port = Samples.port(subnet, "10.7.1.20").withDhcpOptions(all);
    backend.apply(Samples.changes(network, subnet, port));
    try (FakeGuest guest = new FakeGuest(OVN, port)) {
      assertThat(lease(guest))
          .containsEntry("lease", "7777")
          .containsEntry("ipttl", "77")
          .containsEntry("pxepathprefix", "some-text")
          .containsEntry("lprsrv", "192.0.2.77")
          .containsEntry("search", "example.test example.org");
    }
    assertThat(OVN.tool("ovn-sbctl", "--bare", "--columns=name", "list", "DHCP_Options").lines())
        .containsAll(all.stream().map(DhcpOption::code).toList());
    assertThat(OVN.tool("ovn-sbctl", "--bare", "--columns=name", "list", "DHCPv6_Options").lines())
        .containsAll(
            DhcpOption.names(6).stream().map(name -> anyOf(6, name).code()).distinct().toList());
  }

  /** As much as the API lets through, and more, as when a subnet changes under another's port. */
  @Test
  void aLeaseIsNeverLost() throws Exception {
    List<Route> routes =
        IntStream.range(0, 20)
            .mapToObj(i -> new Route("198.51.100." + i + "/32", "10.7.1.9"))
            .toList();
    Subnet wide =
        new Subnet(
            subnet.id(),
            network.id(),
            4,
            subnet.cidr(),
            subnet.gateway(),
            true,
            1442,
            List.of("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"),
            routes,
            subnet.metadataAddress());
    DhcpOption fitting = option("bootfile-name", "x".repeat(25));
    DhcpOption tooMany =
        option(
            "121",
            IntStream.range(0, 13)
                .mapToObj(i -> "203.0.113." + i + "/32,10.7.1.9")
                .collect(Collectors.joining(",")));
    Port port = Samples.port(subnet, "10.7.1.30");
    backend.apply(Samples.changes(network, wide, port.withDhcpOptions(List.of(fitting))));
    try (FakeGuest guest = new FakeGuest(OVN, port)) {
      assertThat(lease(guest))
          .containsEntry("bootfile", fitting.values().getFirst())
          .hasEntrySatisfying(
              "staticroutes",
              all -> assertThat(all).contains("198.51.100.19/32", "0.0.0.0/0 10.7.1.1"));
      backend.apply(List.of(new Change.PutPort(port.withDhcpOptions(List.of(tooMany, fitting)))));
      Await.until("its own to be left out", () -> !lease(guest).containsKey("bootfile"));
      assertThat(lease(guest))
          .containsEntry("ip", "10.7.1.30")
          .hasEntrySatisfying(
              "staticroutes",
              all -> assertThat(all).contains("198.51.100.19/32").doesNotContain("203.0.113"));
    }
  }

  private static DhcpOption anyOf(int version, String name) {
    for (DhcpOption.Kind kind : DhcpOption.Kind.values()) {
      String example = EXAMPLES.get(kind);
      var read =
          DhcpOption.read(
              version,
              name,
              version == 6 && kind.name().startsWith("ADDRESS") ? "2001:db8::77" : example);
      if (read.isPresent() && read.get().kind() == kind) {
        return read.get();
      }
    }
    throw new AssertionError(name);
  }

  private static DhcpOption option(String name, String value) {
    return DhcpOption.read(4, name, value).orElseThrow();
  }

  private static Map<String, String> lease(FakeGuest guest) throws Exception {
    guest.run("ip", "address", "flush", "dev", "eth0", "scope", "global");
    Map<String, String> lease = new TreeMap<>();
    for (String line :
        guest.dhcp(
            "staticroutes",
            "mtu",
            "ntpsrv",
            "domain",
            "bootfile",
            "tftp",
            "lprsrv",
            "ipttl",
            "pxepathprefix",
            "search")) {
      int equals = line.indexOf('=');
      lease.put(line.substring(0, equals), line.substring(equals + 1));
    }
    return lease;
  }
}
