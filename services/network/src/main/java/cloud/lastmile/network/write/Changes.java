package cloud.lastmile.network.write;

import cloud.lastmile.platform.resource.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** An UPDATE of the columns that a client gave; also advances the revision and the time. */
public final class Changes {
  private record Assignment(String sql, @Nullable Object value) {}

  private final String table;
  private final UUID id;
  private final List<Assignment> assignments = new ArrayList<>();

  /**
   * @param table with its schema
   */
  public Changes(String table, UUID id) {
    this.table = table;
    this.id = id;
  }

  public void text(Values values, String attribute, String column) {
    if (values.isGiven(attribute)) {
      set(column, values.optionalText(attribute).orElse(null));
    }
  }

  public void bool(Values values, String attribute, String column) {
    if (values.isGiven(attribute)) {
      set(column, values.bool(attribute));
    }
  }

  void integer(Values values, String attribute, String column) {
    if (values.isGiven(attribute)) {
      set(column, values.optionalInteger(attribute).orElse(null));
    }
  }

  public void json(Values values, String attribute, String column) {
    if (values.isGiven(attribute)) {
      cast(column, "jsonb", values.node(attribute).toString());
    }
  }

  public void set(String column, @Nullable Object value) {
    assignments.add(new Assignment(column + " = :v" + assignments.size(), value));
  }

  public void cast(String column, String type, @Nullable String value) {
    assignments.add(
        new Assignment(column + " = CAST(:v" + assignments.size() + " AS " + type + ")", value));
  }

  public int execute(Handle handle) {
    StringBuilder sql = new StringBuilder("UPDATE " + table + " SET ");
    assignments.forEach(assignment -> sql.append(assignment.sql()).append(", "));
    sql.append("revision = revision + 1, updated_at = now() WHERE id = :id");
    Update update = handle.createUpdate(sql.toString()).bind("id", id);
    for (int index = 0; index < assignments.size(); index++) {
      update.bind("v" + index, assignments.get(index).value());
    }
    return update.execute();
  }
}
