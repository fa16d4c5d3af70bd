package cloud.lastmile.compute.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.api.PortInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** How a guest is told that it comes by its addresses. */
final class NetworkDataTest {

  private static PortInfo.FixedIp address(int version, boolean dhcp, Optional<String> mode) {
    return new PortInfo.FixedIp(
        UUID.randomUUID(),
        version == 4 ? "10.0.0.5" : "2001:db8::5",
        version,
        version == 4 ? "10.0.0.0/24" : "2001:db8::/64",
        Optional.of(version == 4 ? "10.0.0.1" : "2001:db8::1"),
        dhcp,
        List.of("2001:db8::53"),
        List.of(),
        List.of(),
        mode);
  }

  private static List<JsonNode> networks(PortInfo.FixedIp... addresses) {
    PortInfo port =
        new PortInfo(
            UUID.randomUUID(),
            UUID.randomUUID(),
            "net",
            "project",
            "server",
            "fa:16:3e:00:00:01",
            1442,
            true,
            true,
            List.of(addresses),
            List.of());
    GuestMetadata guest =
        new GuestMetadata(
            UUID.randomUUID(),
            "project",
            "name",
            "name",
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            "nova",
            0,
            "r-1",
            "flavor",
            Optional.empty(),
            List.of(port),
            Map.of(),
            "",
            Optional.empty());
    List<JsonNode> networks = new ArrayList<>();
    NetworkData.of(guest).path("networks").forEach(networks::add);
    return networks;
  }

  @Test
  void eachModeHasItsTypeAndSaysWhatItComesTo() {
    for (String mode : List.of("slaac", "dhcpv6-stateful", "dhcpv6-stateless")) {
      JsonNode network = networks(address(6, true, Optional.of(mode))).getFirst();
      assertThat(network.path("type").asString()).isEqualTo("ipv6_" + mode);
      assertThat(network.path("ip_address").asString()).isEqualTo("2001:db8::5");
      assertThat(network.path("netmask").asString()).isEqualTo("ffff:ffff:ffff:ffff::");
      assertThat(network.at("/routes/0/gateway").asString()).isEqualTo("2001:db8::1");
      assertThat(network.at("/services/0/address").asString()).isEqualTo("2001:db8::53");
    }
  }

  /** No router says anything there, so that it must be in the file. */
  @Test
  void withoutAModeTheAddressIsFixed() {
    for (boolean dhcp : new boolean[] {true, false}) {
      JsonNode network = networks(address(6, dhcp, Optional.empty())).getFirst();
      assertThat(network.path("type").asString()).isEqualTo("ipv6");
      assertThat(network.at("/routes/0/gateway").asString()).isEqualTo("2001:db8::1");
    }
  }

  @Test
  void version4IsByDhcpOrFixed() {
    assertThat(networks(address(4, true, Optional.empty())).getFirst().path("type").asString())
        .isEqualTo("ipv4_dhcp");
    assertThat(networks(address(4, false, Optional.empty())).getFirst().path("type").asString())
        .isEqualTo("ipv4");
  }
}
