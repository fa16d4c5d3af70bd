package cloud.lastmile.ovn;

import cloud.lastmile.ovn.metadata.Endpoint;
import cloud.lastmile.ovn.metadata.MetadataProxy;
import cloud.lastmile.ovn.ovsdb.Row;
import cloud.lastmile.ovn.ovsdb.RowChange;
import cloud.lastmile.ovn.ovsdb.RowListener;
import cloud.lastmile.ovn.rows.PortRows;
import cloud.lastmile.ovn.rows.Tables;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives exactly those networks access to metadata that have a metadata port and an interface on
 * this host; heeds the northbound database and the switch.
 */
final class MetadataKeeper implements RowListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataKeeper.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** Metadata ports by network. */
  private final Map<UUID, Row> ports = new ConcurrentHashMap<>();

  private volatile Optional<Northbound> northbound = Optional.empty();
  private final Semaphore changes = new Semaphore(0);
  private volatile boolean running = true;
  private final OvsSwitch ovs;
  private final MetadataProxy proxy;
  private final Thread worker = Thread.ofVirtual().name("ovn-metadata").unstarted(this::run);

  MetadataKeeper(OvsSwitch ovs, MetadataProxy proxy) {
    this.ovs = ovs;
    this.proxy = proxy;
  }

  /** Starts to work. */
  void start(Northbound northbound) {
    this.northbound = Optional.of(northbound);
    proxy.prepare();
    ovs.onLogicalPorts(changes::release);
    changes.release();
    worker.start();
  }

  @Override
  public void changed(RowChange change) {
    if (!change.table().equals(Tables.SWITCH_PORT)) {
      return;
    }
    Row row = change.after().or(change::before).orElseThrow();
    if (row.text("type").equals("localport")) {
      network(row)
          .ifPresent(network -> {
            if (change.after().isPresent()) {
              ports.put(network, row);
            } else {
              ports.remove(network);
            }
            changes.release();
          });
    } else if (!up(change.before()).equals(up(change.after()))) {
      changes.release();
    }
  }

  private static Optional<Boolean> up(Optional<Row> row) {
    return row.flatMap(r -> r.flag("up"));
  }

  private static Optional<UUID> network(Row port) {
    String id = port.map("external_ids").getOrDefault(PortRows.NETWORK, "");
    return id.isEmpty() ? Optional.empty() : Optional.of(UUID.fromString(id));
  }

  private void run() {
    try {
      boolean done = true;
      while (running) {
        if (done) {
          changes.acquire();
        } else {
          changes.tryAcquire(RETRY.toMillis(), TimeUnit.MILLISECONDS);
        }
        changes.drainPermits();
        done = !running || sync();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean sync() {
    try {
      proxy.sync(wanted());
      return true;
    } catch (RuntimeException e) {
      LOG.warn("metadata is not reachable for all networks yet", e);
      return false;
    }
  }

  private List<Endpoint> wanted() {
    List<Endpoint> wanted = new ArrayList<>();
    for (UUID network : networksHere()) {
      Row port = ports.get(network);
      if (port != null) {
        String mac = port.texts("addresses").stream().findFirst().orElse("").split(" ", 2)[0];
        List<String> addresses =
            Arrays.stream(port.map("external_ids").getOrDefault(PortRows.CIDRS, "").split(" ", -1))
                .filter(address -> address.contains(".") && address.contains("/"))
                .toList();
        if (!addresses.isEmpty()) {
          wanted.add(new Endpoint(network, port.id(), mac, addresses));
        }
      }
    }
    return wanted;
  }

  private Set<UUID> networksHere() {
    Set<UUID> networks = new HashSet<>();
    Northbound rows = northbound.orElseThrow();
    for (String id : ovs.logicalPorts()) {
      id(id)
          .flatMap(port -> rows.row(Tables.SWITCH_PORT, port))
          .filter(row -> row.text("type").isEmpty())
          .flatMap(MetadataKeeper::network)
          .ifPresent(networks::add);
    }
    return networks;
  }

  /** Another's interface may have any name for its port. */
  private static Optional<UUID> id(String text) {
    try {
      return Optional.of(UUID.fromString(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  MetadataProxy proxy() {
    return proxy;
  }

  /** Lets a sync that is under way come to its end, so that no device is left half made. */
  private void halt() {
    if (!worker.isAlive()) {
      return;
    }
    running = false;
    changes.release();
    try {
      worker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the proxy. */
  void stop() {
    halt();
    proxy.stop();
  }

  @Override
  public void close() {
    halt();
    proxy.close();
  }
}
