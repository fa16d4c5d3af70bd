package cloud.lastmile.ovn;

import cloud.lastmile.ovn.ovsdb.Operation;
import cloud.lastmile.ovn.ovsdb.OvsdbClient;
import cloud.lastmile.ovn.ovsdb.OvsdbRemote;
import cloud.lastmile.ovn.ovsdb.Row;
import cloud.lastmile.ovn.ovsdb.RowChange;
import cloud.lastmile.ovn.ovsdb.RowListener;
import cloud.lastmile.ovn.rows.DesiredRow.Parent;
import cloud.lastmile.ovn.rows.NetworkRows;
import cloud.lastmile.ovn.rows.Owner;
import cloud.lastmile.ovn.rows.SubnetRows;
import cloud.lastmile.ovn.rows.Surroundings;
import cloud.lastmile.ovn.rows.Tables;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/**
 * The northbound database with what Lastmile looks rows up by: their owner, and the rows that refer
 * to them.
 */
final class Northbound implements Surroundings, AutoCloseable {
  private final Map<Owner, Set<RowKey>> byOwner = new ConcurrentHashMap<>();
  private final Map<RowKey, Set<Parent>> parents = new ConcurrentHashMap<>();
  private final OvsdbClient client;

  /** A row's place. */
  record RowKey(String table, UUID id) {}

  Northbound(List<OvsdbRemote> remotes, List<RowListener> listeners) {
    List<RowListener> all = new ArrayList<>(List.of(this::index));
    all.addAll(listeners);
    client = new OvsdbClient(remotes, "OVN_Northbound", Tables.MONITORED, all);
  }

  OvsdbClient client() {
    return client;
  }

  List<JsonNode> transact(List<Operation> operations) {
    return client.transact(operations);
  }

  /**
   * Waits until all that others have committed so far is in memory: the server sends the updates
   * that are due before it answers.
   */
  void catchUp() {
    transact(List.of(new Operation.Select(Tables.GLOBAL, List.of(), List.of("_uuid"))));
  }

  Optional<Row> row(String table, UUID id) {
    return client.row(table, id);
  }

  Collection<Row> rows(String table) {
    return client.rows(table);
  }

  Set<Owner> owners() {
    return Set.copyOf(byOwner.keySet());
  }

  Set<RowKey> rowsOf(Owner owner) {
    return Set.copyOf(byOwner.getOrDefault(owner, Set.of()));
  }

  Set<Parent> parentsOf(String table, UUID id) {
    return Set.copyOf(parents.getOrDefault(new RowKey(table, id), Set.of()));
  }

  @Override
  public Optional<SubnetFacts> subnet(UUID subnet) {
    return row(Tables.DHCP, subnet)
        .map(
            row -> SubnetRows.facts(row.text("cidr"), row.map("options"), row.map("external_ids")));
  }

  @Override
  public boolean external(UUID network) {
    return row(Tables.SWITCH, network)
        .map(row -> Boolean.parseBoolean(row.map("external_ids").get(NetworkRows.EXTERNAL)))
        .orElse(false);
  }

  private void index(RowChange change) {
    Optional<Owner> oldOwner = owner(change.before());
    Optional<Owner> newOwner = owner(change.after());
    if (!oldOwner.equals(newOwner)) {
      RowKey key = new RowKey(change.table(), change.id());
      oldOwner.ifPresent(owner -> remove(byOwner, owner, key));
      newOwner.ifPresent(owner -> add(byOwner, owner, key));
    }
    Tables.CHILDREN
        .getOrDefault(change.table(), Map.of())
        .forEach((column, childTable) -> {
          Parent parent = new Parent(change.table(), column, change.id());
          change.lost(column).forEach(id -> remove(parents, new RowKey(childTable, id), parent));
          change.gained(column).forEach(id -> add(parents, new RowKey(childTable, id), parent));
        });
  }

  private static Optional<Owner> owner(Optional<Row> row) {
    return row.flatMap(present -> Owner.of(present.map("external_ids")));
  }

  private static <K, V> void add(Map<K, Set<V>> index, K key, V value) {
    index.computeIfAbsent(key, _ -> ConcurrentHashMap.newKeySet()).add(value);
  }

  private static <K, V> void remove(Map<K, Set<V>> index, K key, V value) {
    index.computeIfPresent(
        key,
        (_, values) -> {
          values.remove(value);
          return values.isEmpty() ? null : values;
        });
  }

  @Override
  public void close() {
    client.close();
  }
}
