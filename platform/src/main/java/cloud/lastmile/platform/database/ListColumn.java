package cloud.lastmile.platform.database;

import cloud.lastmile.platform.core.ApiException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * One field of a resource in its lists.
 *
 * @param name as in the API
 * @param sql the expression that gives its value
 * @param nullable whether the value may be NULL; NULL sorts as the lowest value
 */
public record ListColumn(String name, String sql, Type type, boolean nullable, boolean filterable) {

  /** What a request's text is turned into. */
  public enum Type {
    TEXT,
    INTEGER,
    BOOLEAN,
    UUID,
    TIMESTAMP
  }

  public static ListColumn text(String name, String sql) {
    return new ListColumn(name, sql, Type.TEXT, false, true);
  }

  public static ListColumn integer(String name, String sql) {
    return new ListColumn(name, sql, Type.INTEGER, false, true);
  }

  public static ListColumn bool(String name, String sql) {
    return new ListColumn(name, sql, Type.BOOLEAN, false, true);
  }

  public static ListColumn uuid(String name, String sql) {
    return new ListColumn(name, sql, Type.UUID, false, true);
  }

  public static ListColumn timestamp(String name, String sql) {
    return new ListColumn(name, sql, Type.TIMESTAMP, false, true);
  }

  public ListColumn orNull() {
    return new ListColumn(name, sql, type, true, filterable);
  }

  /** Not usable as a filter; a parameter of this name is left to the service. */
  public ListColumn sortOnly() {
    return new ListColumn(name, sql, type, nullable, false);
  }

  /** Its type in SQL. */
  String sqlType() {
    return switch (type) {
      case TEXT -> "text";
      case INTEGER -> "bigint";
      case BOOLEAN -> "boolean";
      case UUID -> "uuid";
      case TIMESTAMP -> "timestamptz";
    };
  }

  /** What a row of a result has, as it can be bound again; empty for NULL. */
  Optional<Object> read(ResultSet row, String label) throws SQLException {
    // Whatever the width of an integer in the table.
    Object value =
        switch (type) {
          case TEXT -> row.getString(label);
          case INTEGER -> row.getLong(label);
          case BOOLEAN -> row.getBoolean(label);
          case UUID -> row.getObject(label, UUID.class);
          case TIMESTAMP -> row.getObject(label, OffsetDateTime.class);
        };
    return row.wasNull() ? Optional.empty() : Optional.of(value);
  }

  /**
   * The value to bind, or empty if no row can have such a value.
   *
   * @throws ApiException bad request, if the text is no value of the type
   */
  Optional<Object> parse(String text) {
    return switch (type) {
      case TEXT -> text.indexOf('\0') >= 0 ? Optional.empty() : Optional.of(text);
      case INTEGER -> Optional.of(parseInteger(text));
      case BOOLEAN -> Optional.of(parseBoolean(text));
      case UUID -> parseUuid(text);
      case TIMESTAMP -> Optional.of(parseTimestamp(text));
    };
  }

  private long parseInteger(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw ApiException.invalidField(name, text, "'" + text + "' is not an integer");
    }
  }

  private boolean parseBoolean(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true", "1", "on", "yes", "t", "y" -> true;
      case "false", "0", "off", "no", "f", "n" -> false;
      default ->
          throw ApiException.invalidField(
              name, text, "'" + text + "' cannot be converted to boolean");
    };
  }

  private static Optional<Object> parseUuid(String text) {
    try {
      UUID uuid = java.util.UUID.fromString(text);
      return uuid.toString().equalsIgnoreCase(text) ? Optional.of(uuid) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private OffsetDateTime parseTimestamp(String text) {
    String iso = text.strip().replace(' ', 'T');
    try {
      return iso.matches(".*(Z|[+-]\\d\\d:?\\d\\d)$")
          ? OffsetDateTime.parse(iso.replaceFirst("([+-]\\d\\d)(\\d\\d)$", "$1:$2"))
          : LocalDateTime.parse(iso).atOffset(ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      throw ApiException.invalidField(name, text, "'" + text + "' is not a valid timestamp");
    }
  }
}
