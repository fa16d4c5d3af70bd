package cloud.lastmile.ovn;

import cloud.lastmile.ovn.ovsdb.OvsdbClient;
import cloud.lastmile.ovn.ovsdb.OvsdbRemote;
import cloud.lastmile.ovn.ovsdb.Row;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The hosts that have joined, from the southbound database. */
final class ChassisTable implements AutoCloseable {
  private static final String TABLE = "Chassis";

  private final OvsdbClient client;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /**
   * @param listener is run on every change, on a thread that must not be blocked
   */
  ChassisTable(List<OvsdbRemote> southbound, Runnable listener) {
    client =
        new OvsdbClient(
            southbound,
            "OVN_Southbound",
            Map.of(TABLE, List.of("name", "hostname", "external_ids", "other_config")),
            List.of(_ -> {
              signal();
              listener.run();
            }));
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Names of the hosts that may carry routers' gateways, in a stable order. */
  List<String> gateways() {
    return client.rows(TABLE).stream()
        .filter(ChassisTable::mayBeGateway)
        .map(row -> row.text("name"))
        .sorted()
        .toList();
  }

  /** Newer hosts state it in {@code other_config}, older ones in {@code external_ids}. */
  private static boolean mayBeGateway(Row row) {
    String key = "ovn-cms-options";
    String options =
        row.map("other_config").getOrDefault(key, row.map("external_ids").getOrDefault(key, ""));
    return Arrays.asList(options.split(",", -1)).contains("enable-chassis-as-gw");
  }

  /** Waits until a host has joined. */
  void await(String name, Duration timeout) {
    client.awaitConnected(timeout);
    lock.lock();
    try {
      long left = timeout.toNanos();
      while (client.rows(TABLE).stream().noneMatch(row -> row.text("name").equals(name))) {
        if (left <= 0) {
          throw new OvnException("ovn-controller did not register this host within " + timeout);
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OvnException("interrupted while waiting for ovn-controller", e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
