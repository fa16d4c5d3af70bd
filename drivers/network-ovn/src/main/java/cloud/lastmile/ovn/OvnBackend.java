package cloud.lastmile.ovn;

import cloud.lastmile.network.backend.Change;
import cloud.lastmile.network.backend.NetworkBackend;
import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.ovn.ovsdb.Operation;
import cloud.lastmile.ovn.ovsdb.OvsdbException;
import cloud.lastmile.ovn.ovsdb.OvsdbRemote;
import cloud.lastmile.ovn.ovsdb.Row;
import cloud.lastmile.ovn.ovsdb.RowListener;
import cloud.lastmile.ovn.rows.Owner;
import cloud.lastmile.ovn.rows.RouterRows;
import cloud.lastmile.ovn.rows.Tables;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the cloud's logical network to OVN's northbound database, and hears from it which ports
 * are up. Any number of processes may do so at once; each write is checked against what it was
 * computed from and computed again if that has changed.
 */
public final class OvnBackend implements NetworkBackend {
  private static final Logger LOG = LoggerFactory.getLogger(OvnBackend.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int ATTEMPTS = 8;
  private static final int CHUNK = 100;

  private final Northbound northbound;
  private final PortStatus portStatus;
  private final RecentOwners recent = new RecentOwners();
  private final Supplier<List<String>> gatewayChassis;

  /**
   * Connects; {@link #start} must be called before anything else.
   *
   * @param gatewayChassis tells the hosts that may carry routers' gateways, in a stable order
   * @param listeners hear of the rows of {@link Tables#MONITORED}
   */
  OvnBackend(
      List<OvsdbRemote> remotes,
      Supplier<List<String>> gatewayChassis,
      List<RowListener> listeners) {
    this.gatewayChassis = gatewayChassis;
    this.portStatus = new PortStatus();
    List<RowListener> all = new ArrayList<>(listeners);
    all.add(portStatus);
    this.northbound = new Northbound(remotes, all);
  }

  /** Waits for the connection and makes what every cloud has. */
  void start() {
    northbound.client().awaitConnected(TIMEOUT);
    ensureGlobal();
    commit(plan -> OwnedRows.cloud().into(plan));
  }

  private void ensureGlobal() {
    Map<String, String> wanted = Map.of("northd_probe_interval", "60000");
    retried(() -> {
      List<Row> rows = List.copyOf(northbound.rows(Tables.GLOBAL));
      if (rows.isEmpty()) {
        northbound.transact(
            List.of(
                new Operation.Wait(Tables.GLOBAL, List.of(), List.of("options"), List.of()),
                Operation.insert(Tables.GLOBAL, UUID.randomUUID(), Map.of("options", wanted))));
        return;
      }
      Map<String, String> options = new TreeMap<>(rows.getFirst().map("options"));
      options.putAll(wanted);
      if (!options.equals(rows.getFirst().map("options"))) {
        northbound.transact(
            List.of(
                Operation.update(Tables.GLOBAL, rows.getFirst().id(), Map.of("options", options))));
      }
    });
  }

  Northbound northbound() {
    return northbound;
  }

  @Override
  public void apply(List<Change> changes) throws IOException {
    for (List<Change> transaction : ChangeRows.transactions(changes)) {
      List<Owner> owners = ChangeRows.owners(transaction);
      owners.forEach(recent::touch);
      try {
        commit(plan -> new ChangeRows(northbound, gatewayChassis.get()).plan(transaction, plan));
      } catch (RuntimeException e) {
        owners.forEach(recent::forget);
        throw unlessAway(e);
      }
    }
  }

  /** What the database refuses is the fault of what was asked for; all else is for later. */
  private static RuntimeException unlessAway(RuntimeException e) throws IOException {
    if (isAway(e)) {
      throw new IOException(e.getMessage(), e);
    }
    return e;
  }

  private static boolean isAway(RuntimeException e) {
    return e instanceof OvsdbException failure && failure.reason() != OvsdbException.Reason.REFUSED;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Resources that {@link #apply} touched while {@code desired} was read, or since, are left
   * alone: they are newer than it.
   */
  @Override
  public Map<UUID, String> reconcile(Topology desired) throws IOException {
    Map<UUID, String> refused = new LinkedHashMap<>();
    try {
      retried(northbound::catchUp);
      List<OwnedRows> wanted = OwnedRows.of(desired, gatewayChassis.get(), refused);
      Set<UUID> kept = new HashSet<>(desired.unknown());
      kept.addAll(refused.keySet());
      commitChunks(
          OwnedRows.strays(northbound.owners(), wanted, owner -> isKept(owner, kept)), refused);
      commitChunks(wanted, refused);
      return refused;
    } catch (RuntimeException e) {
      throw unlessAway(e);
    }
  }

  /** A router that keeps what it has keeps its gateway where it is. */
  private boolean isKept(Owner owner, Set<UUID> kept) {
    if (owner.kind() != Owner.Kind.GATEWAY) {
      return kept.contains(owner.id());
    }
    return northbound
        .row(Tables.ROUTER_PORT, owner.id())
        .flatMap(port -> Owner.of(port.map("external_ids")))
        .filter(router -> kept.contains(router.id()))
        .isPresent();
  }

  private void commitChunks(List<OwnedRows> resources, Map<UUID, String> refused) {
    for (int from = 0; from < resources.size(); from += CHUNK) {
      commitChunk(resources.subList(from, Math.min(from + CHUNK, resources.size())), refused);
    }
  }

  /** Halves what is refused until the culprit stands alone. */
  private void commitChunk(List<OwnedRows> chunk, Map<UUID, String> refused) {
    try {
      commit(plan -> {
        for (OwnedRows resource : chunk) {
          if (!recent.contains(resource.owner())) {
            resource.into(plan);
          }
        }
      });
    } catch (RuntimeException e) {
      if (isAway(e)) {
        throw e;
      }
      int half = chunk.size() / 2;
      if (half == 0) {
        refused.put(chunk.getFirst().owner().id(), e.toString());
        return;
      }
      commitChunk(chunk.subList(0, half), refused);
      commitChunk(chunk.subList(half, chunk.size()), refused);
    }
  }

  /** Places every gateway anew, after hosts came or went; one that cannot be keeps no other. */
  void placeGateways() {
    List<String> chassis = gatewayChassis.get();
    for (Row port : northbound.rows(Tables.ROUTER_PORT)) {
      boolean gateway = Boolean.parseBoolean(port.map("external_ids").get(RouterRows.GATEWAY));
      if (gateway && !chassis.isEmpty()) {
        placeGateway(port.id(), chassis);
      }
    }
  }

  private void placeGateway(UUID port, List<String> chassis) {
    Owner owner = RouterRows.placementOwner(port);
    try {
      commit(plan -> plan.want(owner, RouterRows.placement(port, chassis)));
    } catch (RuntimeException e) {
      if (isAway(e)) {
        throw e;
      }
      LOG.warn("cannot place the gateway lrp-{}: {}", port, e.getMessage());
    }
  }

  /** Plans from what is there now, commits, and does both again if it was not there any more. */
  private void commit(Consumer<RowPlan> planner) {
    retried(() -> {
      RowPlan plan = new RowPlan(northbound);
      planner.accept(plan);
      plan.commit();
    });
  }

  private void retried(Runnable attempt) {
    for (int i = 1; ; i++) {
      try {
        attempt.run();
        return;
      } catch (OvsdbException e) {
        boolean again = e.conflict() || e.reason() == OvsdbException.Reason.DISCONNECTED;
        if (!again || i == ATTEMPTS || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        LOG.debug("writing to OVN again: {}", e.getMessage());
        northbound.client().awaitConnected(TIMEOUT);
      }
    }
  }

  @Override
  public void onPortStatus(BiConsumer<UUID, Boolean> listener) {
    portStatus.listen(listener, northbound.rows(Tables.SWITCH_PORT));
  }

  @Override
  public void close() {
    portStatus.close();
    northbound.close();
  }
}
