package cloud.lastmile.ovn;

import static cloud.lastmile.ovn.ovsdb.Operation.add;
import static cloud.lastmile.ovn.ovsdb.Operation.delete;
import static cloud.lastmile.ovn.ovsdb.Operation.insert;
import static cloud.lastmile.ovn.ovsdb.Operation.take;
import static cloud.lastmile.ovn.ovsdb.Operation.unchanged;
import static cloud.lastmile.ovn.ovsdb.Operation.update;

import cloud.lastmile.ovn.Northbound.RowKey;
import cloud.lastmile.ovn.ovsdb.Operation;
import cloud.lastmile.ovn.ovsdb.Row;
import cloud.lastmile.ovn.rows.DesiredRow;
import cloud.lastmile.ovn.rows.DesiredRow.Parent;
import cloud.lastmile.ovn.rows.Owner;
import cloud.lastmile.ovn.rows.Tables;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The operations of one transaction that bring resources' rows to what they shall be. Each row that
 * is touched is checked to be still as it was read, so a plan that has become wrong is refused.
 */
final class RowPlan {
  private final Northbound northbound;
  private final List<Operation> operations = new ArrayList<>();

  /** What must have been found, by the position of the operation that needs it. */
  private final Map<Integer, String> needed = new LinkedHashMap<>();

  RowPlan(Northbound northbound) {
    this.northbound = northbound;
  }

  List<Operation> operations() {
    return operations;
  }

  /** Adds what makes {@code owner} have exactly the rows {@code wanted}. */
  RowPlan want(Owner owner, List<DesiredRow> wanted) {
    Set<RowKey> kept = new HashSet<>();
    for (DesiredRow row : wanted) {
      kept.add(new RowKey(row.table(), row.id()));
      want(row);
    }
    for (RowKey key : northbound.rowsOf(owner)) {
      if (!kept.contains(key)) {
        remove(key);
      }
    }
    return this;
  }

  private void want(DesiredRow wanted) {
    Optional<Row> existing = northbound.row(wanted.table(), wanted.id());
    if (existing.isEmpty()) {
      Map<String, Object> columns = new LinkedHashMap<>(wanted.columns());
      columns.putAll(Tables.INITIAL.getOrDefault(wanted.table(), Map.of()));
      operations.add(insert(wanted.table(), wanted.id(), columns));
      wanted.parents().forEach(parent -> attach(parent, wanted));
      return;
    }
    Map<String, Object> changed = new LinkedHashMap<>(wanted.columns());
    changed.entrySet().removeIf(e -> existing.get().has(e.getKey(), e.getValue()));
    Set<Parent> attached = northbound.parentsOf(wanted.table(), wanted.id());
    Set<Parent> missing = new HashSet<>(wanted.parents());
    missing.removeAll(attached);
    Set<Parent> wrong = new HashSet<>(attached);
    wrong.removeAll(wanted.parents());
    if (changed.isEmpty() && missing.isEmpty() && wrong.isEmpty()) {
      return;
    }
    check(existing.get(), wanted.table());
    if (!changed.isEmpty()) {
      operations.add(update(wanted.table(), wanted.id(), changed));
    }
    missing.forEach(parent -> attach(parent, wanted));
    wrong.forEach(parent -> detach(parent, new RowKey(wanted.table(), wanted.id())));
  }

  private void check(Row row, String table) {
    operations.add(unchanged(table, row.id(), "external_ids", row.map("external_ids")));
  }

  private void attach(Parent parent, DesiredRow child) {
    needed.put(
        operations.size(),
        child.table() + " " + child.id() + " needs " + parent.table() + " " + parent.id());
    operations.add(add(parent.table(), parent.id(), parent.column(), Set.of(child.id())));
  }

  private void detach(Parent parent, RowKey child) {
    operations.add(take(parent.table(), parent.id(), parent.column(), Set.of(child.id())));
  }

  private void remove(RowKey key) {
    northbound.row(key.table(), key.id()).ifPresent(row -> check(row, key.table()));
    northbound.parentsOf(key.table(), key.id()).forEach(parent -> detach(parent, key));
    operations.add(delete(key.table(), key.id()));
  }

  /** Adds an operation of another kind. */
  void also(Operation operation) {
    operations.add(operation);
  }

  /**
   * Commits it.
   *
   * @throws OvnException if a row that others hang on was not there: their own are then not there
   *     either, since OVSDB drops what nothing refers to
   */
  void commit() {
    List<JsonNode> results = northbound.transact(operations);
    needed.forEach((position, what) -> {
      if (results.get(position).path("count").asInt(0) == 0) {
        throw new OvnException("the network is incomplete: " + what);
      }
    });
  }
}
