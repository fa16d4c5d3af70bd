package cloud.lastmile.ovn.ovsdb;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One operation of a transaction. Values are those of {@link OvsdbValues}; a condition list holds
 * when all of its members do, an empty one for every row.
 */
public sealed interface Operation {

  /** The table it works on. */
  String table();

  /** Its form on the wire. */
  ObjectNode toJson();

  /**
   * Inserts a row.
   *
   * @param id the row's UUID if the caller chooses it; refused as {@code duplicate uuid} if taken
   * @param name by which other operations of the transaction may refer to it as {@link NamedUuid}
   */
  record Insert(String table, Optional<UUID> id, Optional<String> name, Map<String, Object> columns)
      implements Operation {
    @Override
    public ObjectNode toJson() {
      ObjectNode json = start("insert", table);
      id.ifPresent(uuid -> json.put("uuid", uuid.toString()));
      name.ifPresent(text -> json.put("uuid-name", text));
      json.set("row", rowJson(columns));
      return json;
    }
  }

  /** Sets columns of every row that meets the conditions. */
  record Update(String table, List<Condition> where, Map<String, Object> columns)
      implements Operation {
    @Override
    public ObjectNode toJson() {
      ObjectNode json = start("update", table);
      json.set("where", whereJson(where));
      json.set("row", rowJson(columns));
      return json;
    }
  }

  /** Adds to or takes from columns of every row that meets the conditions. */
  record Mutate(String table, List<Condition> where, List<Mutation> mutations)
      implements Operation {
    @Override
    public ObjectNode toJson() {
      ObjectNode json = start("mutate", table);
      json.set("where", whereJson(where));
      ArrayNode list = json.putArray("mutations");
      for (Mutation mutation : mutations) {
        list.addArray()
            .add(mutation.column())
            .add(mutation.mutator())
            .add(OvsdbValues.toJson(mutation.value()));
      }
      return json;
    }
  }

  /** Deletes every row that meets the conditions. */
  record Delete(String table, List<Condition> where) implements Operation {
    @Override
    public ObjectNode toJson() {
      ObjectNode json = start("delete", table);
      json.set("where", whereJson(where));
      return json;
    }
  }

  /** Reads columns of every row that meets the conditions. */
  record Select(String table, List<Condition> where, List<String> columns) implements Operation {
    @Override
    public ObjectNode toJson() {
      ObjectNode json = start("select", table);
      json.set("where", whereJson(where));
      ArrayNode names = json.putArray("columns");
      columns.forEach(names::add);
      return json;
    }
  }

  /**
   * Refuses the transaction ({@code timed out}) unless the rows that meet the conditions are, in
   * the named columns, exactly {@code rows}. Never waits: it is a check.
   */
  record Wait(
      String table, List<Condition> where, List<String> columns, List<Map<String, Object>> rows)
      implements Operation {
    @Override
    public ObjectNode toJson() {
      ObjectNode json = start("wait", table);
      json.put("timeout", 0);
      json.set("where", whereJson(where));
      ArrayNode names = json.putArray("columns");
      columns.forEach(names::add);
      json.put("until", "==");
      ArrayNode expected = json.putArray("rows");
      rows.forEach(row -> expected.add(rowJson(row)));
      return json;
    }
  }

  /** {@code column function value}, for instance {@code name == "br-int"}. */
  record Condition(String column, String function, Object value) {}

  /** {@code mutator} is {@code insert} or {@code delete} for sets and maps. */
  record Mutation(String column, String mutator, Object value) {}

  /** Inserts a row under a UUID that the caller chose. */
  static Operation insert(String table, UUID id, Map<String, Object> columns) {
    return new Insert(table, Optional.of(id), Optional.empty(), columns);
  }

  /** Sets columns of one row. */
  static Operation update(String table, UUID id, Map<String, Object> columns) {
    return new Update(table, byId(id), columns);
  }

  /** Adds elements to a set column, or pairs to a map column, of one row. */
  static Operation add(String table, UUID id, String column, Object value) {
    return new Mutate(table, byId(id), List.of(new Mutation(column, "insert", value)));
  }

  /** Takes elements from a set column, or keys from a map column, of one row. */
  static Operation take(String table, UUID id, String column, Collection<?> value) {
    return new Mutate(table, byId(id), List.of(new Mutation(column, "delete", value)));
  }

  /** Deletes one row. */
  static Operation delete(String table, UUID id) {
    return new Delete(table, byId(id));
  }

  /** Refuses the transaction unless one column of one row is as given. */
  static Operation unchanged(String table, UUID id, String column, Object value) {
    return new Wait(table, byId(id), List.of(column), List.of(Map.of(column, value)));
  }

  /** The condition that only the row of this UUID meets. */
  static List<Condition> byId(UUID id) {
    return List.of(new Condition("_uuid", "==", id));
  }

  private static ObjectNode start(String operation, String table) {
    return JsonNodeFactory.instance.objectNode().put("op", operation).put("table", table);
  }

  private static ArrayNode whereJson(List<Condition> where) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (Condition condition : where) {
      list.addArray()
          .add(condition.column())
          .add(condition.function())
          .add(OvsdbValues.toJson(condition.value()));
    }
    return list;
  }

  private static ObjectNode rowJson(Map<String, Object> columns) {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    columns.forEach((column, value) -> row.set(column, OvsdbValues.toJson(value)));
    return row;
  }
}
