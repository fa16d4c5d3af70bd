package cloud.lastmile.network.resource;

import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.ListColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/**
 * An attribute of a resource as it is read and shown.
 *
 * @param sql the expression that gives its value, over the noun's FROM
 * @param filter whether lists may filter and sort by it
 * @param check in policy language; who may see it, beyond who may see the resource
 */
public record Column(
    String name, String sql, Kind kind, boolean nullable, boolean filter, Optional<String> check) {

  /** How a value is read from a row and written as JSON. */
  public enum Kind {
    TEXT,
    UUID,
    BOOLEAN,
    INTEGER,
    TIMESTAMP,
    /** JSON text, passed on as it is. */
    JSON
  }

  public static Column text(String name, String sql) {
    return new Column(name, sql, Kind.TEXT, false, true, Optional.empty());
  }

  public static Column uuid(String name, String sql) {
    return new Column(name, sql, Kind.UUID, false, true, Optional.empty());
  }

  public static Column bool(String name, String sql) {
    return new Column(name, sql, Kind.BOOLEAN, false, true, Optional.empty());
  }

  public static Column integer(String name, String sql) {
    return new Column(name, sql, Kind.INTEGER, false, true, Optional.empty());
  }

  public static Column timestamp(String name, String sql) {
    return new Column(name, sql, Kind.TIMESTAMP, false, true, Optional.empty());
  }

  public static Column json(String name, String sql) {
    return new Column(name, sql, Kind.JSON, false, false, Optional.empty());
  }

  public Column orNull() {
    return new Column(name, sql, kind, true, filter, check);
  }

  /** Neither filtered nor sorted by. */
  public Column shownOnly() {
    return new Column(name, sql, kind, nullable, false, check);
  }

  public Column only(String policyCheck) {
    return new Column(name, sql, kind, nullable, filter, Optional.of(policyCheck));
  }

  ListColumn listColumn() {
    ListColumn column =
        switch (kind) {
          case TEXT, JSON -> ListColumn.text(name, sql);
          case UUID -> ListColumn.uuid(name, sql);
          case BOOLEAN -> ListColumn.bool(name, sql);
          case INTEGER -> ListColumn.integer(name, sql);
          case TIMESTAMP -> ListColumn.timestamp(name, sql);
        };
    return nullable ? column.orNull() : column;
  }

  void read(ResultSet row, int index, ObjectNode into) throws SQLException {
    switch (kind) {
      case TEXT, UUID -> into.put(name, row.getString(index));
      case BOOLEAN -> {
        boolean value = row.getBoolean(index);
        into.put(name, row.wasNull() ? null : Boolean.valueOf(value));
      }
      case INTEGER -> {
        long value = row.getLong(index);
        into.put(name, row.wasNull() ? null : Long.valueOf(value));
      }
      case TIMESTAMP -> {
        OffsetDateTime value = row.getObject(index, OffsetDateTime.class);
        into.put(name, value == null ? null : Timestamps.seconds(value.toInstant()));
      }
      case JSON -> {
        String value = row.getString(index);
        if (value == null) {
          into.putNull(name);
        } else {
          into.putRawValue(name, new RawValue(value));
        }
      }
    }
  }
}
