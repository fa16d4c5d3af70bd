package cloud.lastmile.app;

import cloud.lastmile.agent.Host;
import cloud.lastmile.agent.simulated.SimulatedHost;
import cloud.lastmile.compute.ComputeConfig;
import cloud.lastmile.network.api.NetworkConfig;
import cloud.lastmile.ovn.OvnConfig;
import cloud.lastmile.ovn.OvnNetwork;
import cloud.lastmile.ovn.PhysicalNetwork;
import cloud.lastmile.ovn.ovsdb.OvsdbRemote;
import cloud.lastmile.platform.config.ConfigFile;
import cloud.lastmile.qemu.GuestUsers;
import cloud.lastmile.qemu.QemuConfig;
import cloud.lastmile.qemu.QemuHost;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** What a cloud's configuration means for the engines below it. */
final class Engines {
  /**
   * Above every user that people, services or containers have, and above those from 1,900,000,000
   * on that earlier versions gave away without a registry.
   */
  private static final int FIRST_GUEST_UID = 1_910_000_000;

  private static final int GUESTS_PER_HOST = 10_000;

  /** One for all clouds of the machine, which survives its reboots as the guests' disks do. */
  private static final Path USERS = Path.of("/var/lib/lastmile/users");

  private static final Duration POWERDOWN_GRACE = Duration.ofSeconds(60);
  private static final int TCG_BUFFER_MIB = 64;
  private static final Duration ENGINE_WAIT = Duration.ofSeconds(10);
  private static final int SIMULATED_VCPUS = 4096;
  private static final int SIMULATED_MEMORY_MIB = 16 << 20;
  private static final int SIMULATED_DISK_GIB = 1 << 20;

  private Engines() {}

  static OvnConfig ovn(CloudConfig config, DataDirectory data) {
    CloudConfig.External external = config.network().external();
    String prefix = external.cidr().substring(external.cidr().indexOf('/'));
    PhysicalNetwork physical =
        new PhysicalNetwork(
            external.name(),
            "br-ex",
            List.of(external.gateway() + prefix),
            Optional.ofNullable(external.device()));
    OvnConfig own = OvnConfig.singleHost(data.root(), config.namespace(data), List.of(physical));
    CloudConfig.OvnRemotes remotes = config.network().ovn();
    if (remotes == null) {
      return own;
    }
    return own.with(
        new OvnConfig.Daemons.OfHost(
            OvsdbRemote.parse(remotes.northbound()),
            OvsdbRemote.parse(remotes.southbound()),
            OvsdbRemote.parse(remotes.ovs())));
  }

  static NetworkConfig network(CloudConfig config) {
    CloudConfig.External external = config.network().external();
    return new NetworkConfig(
        config.network().mtu(),
        List.of(external.name()),
        ENGINE_WAIT,
        Optional.of(
            new NetworkConfig.External(
                external.name(),
                "flat",
                external.name(),
                Optional.empty(),
                external.cidr(),
                external.gateway(),
                Optional.of(new NetworkConfig.Range(external.poolStart(), external.poolEnd())))));
  }

  static ComputeConfig compute(CloudConfig config, DataDirectory data) {
    ComputeConfig usual = ComputeConfig.in(data.root());
    return new ComputeConfig(
        usual.hostAddress(),
        config.hypervisor().cpuAllocationRatio(),
        usual.memoryAllocationRatio(),
        usual.diskAllocationRatio(),
        usual.reservedMemoryMib(),
        config.hypervisor().driver().equals("simulated") ? Duration.ZERO : usual.portTimeout(),
        usual.reconcileInterval(),
        data.metadata().resolve("metadata.sock"),
        usual.snapshotDirectory());
  }

  static QemuConfig qemu(CloudConfig config, DataDirectory data, OvnConfig.Datapath datapath) {
    return new QemuConfig(
        data.guests(),
        hostname(config),
        config.namespace(data),
        guestUsers(),
        QemuConfig.Accelerator.valueOf(config.hypervisor().accelerator().toUpperCase(Locale.ROOT)),
        datapath == OvnConfig.Datapath.KERNEL,
        POWERDOWN_GRACE,
        TCG_BUFFER_MIB,
        config.hypervisor().imageCache().limits());
  }

  private static GuestUsers guestUsers() {
    return new GuestUsers(USERS, FIRST_GUEST_UID, GUESTS_PER_HOST);
  }

  /** As large as a rack, so that only the database and the API are measured. */
  static Host simulatedHost(CloudConfig config, DataDirectory data) throws IOException {
    return SimulatedHost.persistent(
        SimulatedHost.facts(
            hostname(config), SIMULATED_VCPUS, SIMULATED_MEMORY_MIB, SIMULATED_DISK_GIB),
        data.guests());
  }

  static String hostname(CloudConfig config) {
    try {
      return Objects.requireNonNullElse(
          config.hypervisor().hostname(), InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException nameless) {
      return "localhost";
    }
  }

  /** Ends the guests and OVN of a cloud that does not run. */
  static void stopAll(DataDirectory data) throws Exception {
    CloudConfig config =
        ConfigFile.load(data.configFile(), CloudConfig.class)
            .overriddenBy(null, null, false, data.lastOvn().orElse(null));
    QemuHost.powerOff(data.guests(), guestUsers());
    OvnNetwork.stopAll(ovn(config, data));
  }
}
