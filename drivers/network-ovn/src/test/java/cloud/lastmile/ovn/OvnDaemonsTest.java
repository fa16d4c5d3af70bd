package cloud.lastmile.ovn;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.agent.Vif;
import cloud.lastmile.platform.core.Commands;
import cloud.lastmile.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OvnDaemonsTest {
  private static OvnFixture ovn;

  @BeforeAll
  static void start() {
    ovn = new OvnFixture();
  }

  @AfterAll
  static void stop() throws Exception {
    Map<String, ProcessHandle> processes = ovn.network().daemons().processes();
    String namespace = ovn.config().namespace().name().orElseThrow();
    ovn.close();
    assertThat(processes.values())
        .allSatisfy(process ->
            assertThat(Files.exists(Path.of("/proc/" + process.pid() + "/exe"))).isFalse());
    assertThat(Files.exists(Path.of("/run/netns", namespace))).isFalse();
    assertThat(Files.exists(ovn.config().directory())).isFalse();
  }

  @Test
  void allRunInAPrivateDirectoryAndServe() throws Exception {
    assertThat(ovn.network().daemons().processes())
        .containsOnlyKeys(
            "ovsdb-conf", "ovsdb-nb", "ovsdb-sb", "ovs-vswitchd", "ovn-northd", "ovn-controller");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(ovn.config().directory())))
        .isEqualTo("rwx------");
    assertThat(ovn.run("ip", "-brief", "address", "show", "br-ex")).contains("172.24.4.1/24");
    assertThat(ovn.run("ip", "-brief", "link", "show", "lo")).contains("UP");
  }

  @Test
  void aRestartOfLastmileFindsThemAgain() {
    Map<String, ProcessHandle> before = ovn.network().daemons().processes();
    ovn.restartLastmile();
    assertThat(ovn.network().daemons().processes()).isEqualTo(before);
    assertThat(ovn.network().daemons().restarts().values()).containsOnly(0);
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
  void aKilledOneIsStartedAgain(String name) throws Exception {
    ProcessHandle before = ovn.network().daemons().processes().get(name);
    int restarts = ovn.network().daemons().restarts().get(name);

    before.destroyForcibly();
    Await.until(
        name + " to be started again",
        () -> ovn.network().daemons().restarts().get(name) > restarts);

    assertThat(ovn.network().daemons().processes().get(name)).isNotEqualTo(before);
    ovn.tool("ovn-nbctl", "--timeout=20", "--wait=hv", "sync");
    assertThat(ovn.run("ip", "-brief", "address", "show", "br-ex")).contains("172.24.4.1/24");
  }

  @Test
  void anotherProcessWithTheSamePidIsNotTakenForADaemon() throws Exception {
    Path pidFile = ovn.config().directory().resolve("ovn-northd.pid");
    String pid = Files.readString(pidFile);
    try {
      Files.writeString(pidFile, Long.toString(ProcessHandle.current().pid()));
      assertThat(ovn.network().daemons().processes()).doesNotContainKey("ovn-northd");
    } finally {
      Files.writeString(pidFile, pid);
    }
  }

  @Test
  void tapsArePluggedAndUnpluggedAnyNumberOfTimes() throws Exception {
    OvsVifDriver vifs = ovn.network().vifDriver();
    Vif vif = new Vif(UUID.randomUUID(), "fa:16:3e:00:00:01", 1442);
    String tap = vif.tapName();

    vifs.plug(vif, 65534, 1);
    vifs.plug(vif, 65534, 1);
    assertThat(vifs.plugged()).contains(tap);
    assertThat(ovn.run("ip", "link", "show", tap)).contains("mtu 1442").contains(",UP");
    assertThat(ovn.tool("ovs-vsctl", "get", "Interface", tap, "external_ids:iface-id"))
        .contains(vif.portId().toString());
    assertThat(owner(tap)).isEqualTo("65534");

    vifs.plug(vif, 65533, 1);
    assertThat(owner(tap)).as("made anew for another user").isEqualTo("65533");

    vifs.unplug(tap);
    vifs.unplug(tap);
    assertThat(vifs.plugged()).doesNotContain(tap);
    assertThat(ovn.tool("ovs-vsctl", "list-ports", "br-int")).doesNotContain(tap);
  }

  @Test
  void tapsOutsideOfTheSwitchAreSeenToo() throws Exception {
    OvsVifDriver vifs = ovn.network().vifDriver();
    Vif vif = new Vif(UUID.randomUUID(), "fa:16:3e:00:00:02", 1500);
    vifs.plug(vif, 0, 1);
    ovn.network().ovs().deletePort(vif.tapName());
    assertThat(vifs.plugged()).contains(vif.tapName());

    vifs.plug(vif, 0, 1);
    ovn.network().links().delete(vif.tapName());
    assertThat(vifs.plugged()).contains(vif.tapName());
    vifs.unplug(vif.tapName());
    assertThat(vifs.plugged()).doesNotContain(vif.tapName());
  }

  private static String owner(String tap) throws Exception {
    return Commands.run(
            ovn.config().namespace().wrap(List.of("cat", "/sys/class/net/" + tap + "/owner")),
            Duration.ofSeconds(10))
        .strip();
  }

  @Test
  void daemonsOfTheHostAreUsedButNeitherStartedNorEnded() throws Exception {
    Map<String, ProcessHandle> hosts = ovn.network().daemons().processes();
    Path data = Files.createTempDirectory("lmovn");
    OvnConfig own = ovn.config();
    OvnConfig guestOfHost =
        new OvnConfig(
            data.resolve("ovn"),
            own.namespace(),
            new OvnConfig.Daemons.OfHost(
                ovn.network().daemons().northbound(),
                ovn.network().daemons().southbound(),
                ovn.network().daemons().ovs()),
            own.systemId(),
            own.encapsulationIp(),
            own.integrationBridge(),
            Optional.empty(),
            own.physicalNetworks(),
            data.resolve("metadata"));
    OvnNetwork second = OvnNetwork.start(guestOfHost);
    Vif vif = new Vif(UUID.randomUUID(), "fa:16:3e:00:00:03", 1500);
    second.vifDriver().plug(vif, 0, 1);
    assertThat(second.vifDriver().plugged()).containsExactly(vif.tapName());
    assertThat(ovn.network().vifDriver().plugged()).doesNotContain(vif.tapName());
    assertThat(second.daemons().processes()).isEmpty();

    second.stop();
    assertThat(ovn.network().daemons().processes()).isEqualTo(hosts);
    assertThat(ovn.tool("ovs-vsctl", "list-ports", "br-int")).doesNotContain(vif.tapName());
    assertThat(ovn.run("ip", "-brief", "link")).doesNotContain(vif.tapName()).contains("br-ex");
    Files.delete(data.resolve("ovn"));
    Files.delete(data.resolve("metadata"));
    Files.delete(data);
  }
}
