package cloud.lastmile.platform.resource;

import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Where and how plain inserts and updates put an attribute.
 *
 * @param column of the noun's table
 * @param form what it is set to, with {@code %s} for the parameter
 * @param value what JDBC gets; never asked about null, which becomes NULL
 */
public record Stored(String column, String form, Function<JsonNode, @Nullable Object> value) {

  /** A column of the noun's table, of this kind. */
  public static Stored in(String column, Column.Kind kind) {
    return switch (kind) {
      case TEXT -> new Stored(column, "%s", JsonNode::asString);
      case UUID -> cast(column, "uuid");
      case BOOLEAN -> new Stored(column, "%s", JsonNode::asBoolean);
      case INTEGER -> new Stored(column, "%s", JsonNode::asLong);
      case TIMESTAMP -> cast(column, "timestamptz");
      case JSON -> new Stored(column, "CAST(%s AS jsonb)", JsonNode::toString);
    };
  }

  /** A column of a type that PostgreSQL reads from text. */
  public static Stored cast(String column, String type) {
    return new Stored(column, "CAST(%s AS " + type + ")", JsonNode::asString);
  }

  /** A column that is an array of a type that PostgreSQL reads from text. */
  public static Stored array(String column, String type) {
    return new Stored(
        column,
        "CAST(CAST(%s AS text[]) AS " + type + "[])",
        value -> value.valueStream().map(JsonNode::asString).toArray(String[]::new));
  }

  /** For a column that is shown as it is. */
  static Optional<Stored> of(Column column) {
    return column.sql().equals("r." + column.name())
        ? Optional.of(in(column.name(), column.kind()))
        : Optional.empty();
  }

  @Nullable Object sql(JsonNode node) {
    return node.isNull() || node.isMissingNode() ? null : value.apply(node);
  }
}
