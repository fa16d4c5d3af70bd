package cloud.lastmile.image.request;

import cloud.lastmile.image.record.ImageColumns;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Condition;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The filters of the list of images: those the reference has, by the same names and operators. */
final class ImageFilters {
  private static final Set<String> STEERING =
      Set.of("limit", "marker", "sort", "sort_key", "sort_dir", "member_status", "visibility");
  private static final Set<String> WITH_IN =
      Set.of("name", "status", "container_format", "disk_format", "id");
  private static final Set<String> TEXTS =
      Set.of("owner", "checksum", "os_hash_algo", "os_hash_value");
  private static final Set<String> NUMBERS = Set.of("size", "virtual_size", "min_ram", "min_disk");
  private static final Map<String, String> COMPARISONS =
      Map.of("gt", ">", "gte", ">=", "lt", "<", "lte", "<=", "eq", "=", "neq", "<>");

  /** A quoted value with escapes, a plain one, or nothing between two commas. */
  private static final Pattern LIST_VALUE =
      Pattern.compile("\"([^\"\\\\]*(?:\\\\.[^\"\\\\]*)*)\",?|([^,]+),?|,");

  private ImageFilters() {}

  static List<Condition> of(Map<String, List<String>> query) {
    List<Condition> conditions = new ArrayList<>();
    if (!query.containsKey("os_hidden")) {
      conditions.add(Condition.of("NOT i.os_hidden"));
    }
    query.forEach((name, values) -> {
      if (name.equals("tag")) {
        values.forEach(tag -> conditions.add(tag(tag.strip())));
      } else if (!STEERING.contains(name)) {
        conditions.add(filter(name, values.getLast()));
      }
    });
    return conditions;
  }

  private static Condition tag(String tag) {
    return storable(tag) ? Condition.of("i.tags @> ARRAY[{}::text]", tag) : Condition.NEVER;
  }

  private static Condition filter(String name, String value) {
    if (WITH_IN.contains(name)) {
      return oneOf(name, value);
    }
    if (TEXTS.contains(name)) {
      return storable(value) ? Condition.of("i." + name + " = {}", value) : Condition.NEVER;
    }
    if (NUMBERS.contains(name)) {
      return value.matches("\\d{1,18}")
          ? Condition.of(number(name) + " = {}", Long.parseLong(value))
          : Condition.NEVER;
    }
    return switch (name) {
      case "created_at", "updated_at" -> time(name, value);
      case "protected" -> flag(name, value);
      // Only here the reference does not look at case.
      case "os_hidden" -> flag(name, value.toLowerCase(Locale.ROOT));
      case "changes-since" ->
          throw ApiException.badRequest(
              "The \"changes-since\" filter is no longer available on v2.");
      default -> rangeOrProperty(name, value);
    };
  }

  private static String number(String name) {
    return name.equals("size") ? ImageColumns.SIZE : "i." + name;
  }

  private static Condition flag(String name, String value) {
    return switch (value) {
      case "true" -> Condition.of("i." + name);
      case "false" -> Condition.of("NOT i." + name);
      default ->
          throw ApiException.badRequest(
              "Invalid value '"
                  + value
                  + "' for '"
                  + name
                  + "' filter. Valid values are 'true' or 'false'.");
    };
  }

  private static Condition rangeOrProperty(String name, String value) {
    int suffix = name.length() - 4;
    if (suffix > 0 && NUMBERS.contains(name.substring(0, suffix))) {
      boolean isMin = name.endsWith("_min");
      if (isMin || name.endsWith("_max")) {
        if (!value.strip().matches("-?\\d{1,18}")) {
          throw ApiException.badRequest("Unable to filter on a range with a non-numeric value.");
        }
        // A size that is not known is -1, and in no range.
        long bound = Long.parseLong(value.strip());
        return Condition.of(
            number(name.substring(0, suffix)) + (isMin ? " >= {}" : " BETWEEN 0 AND {}"),
            isMin ? Math.max(0, bound) : bound);
      }
    }
    return storable(name) && storable(value)
        ? Condition.of("i.properties @> {}::jsonb", Json.object().put(name, value).toString())
        : Condition.NEVER;
  }

  private static Condition oneOf(String name, String text) {
    int colon = text.indexOf(':');
    String operator = colon < 0 ? "eq" : text.substring(0, colon);
    String rest = text.substring(colon + 1);
    return switch (operator) {
      case "in" -> in(name, listed(rest));
      case "eq" -> in(name, List.of(rest));
      // A colon in a plain value is no operator unless it follows the name of one.
      case "gt", "gte", "lt", "lte", "neq" ->
          throw ApiException.badRequest("Unable to filter by unknown operator '" + operator + "'.");
      default -> in(name, List.of(text));
    };
  }

  private static Condition in(String name, List<String> values) {
    if (name.equals("id")) {
      List<UUID> ids = values.stream().flatMap(text -> Ids.parseUuid(text).stream()).toList();
      return Condition.in("i.id", ids);
    }
    List<String> storable = values.stream().filter(ImageFilters::storable).toList();
    return switch (name) {
      case "name" -> Condition.in(ImageColumns.NAME, storable.stream().map("!"::concat).toList());
      case "container_format" -> Condition.in(ImageColumns.CONTAINER_FORMAT, present(storable));
      case "disk_format" -> Condition.in(ImageColumns.DISK_FORMAT, present(storable));
      default -> Condition.in("i." + name, storable);
    };
  }

  private static List<String> present(List<String> values) {
    return values.stream().filter(value -> !value.isEmpty()).toList();
  }

  private static List<String> listed(String text) {
    List<String> values = new ArrayList<>();
    if (text.chars().filter(character -> character == '"').count() % 2 != 0) {
      throw ApiException.badRequest("Invalid filter value " + text + ". The quote is not closed.");
    }
    Matcher matcher = LIST_VALUE.matcher(text);
    while (matcher.find()) {
      String quoted = matcher.group(1);
      String plain = matcher.group(2);
      values.add(quoted != null ? quoted : plain != null ? plain : "");
    }
    return values;
  }

  private static Condition time(String name, String text) {
    int colon = text.indexOf(':');
    String operator = colon < 0 ? "" : text.substring(0, colon);
    String comparison = COMPARISONS.get(operator);
    String time = comparison == null ? text : text.substring(colon + 1);
    if (comparison == null && operator.matches("[a-z]+")) {
      throw ApiException.badRequest("Unable to filter on a unknown operator.");
    }
    Instant instant =
        Timestamps.parse(time)
            .orElseThrow(() ->
                ApiException.badRequest(
                    "Bad \"" + name + "\" query filter format. Use ISO 8601 DateTime notation."));
    return wholeSeconds("i." + name, comparison == null ? "=" : comparison, instant);
  }

  /**
   * The API shows and compares whole seconds. The column stands alone, for an index and for what is
   * known of its values.
   */
  private static Condition wholeSeconds(String column, String comparison, Instant instant) {
    OffsetDateTime floor = instant.truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC);
    OffsetDateTime after = floor.plusSeconds(1);
    boolean isWhole = instant.equals(floor.toInstant());
    OffsetDateTime ceiling = isWhole ? floor : after;
    return switch (comparison) {
      case ">" -> Condition.of(column + " >= {}", after);
      case ">=" -> Condition.of(column + " >= {}", ceiling);
      case "<" -> Condition.of(column + " < {}", ceiling);
      case "<=" -> Condition.of(column + " < {}", after);
      case "=" ->
          isWhole
              ? Condition.of(column + " >= {} AND " + column + " < {}", floor, after)
              : Condition.NEVER;
      default ->
          isWhole
              ? Condition.of("(" + column + " < {} OR " + column + " >= {})", floor, after)
              : Condition.of("TRUE");
    };
  }

  private static boolean storable(String text) {
    return text.indexOf('\0') < 0;
  }
}
