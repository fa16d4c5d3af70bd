package cloud.lastmile.ovn;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.network.backend.Change;
import cloud.lastmile.network.backend.Topology.Network;
import cloud.lastmile.network.backend.Topology.Port;
import cloud.lastmile.network.backend.Topology.PortKind;
import cloud.lastmile.network.backend.Topology.SecurityGroup;
import cloud.lastmile.network.backend.Topology.Subnet;
import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Guests of two networks with the same addresses ask for metadata. */
class MetadataProxyTest {
  private static final String URL = "http://169.254.169.254/latest/meta-data/";
  private static final SecurityGroup GROUP = Samples.group(Samples.egress());

  private final Network red = Samples.network("red");
  private final Network blue = Samples.network("blue");
  private final Subnet redNet = Samples.subnet(red, "10.3.1");
  private final Subnet blueNet = Samples.subnet(blue, "10.3.1");
  private final Port redMetadata = Samples.port(redNet, "10.3.1.2", PortKind.METADATA, false);
  private final Port blueMetadata = Samples.port(blueNet, "10.3.1.2", PortKind.METADATA, false);
  private final Port redPort = Samples.port(redNet, "10.3.1.10", GROUP);
  private final Port bluePort = Samples.port(blueNet, "10.3.1.10", GROUP);
  private OvnFixture ovn;
  private OvnBackend backend;
  private HeaderEcho server;

  @BeforeEach
  void start() throws Exception {
    ovn = new OvnFixture();
    backend = ovn.network().backend();
    Path directory = ovn.config().metadataDirectory();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
        .as("no other user may speak for guests")
        .isEqualTo("rwx--x---");
    server = new HeaderEcho(directory.resolve("metadata.sock"));
    backend.apply(
        Samples.changes(
            red, blue, redNet, blueNet, GROUP, redMetadata, blueMetadata, redPort, bluePort));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    ovn.close();
  }

  @Test
  void eachNetworkIsToldFromTheOther() throws Exception {
    assertThat(ovn.network().metadataProxy().process()).as("no guest, no proxy").isEmpty();
    try (FakeGuest first = new FakeGuest(ovn, redPort);
        FakeGuest second = new FakeGuest(ovn, bluePort)) {
      first.dhcp();
      second.dhcp();
      Await.until("metadata of red", () -> first.fetch(URL).contains(line(red)));
      Await.until("metadata of blue", () -> second.fetch(URL).contains(line(blue)));
      assertThat(first.fetch(URL)).contains("x-forwarded-for: 10.3.1.10\n");
      assertThat(first.fetch(URL)).startsWith("GET /latest/meta-data/ ");

      String forged =
          first.fetch(
              URL,
              "--header",
              "X-Lastmile-Network-Id: " + blue.id(),
              "--header",
              "X-LASTMILE-NETWORK-ID: " + blue.id(),
              "--header",
              "X-Forwarded-For: 10.9.9.9");
      assertThat(forged).contains(line(red)).doesNotContain(blue.id().toString());
      assertThat(forged).contains("x-forwarded-for: 10.3.1.10\n").doesNotContain("10.9.9.9");
    }
  }

  @Test
  void whoHasNoAddressAsksAsNobody() throws Exception {
    Port bare =
        new Port(
            UUID.randomUUID(),
            red.id(),
            PortKind.VIF,
            "fa:16:3e:00:00:99",
            List.of(),
            true,
            true,
            List.of(),
            List.of(GROUP.id()),
            "device",
            Optional.empty());
    backend.apply(Samples.changes(bare));
    try (FakeGuest victim = new FakeGuest(ovn, redPort);
        FakeGuest attacker = new FakeGuest(ovn, bare)) {
      victim.dhcp();
      Await.until("metadata", () -> victim.fetch(URL).contains(line(red)));
      attacker.address("10.3.1.10/24");
      attacker.address("10.3.1.99/24");
      assertThat(fetchAs(attacker, "10.3.1.10")).isEmpty();
      assertThat(fetchAs(attacker, "10.3.1.99")).isEmpty();

      // Without port security, which only a network's owner may turn off, the same words are heard.
      backend.apply(List.of(new Change.PutPort(unguarded(bare))));
      Await.until(
          "an answer", () -> fetchAs(attacker, "10.3.1.99").contains("x-forwarded-for: 10.3.1.99"));
    }
  }

  private static String fetchAs(FakeGuest guest, String address) throws CommandException {
    guest.run(
        "ip",
        "route",
        "replace",
        "169.254.169.254",
        "via",
        "10.3.1.2",
        "dev",
        "eth0",
        "src",
        address);
    return guest.fetch(URL);
  }

  private static Port unguarded(Port port) {
    return new Port(
        port.id(),
        port.networkId(),
        port.kind(),
        port.macAddress(),
        List.of(),
        true,
        false,
        List.of(),
        List.of(),
        "device",
        Optional.empty());
  }

  @Test
  void comesBackWhenKilledAndOutlivesLastmile() throws Exception {
    try (FakeGuest guest = new FakeGuest(ovn, redPort)) {
      guest.dhcp();
      Await.until("metadata", () -> guest.fetch(URL).contains(line(red)));
      ProcessHandle proxy = ovn.network().metadataProxy().process().orElseThrow();
      assertThat(user(proxy)).as("not root").isEqualTo("haproxy");

      proxy.destroyForcibly();
      Await.until("metadata again", () -> guest.fetch(URL).contains(line(red)));
      ProcessHandle second = ovn.network().metadataProxy().process().orElseThrow();
      assertThat(second).isNotEqualTo(proxy);

      ovn.restartLastmile();
      assertThat(guest.fetch(URL)).contains(line(red));
      assertThat(ovn.network().metadataProxy().process()).contains(second);

      ovn.network().daemons().processes().get("ovs-vswitchd").destroyForcibly();
      Await.until("metadata after vswitchd", () -> guest.fetch(URL).contains(line(red)));
    }
  }

  @Test
  void followsSubnetsAndLeavesNothingBehind() throws Exception {
    try (FakeGuest guest = new FakeGuest(ovn, redPort)) {
      guest.dhcp();
      Await.until("metadata", () -> guest.fetch(URL).contains(line(red)));
      backend = ovn.network().backend();
      backend.apply(List.of(new Change.DeletePort(redMetadata.id())));
      Await.until("no metadata", () -> ovn.network().metadataProxy().process().isEmpty());
      assertThat(ovn.tool("ovs-vsctl", "list-ports", "br-int")).doesNotContain("mdo");
      assertThat(ovn.run("ip", "-brief", "link")).doesNotContain("mdo");

      backend.apply(Samples.changes(redMetadata));
      Await.until("metadata again", () -> guest.fetch(URL).contains(line(red)));
    }
    Await.until("the last guest gone", () -> ovn.network().metadataProxy().process().isEmpty());
  }

  private static String line(Network network) {
    return "x-lastmile-network-id: " + network.id() + "\n";
  }

  private static String user(ProcessHandle process) throws Exception {
    return Files.getOwner(Path.of("/proc/" + process.pid())).getName();
  }
}
