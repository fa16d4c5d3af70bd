package cloud.lastmile.ovn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.platform.core.CommandException;
import cloud.lastmile.platform.core.Commands;
import cloud.lastmile.platform.core.NetworkNamespace;
import cloud.lastmile.testing.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network card leads from a bridge to machines that are not of the cloud. */
class PhysicalNetworkTest {
  @TempDir private Path data;
  private String cloud;
  private String outside;

  @BeforeEach
  void makeCard() throws Exception {
    cloud = "lmt" + UUID.randomUUID().toString().substring(0, 8);
    outside = cloud + "o";
    run("ip", "netns", "add", cloud);
    run("ip", "netns", "add", outside);
    run(
        "ip", "link", "add", "card0", "netns", cloud, "type", "veth", "peer", "name", "eth0",
        "netns", outside);
    run("ip", "-n", outside, "address", "add", "172.24.4.200/24", "dev", "eth0");
    run("ip", "-n", outside, "link", "set", "eth0", "up");
  }

  @AfterEach
  void removeNamespace() throws Exception {
    run("ip", "netns", "delete", outside);
  }

  @Test
  void aCardInTheBridgeReachesOtherMachines() throws Exception {
    PhysicalNetwork physical =
        new PhysicalNetwork("public", "br-ex", List.of("172.24.4.1/24"), Optional.of("card0"));
    OvnNetwork network =
        OvnNetwork.start(
            OvnConfig.singleHost(data, NetworkNamespace.own(cloud), List.of(physical)));
    try {
      Await.until("the bridge's address from outside", this::bridgeAnswers);
      network.daemons().processes().get("ovs-vswitchd").destroyForcibly();
      Await.until("it again", this::bridgeAnswers);
    } finally {
      network.stop();
    }
  }

  private boolean bridgeAnswers() {
    try {
      run("ip", "netns", "exec", outside, "busybox", "ping", "-c", "1", "-W", "1", "172.24.4.1");
      return true;
    } catch (CommandException e) {
      return false;
    }
  }

  @Test
  void namesThatCannotBeAreRefused() throws Exception {
    run("ip", "netns", "delete", cloud);
    assertThatThrownBy(
            () -> new PhysicalNetwork("public", "a-bridge-too-far", List.of(), Optional.empty()))
        .hasMessageContaining("bridge");
    assertThatThrownBy(() -> new PhysicalNetwork("pub lic", "br-ex", List.of(), Optional.empty()))
        .hasMessageContaining("physical network");
    Path deep = Path.of("/" + "d".repeat(70));
    assertThatThrownBy(() -> OvnConfig.singleHost(deep, NetworkNamespace.current(), List.of()))
        .hasMessageContaining("too long");
    assertThat(OvnConfig.singleHost(data, NetworkNamespace.current(), List.of()).directory())
        .isEqualTo(data.resolve("ovn"));
  }

  private static void run(String... command) throws CommandException {
    Commands.run(List.of(command), Duration.ofSeconds(20));
  }
}
