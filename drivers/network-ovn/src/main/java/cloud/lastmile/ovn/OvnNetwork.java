package cloud.lastmile.ovn;

import cloud.lastmile.ovn.daemon.OvnDaemons;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * OVN on this host, ready for use: the entry to this module.
 *
 * <p>{@link #close} leaves everything running, for guests outlive Lastmile; {@link #stop} ends it.
 */
public final class OvnNetwork implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final OvnConfig config;
  private final Links links;
  private final OvnDaemons daemons;
  private @Nullable OvsSwitch ovs;
  private @Nullable HostSwitch host;
  private @Nullable ChassisTable chassis;
  private volatile boolean started;

  private OvnNetwork(OvnConfig config) {
    this.config = config;
    this.links = new Links(config.namespace(), config.directory());
    this.daemons = new OvnDaemons(config, links, this::switchRestarted);
  }

  /**
   * Starts what does not run yet and returns when this host has joined the cloud's network.
   *
   * @throws OvnException if it cannot be started; what was started so far keeps running, and a
   *     later start finds it
   */
  public static OvnNetwork start(OvnConfig config) {
    OvnNetwork network = new OvnNetwork(config);
    try {
      network.start();
      return network;
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  private void start() {
    daemons.start(this::configureSwitch);
    requireHost().addressBridges();
    ChassisTable table = new ChassisTable(daemons.southbound(), () -> {});
    chassis = table;
    table.await(config.systemId(), TIMEOUT);
    started = true;
  }

  private void configureSwitch() {
    OvsSwitch connection = new OvsSwitch(daemons.ovs());
    ovs = connection;
    connection.awaitConnected(TIMEOUT);
    HostSwitch hostSwitch = new HostSwitch(config, connection, links);
    host = hostSwitch;
    hostSwitch.configure(daemons.southbound(), daemons.datapath());
  }

  /** The userspace datapath's bridges are made anew with vswitchd, without their addresses. */
  private void switchRestarted() {
    if (started) {
      requireHost().addressBridges();
    }
  }

  private HostSwitch requireHost() {
    if (host == null) {
      throw new IllegalStateException("not started");
    }
    return host;
  }

  /** This host's Open vSwitch. */
  public OvsSwitch ovs() {
    if (ovs == null) {
      throw new IllegalStateException("not started");
    }
    return ovs;
  }

  public OvnDaemons daemons() {
    return daemons;
  }

  public Links links() {
    return links;
  }

  /** What hypervisors use to connect guests. */
  public OvsVifDriver vifDriver() {
    return new OvsVifDriver(ovs(), links, config);
  }

  /** Ends the daemons and removes taps, bridges and the namespace. Guests lose their network. */
  public void stop() {
    closeConnections();
    daemons.stop();
    HostSwitch.removeDevices(config, links);
  }

  /** Ends whatever runs in a cloud's directory, also after a start that failed. */
  public static void stopAll(OvnConfig config) {
    OvnNetwork network = new OvnNetwork(config);
    network.daemons.stop();
    HostSwitch.removeDevices(config, network.links);
  }

  @Override
  public void close() {
    closeConnections();
    daemons.close();
  }

  private void closeConnections() {
    if (chassis != null) {
      chassis.close();
    }
    if (ovs != null) {
      ovs.close();
    }
  }
}
