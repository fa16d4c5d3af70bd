package cloud.lastmile.platform.resource;

import cloud.lastmile.platform.database.ListColumn;
import cloud.lastmile.platform.database.Utc;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.SerializedString;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/**
 * An attribute of a resource as it is read and shown.
 *
 * @param encodedName the name again, as it is written
 * @param sql the expression that gives its value, over the noun's FROM
 * @param filter whether lists may filter and sort by it
 * @param check in policy language; who may see it, beyond who may see the resource
 */
public record Column(
    String name,
    SerializedString encodedName,
    String sql,
    Kind kind,
    boolean nullable,
    boolean filter,
    Optional<String> check) {

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

  /** In a column of the noun's table with the same name. */
  public static Column text(String name) {
    return text(name, "r." + name);
  }

  public static Column uuid(String name) {
    return uuid(name, "r." + name);
  }

  public static Column bool(String name) {
    return bool(name, "r." + name);
  }

  public static Column integer(String name) {
    return integer(name, "r." + name);
  }

  public static Column timestamp(String name) {
    return timestamp(name, "r." + name);
  }

  public static Column json(String name) {
    return json(name, "r." + name);
  }

  public static Column text(String name, String sql) {
    return of(name, sql, Kind.TEXT, true);
  }

  public static Column uuid(String name, String sql) {
    return of(name, sql, Kind.UUID, true);
  }

  public static Column bool(String name, String sql) {
    return of(name, sql, Kind.BOOLEAN, true);
  }

  public static Column integer(String name, String sql) {
    return of(name, sql, Kind.INTEGER, true);
  }

  public static Column timestamp(String name, String sql) {
    return of(name, sql, Kind.TIMESTAMP, true);
  }

  public static Column json(String name, String sql) {
    return of(name, sql, Kind.JSON, false);
  }

  private static Column of(String name, String sql, Kind kind, boolean filter) {
    return new Column(name, new SerializedString(name), sql, kind, false, filter, Optional.empty());
  }

  public Column orNull() {
    return new Column(name, encodedName, sql, kind, true, filter, check);
  }

  /** Neither filtered nor sorted by. */
  public Column shownOnly() {
    return new Column(name, encodedName, sql, kind, nullable, false, check);
  }

  public Column only(String policyCheck) {
    return new Column(name, encodedName, sql, kind, nullable, filter, Optional.of(policyCheck));
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

  void read(ResultSet row, int index, Dialect dialect, ObjectNode into) throws SQLException {
    switch (value(row, index, dialect)) {
      case null -> into.putNull(name);
      case Boolean flag -> into.put(name, flag);
      case Long number -> into.put(name, number);
      case RawValue json -> into.putRawValue(name, json);
      case Object text -> into.put(name, text.toString());
    }
  }

  /** As {@link #read}, without a tree between, and without strings where bytes will do. */
  void write(ResultSet row, int index, Dialect dialect, JsonBytes into) throws SQLException {
    into.name(encodedName);
    boolean asSent = kind == Kind.TEXT || kind == Kind.UUID || kind == Kind.JSON;
    Object value = asSent ? row.getBytes(index) : value(row, index, dialect);
    switch (value) {
      case null -> into.nothing();
      case byte[] bytes when kind == Kind.JSON -> into.raw(bytes);
      case byte[] bytes when kind == Kind.UUID -> into.uuid(bytes);
      case byte[] bytes -> into.text(bytes);
      case String time -> into.text(time.getBytes(StandardCharsets.US_ASCII));
      case Object plain -> into.raw(plain.toString());
    }
  }

  private @Nullable Object value(ResultSet row, int index, Dialect dialect) throws SQLException {
    return switch (kind) {
      case TEXT, UUID -> row.getString(index);
      case BOOLEAN -> {
        boolean value = row.getBoolean(index);
        yield row.wasNull() ? null : Boolean.valueOf(value);
      }
      case INTEGER -> {
        long value = row.getLong(index);
        yield row.wasNull() ? null : Long.valueOf(value);
      }
      case TIMESTAMP -> {
        OffsetDateTime value = row.getObject(index, OffsetDateTime.class);
        yield value == null ? null : dialect.time(Utc.instant(value));
      }
      case JSON -> {
        String value = row.getString(index);
        yield value == null ? null : new RawValue(value);
      }
    };
  }
}
