package cloud.lastmile.ovn;

import cloud.lastmile.ovn.daemon.OvnDaemons;
import cloud.lastmile.ovn.metadata.MetadataProxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * OVN on this host, ready for use: the entry to this module.
 *
 * <p>{@link #close} leaves everything running, for guests outlive Lastmile; {@link #stop} ends it.
 */
public final class OvnNetwork implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OvnNetwork.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final OvnConfig config;
  private final Links links;
  private final OvnDaemons daemons;
  private @Nullable OvsSwitch ovs;
  private @Nullable HostSwitch host;
  private @Nullable ChassisTable chassis;
  private @Nullable OvnBackend backend;
  private @Nullable MetadataKeeper metadata;
  private final Semaphore chassisChanged = new Semaphore(0);
  private final Thread gatewayKeeper =
      Thread.ofVirtual().name("ovn-gateways").unstarted(this::keepGateways);
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
    ChassisTable table = new ChassisTable(daemons.southbound(), chassisChanged::release);
    chassis = table;
    MetadataKeeper keeper =
        new MetadataKeeper(
            ovs(), new MetadataProxy(config, links, ovs(), OvsVifDriver.mark(config)));
    metadata = keeper;
    OvnBackend writer = new OvnBackend(daemons.northbound(), table::gateways, List.of(keeper));
    backend = writer;
    table.await(config.systemId(), TIMEOUT);
    writer.start();
    gatewayKeeper.start();
    keeper.start(writer.northbound());
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

  /** What the network service writes to. */
  public OvnBackend backend() {
    if (backend == null) {
      throw new IllegalStateException("not started");
    }
    return backend;
  }

  /** The proxy in front of the metadata service. */
  public MetadataProxy metadataProxy() {
    if (metadata == null) {
      throw new IllegalStateException("not started");
    }
    return metadata.proxy();
  }

  /** What hypervisors use to connect guests. */
  public OvsVifDriver vifDriver() {
    return new OvsVifDriver(ovs(), links, config);
  }

  /** Ends the daemons and removes taps, bridges and the namespace. Guests lose their network. */
  public void stop() {
    if (metadata != null) {
      metadata.stop();
    }
    if (ovs != null) {
      removePorts(ovs);
    }
    closeConnections();
    daemons.stop();
    HostSwitch.removeDevices(config, links);
  }

  /** Ends whatever runs in a cloud's directory, also after a start that failed. */
  public static void stopAll(OvnConfig config) {
    OvnNetwork network = new OvnNetwork(config);
    try (OvsSwitch ovs = new OvsSwitch(network.daemons.ovs())) {
      new MetadataProxy(config, network.links, ovs, OvsVifDriver.mark(config)).stop();
      network.removePorts(ovs);
    }
    network.daemons.stop();
    HostSwitch.removeDevices(config, network.links);
  }

  /** A host's own switch goes on; what Lastmile put into it must not stay. */
  private void removePorts(OvsSwitch ovs) {
    if (config.daemons() instanceof OvnConfig.Daemons.OfHost) {
      ovs.awaitConnected(TIMEOUT);
      String mark = OvsVifDriver.mark(config);
      ovs.portsOf(owner -> owner.startsWith(mark)).forEach(ovs::deletePort);
    }
  }

  @Override
  public void close() {
    if (metadata != null) {
      metadata.close();
    }
    closeConnections();
    daemons.close();
  }

  private void keepGateways() {
    try {
      while (true) {
        chassisChanged.acquire();
        chassisChanged.drainPermits();
        placeGateways();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void placeGateways() {
    try {
      backend().placeGateways();
    } catch (RuntimeException e) {
      // The next change of a chassis finds the thread alive.
      LOG.warn("cannot place the routers' gateways", e);
    }
  }

  private void closeConnections() {
    gatewayKeeper.interrupt();
    if (backend != null) {
      backend.close();
    }
    if (chassis != null) {
      chassis.close();
    }
    if (ovs != null) {
      ovs.close();
    }
  }
}
