package cloud.lastmile.ovn;

import cloud.lastmile.ovn.ovsdb.Operation;
import cloud.lastmile.ovn.ovsdb.OvsdbClient;
import cloud.lastmile.ovn.ovsdb.OvsdbRemote;
import cloud.lastmile.ovn.ovsdb.Row;
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
        .map(row -> SubnetRows.facts(row.text("cidr"), row.map("external_ids")));
  }

  @Override
  public boolean external(UUID network) {
    return row(Tables.SWITCH, network)
        .map(row -> Boolean.parseBoolean(row.map("external_ids").get(NetworkRows.EXTERNAL)))
        .orElse(false);
  }

  private void index(String table, Optional<Row> before, Optional<Row> after) {
    Optional<Owner> oldOwner = before.flatMap(row -> Owner.of(row.map("external_ids")));
    Optional<Owner> newOwner = after.flatMap(row -> Owner.of(row.map("external_ids")));
    if (!oldOwner.equals(newOwner)) {
      UUID id = after.or(() -> before).map(Row::id).orElseThrow();
      RowKey key = new RowKey(table, id);
      oldOwner.ifPresent(owner -> remove(byOwner, owner, key));
      newOwner.ifPresent(owner -> add(byOwner, owner, key));
    }
    Tables.CHILDREN
        .getOrDefault(table, Map.of())
        .forEach((column, childTable) -> indexColumn(table, column, childTable, before, after));
  }

  private void indexColumn(
      String table, String column, String childTable, Optional<Row> before, Optional<Row> after) {
    Set<?> old = references(before, column);
    Set<?> now = references(after, column);
    if (old.equals(now)) {
      return;
    }
    Parent parent = new Parent(table, column, after.or(() -> before).map(Row::id).orElseThrow());
    for (Object child : old) {
      if (!now.contains(child)) {
        remove(parents, new RowKey(childTable, (UUID) child), parent);
      }
    }
    for (Object child : now) {
      if (!old.contains(child)) {
        add(parents, new RowKey(childTable, (UUID) child), parent);
      }
    }
  }

  /** Without a copy: a port group may have thousands of members and changes often. */
  private static Set<?> references(Optional<Row> row, String column) {
    Object value = row.isPresent() ? row.get().value(column) : Set.of();
    return value instanceof Set<?> set ? set : Set.of(value);
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
