package cloud.lastmile.network;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.api.Networks;
import cloud.lastmile.network.backend.Topology.VirtualIp;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** A reserved address and those that may speak for it, whichever of them changes. */
final class VirtualPortsTest {
  @AutoClose private static final TestingNetwork net = new TestingNetwork();

  private final String project = UUID.randomUUID().toString();
  private final TestingHttp member = net.member(project);
  private final String network = net.network(member);
  private final String subnet = net.subnet(member, network, "10.0.0.0/24");

  private String port(String json) {
    return TestingNetwork.post(
        member,
        "/ports",
        "{\"port\": {\"network_id\": \"%s\"%s}}".formatted(network, json),
        "/port/id");
  }

  private String reserved(String address) {
    return port(", \"fixed_ips\": [{\"ip_address\": \"" + address + "\"}]");
  }

  private static String pairs(String address) {
    return "\"allowed_address_pairs\": [{\"ip_address\": \"" + address + "\"}]";
  }

  private void update(String port, String json) {
    member.put("/ports/" + port, "{\"port\": {" + json + "}}").expect(200);
  }

  private static void assertParents(String port, String... parents) {
    Optional<VirtualIp> told = net.backend.ports.get(UUID.fromString(port)).virtualIp();
    assertThat(told.map(VirtualIp::parents).orElse(List.of()))
        .containsExactlyInAnyOrderElementsOf(
            List.of(parents).stream().map(UUID::fromString).toList());
  }

  @Test
  void itFollowsThePairsOfOthers() {
    String vip = reserved("10.0.0.100");
    assertParents(vip);
    String first = port(", " + pairs("10.0.0.100"));
    assertParents(vip, first);
    String second = port("");
    update(second, pairs("10.0.0.96/29"));
    assertParents(vip, first, second);
    assertThat(net.backend.ports.get(UUID.fromString(vip)).virtualIp().orElseThrow().address())
        .isEqualTo("10.0.0.100");
    update(first, pairs("10.0.0.101"));
    assertParents(vip, second);
    member.delete("/ports/" + second).expect(204);
    assertParents(vip);
  }

  @Test
  void itFollowsItsOwnAddress() {
    String speaker = port(", " + pairs("10.0.0.100"));
    String vip = reserved("10.0.0.50");
    assertParents(vip);
    update(vip, "\"fixed_ips\": [{\"ip_address\": \"10.0.0.100\"}]");
    assertParents(vip, speaker);
    update(
        vip, "\"fixed_ips\": [{\"subnet_id\": \"" + subnet + "\", \"ip_address\": \"10.0.0.51\"}]");
    assertParents(vip);
  }

  @Test
  void withoutPortSecurityThereAreNoPairs() {
    String vip = reserved("10.0.0.100");
    String speaker = port(", " + pairs("10.0.0.100"));
    assertParents(vip, speaker);
    update(
        speaker,
        "\"security_groups\": [], \"allowed_address_pairs\": [], \"port_security_enabled\": false");
    assertParents(vip);
  }

  @Test
  void aGuestsAddressIsNotReserved() {
    String guest = port(", \"fixed_ips\": [{\"ip_address\": \"10.0.0.100\"}]");
    net.service
        .networks()
        .bindPort(
            UUID.fromString(guest),
            new Networks.Device(UUID.randomUUID().toString(), project, "compute:nova", "h", "g"));
    port(", " + pairs("10.0.0.100"));
    assertParents(guest);
  }

  /** Neither sees the other before both are there. */
  @Test
  void itIsFoundByThoseWhoComeAtTheSameTime() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 100; i < 130; i++) {
        String address = "10.0.0." + i;
        Future<String> vip = threads.submit(() -> reserved(address));
        Future<String> speaker = threads.submit(() -> port(", " + pairs(address)));
        UUID wanted = UUID.fromString(speaker.get());
        UUID reserved = UUID.fromString(vip.get());
        Await.until(
            "the other",
            () ->
                net.backend.ports.get(reserved).virtualIp().stream()
                    .anyMatch(told -> told.parents().contains(wanted)));
      }
    }
  }

  @Test
  void anotherNetworksPairsDoNotCount() {
    String vip = reserved("10.0.0.100");
    String other = net.network(member);
    net.subnet(member, other, "10.0.0.0/24");
    TestingNetwork.post(
        member,
        "/ports",
        "{\"port\": {\"network_id\": \"%s\", %s}}".formatted(other, pairs("10.0.0.100")),
        "/port/id");
    assertParents(vip);
  }

  @Test
  void version6AddressesAreVirtualToo() {
    net.subnet(member, network, "2001:db8::/64");
    String vip = reserved("2001:db8::100");
    String speaker = port(", " + pairs("2001:db8::100"));
    assertParents(vip, speaker);
  }
}
