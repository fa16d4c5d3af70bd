package cloud.lastmile.ovn;

import static cloud.lastmile.ovn.ovsdb.Operation.add;
import static cloud.lastmile.ovn.ovsdb.Operation.insert;
import static cloud.lastmile.ovn.ovsdb.Operation.update;

import cloud.lastmile.ovn.ovsdb.Operation;
import cloud.lastmile.ovn.ovsdb.OvsdbClient;
import cloud.lastmile.ovn.ovsdb.OvsdbException;
import cloud.lastmile.ovn.ovsdb.OvsdbRemote;
import cloud.lastmile.ovn.ovsdb.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** This host's Open vSwitch: its settings, bridges and ports. Every change is idempotent. */
public final class OvsSwitch implements AutoCloseable {
  /** The key of an interface's {@code external_ids} that says which cloud it belongs to. */
  public static final String OWNER = "lastmile:owner";

  private static final String ROOT = "Open_vSwitch";
  private static final Map<String, List<String>> MONITORED =
      Map.of(
          ROOT,
          List.of("external_ids", "other_config", "bridges"),
          "Bridge",
          List.of("name", "ports", "datapath_type", "fail_mode", "other_config"),
          "Port",
          List.of("name", "interfaces"),
          "Interface",
          List.of("name", "type", "external_ids", "ofport", "error"));

  private final OvsdbClient client;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition interfaceChanged = lock.newCondition();

  public OvsSwitch(List<OvsdbRemote> remotes) {
    client = new OvsdbClient(remotes, ROOT, MONITORED);
    client.listen(change -> signal(change.table()));
  }

  /**
   * Runs {@code listener}, which must not block, whenever the set of {@link #logicalPorts} may have
   * changed.
   */
  void onLogicalPorts(Runnable listener) {
    client.listen(change -> {
      if (change.table().equals("Interface")
          && !logicalPort(change.before()).equals(logicalPort(change.after()))) {
        listener.run();
      }
    });
  }

  /** The logical ports that interfaces of this host stand for. */
  Set<String> logicalPorts() {
    return client.rows("Interface").stream()
        .map(row -> logicalPort(Optional.of(row)))
        .filter(id -> !id.isEmpty())
        .collect(Collectors.toSet());
  }

  private static String logicalPort(Optional<Row> row) {
    return row.map(r -> r.map("external_ids").getOrDefault("iface-id", "")).orElse("");
  }

  private void signal(String table) {
    if (table.equals("Interface")) {
      lock.lock();
      try {
        interfaceChanged.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Waits for the connection. */
  public void awaitConnected(Duration timeout) {
    client.awaitConnected(timeout);
  }

  /** Sets keys of the switch's own {@code external_ids} and {@code other_config}. */
  void configure(Map<String, String> externalIds, Map<String, String> otherConfig) {
    retried(() -> {
      Optional<Row> root = client.rows(ROOT).stream().findFirst();
      if (root.isEmpty()) {
        client.transact(
            List.of(
                new Operation.Wait(ROOT, List.of(), List.of("external_ids"), List.of()),
                insert(
                    ROOT,
                    UUID.randomUUID(),
                    Map.of("external_ids", externalIds, "other_config", otherConfig))));
        return;
      }
      List<Operation> operations = new ArrayList<>();
      merge(root.get(), "external_ids", externalIds, operations);
      merge(root.get(), "other_config", otherConfig, operations);
      client.transact(operations);
    });
  }

  private static void merge(
      Row row, String column, Map<String, String> wanted, List<Operation> operations) {
    Map<String, String> merged = new LinkedHashMap<>(row.map(column));
    merged.putAll(wanted);
    if (!merged.equals(row.map(column))) {
      operations.add(update(ROOT, row.id(), Map.of(column, merged)));
    }
  }

  /** Makes a bridge with its own internal port, or corrects it. */
  void ensureBridge(String name, Map<String, Object> columns) {
    retried(() -> {
      Optional<Row> bridge = named("Bridge", name);
      if (bridge.isEmpty()) {
        client.transact(newBridge(name, columns));
        return;
      }
      Map<String, Object> wrong = new LinkedHashMap<>(columns);
      wrong.entrySet().removeIf(e -> bridge.get().has(e.getKey(), e.getValue()));
      if (!wrong.isEmpty()) {
        client.transact(List.of(update("Bridge", bridge.get().id(), wrong)));
      }
    });
  }

  private List<Operation> newBridge(String name, Map<String, Object> columns) {
    UUID bridge = UUID.randomUUID();
    UUID port = UUID.randomUUID();
    UUID device = UUID.randomUUID();
    Map<String, Object> row = new LinkedHashMap<>(columns);
    row.put("name", name);
    row.put("ports", Set.of(port));
    UUID root = client.rows(ROOT).stream().findFirst().orElseThrow().id();
    return List.of(
        insert("Interface", device, Map.of("name", name, "type", "internal")),
        insert("Port", port, Map.of("name", name, "interfaces", Set.of(device))),
        insert("Bridge", bridge, row),
        add(ROOT, root, "bridges", bridge));
  }

  /**
   * Puts an existing device into a bridge.
   *
   * @param externalIds set on the interface, {@code iface-id} above all
   */
  public void ensurePort(String bridge, String device, Map<String, String> externalIds) {
    retried(() -> {
      Row bridgeRow =
          named("Bridge", bridge)
              .orElseThrow(() -> new OvnException("there is no bridge " + bridge));
      Optional<Row> port = named("Port", device);
      if (port.isPresent() && !bridgeRow.references("ports").contains(port.get().id())) {
        deletePort(device);
        port = Optional.empty();
      }
      if (port.isEmpty()) {
        client.transact(newPort(bridgeRow.id(), device, externalIds));
        return;
      }
      Row existing = named("Interface", device).orElseThrow();
      if (!existing.map("external_ids").equals(externalIds)) {
        client.transact(
            List.of(update("Interface", existing.id(), Map.of("external_ids", externalIds))));
      }
    });
  }

  private static List<Operation> newPort(
      UUID bridge, String device, Map<String, String> externalIds) {
    UUID port = UUID.randomUUID();
    UUID row = UUID.randomUUID();
    return List.of(
        insert("Interface", row, Map.of("name", device, "external_ids", externalIds)),
        insert("Port", port, Map.of("name", device, "interfaces", Set.of(row))),
        add("Bridge", bridge, "ports", port));
  }

  /** Takes a device out of its bridge; no error if it is in none. */
  public void deletePort(String device) {
    retried(() ->
        named("Port", device)
            .ifPresent(port ->
                client.transact(
                    List.of(
                        new Operation.Mutate(
                            "Bridge",
                            List.of(
                                new Operation.Condition("ports", "includes", Set.of(port.id()))),
                            List.of(
                                new Operation.Mutation("ports", "delete", Set.of(port.id()))))))));
  }

  /** Names of the devices in all bridges whose {@link #OWNER} meets a condition. */
  public Set<String> portsOf(Predicate<String> owner) {
    return client.rows("Interface").stream()
        .filter(row -> owner.test(row.map("external_ids").getOrDefault(OWNER, "")))
        .map(row -> row.text("name"))
        .collect(Collectors.toSet());
  }

  /** Waits until vswitchd has taken a device in; empty if it has, else what is wrong with it. */
  Optional<String> awaitAttached(String device, Duration timeout) {
    lock.lock();
    try {
      long left = timeout.toNanos();
      while (left > 0) {
        Optional<Row> row = named("Interface", device);
        if (row.isPresent() && row.get().number("ofport") > 0) {
          return Optional.empty();
        }
        if (row.isPresent() && !row.get().text("error").isEmpty()) {
          return Optional.of(row.get().text("error"));
        }
        left = interfaceChanged.awaitNanos(left);
      }
      return Optional.of("ovs-vswitchd did not take it in within " + timeout.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    } finally {
      lock.unlock();
    }
  }

  private Optional<Row> named(String table, String name) {
    return client.rows(table).stream().filter(row -> row.text("name").equals(name)).findFirst();
  }

  /** Another may have made the same at the same moment: then there is less to do. */
  private void retried(Runnable change) {
    client.awaitConnected(Duration.ofSeconds(15));
    try {
      change.run();
    } catch (OvsdbException e) {
      if (e.reason() != OvsdbException.Reason.REFUSED) {
        throw e;
      }
      change.run();
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
