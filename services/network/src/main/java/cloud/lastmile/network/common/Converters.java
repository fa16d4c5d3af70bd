package cloud.lastmile.network.common;

import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.StorableText;
import cloud.lastmile.platform.resource.Converter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.StringNode;

/** The reference's validators and converters, by what they accept. */
public final class Converters {
  /**
   * Of one attribute, so that a row is not megabytes. The reference's own limits, where it has any,
   * are smaller.
   */
  private static final int MOST_ITEMS = 250;

  /** As the reference's limit of a binding's profile. */
  private static final int MOST_OF_OBJECT = 4_095;

  private Converters() {}

  /** Text of at most this many characters. */
  public static Converter text(int max) {
    return (name, value) -> {
      if (!value.isString()) {
        throw Errors.invalid(name, "'" + shown(value) + "' is not a valid string");
      }
      String text = value.asString();
      if (text.codePointCount(0, text.length()) > max) {
        throw Errors.invalid(name, "'" + shown(value) + "' exceeds maximum length of " + max);
      }
      Optional<String> flaw = StorableText.flaw(text);
      if (flaw.isPresent()) {
        throw Errors.invalid(name, flaw.get());
      }
      return value;
    };
  }

  public static Converter orNull(Converter converter) {
    return (name, value) -> value.isNull() ? value : converter.convert(name, value);
  }

  /** Null becomes the empty text, as where the reference converts None. */
  public static Converter nullAsEmpty(Converter converter) {
    return (name, value) ->
        value.isNull() ? StringNode.valueOf("") : converter.convert(name, value);
  }

  public static JsonNode bool(String name, JsonNode value) {
    if (value.isBoolean()) {
      return value;
    }
    String text = value.isValueNode() ? value.asString().toLowerCase(Locale.ROOT) : "";
    return switch (text) {
      case "true", "1" -> BooleanNode.TRUE;
      case "false", "0" -> BooleanNode.FALSE;
      default ->
          throw Errors.badRequest(
              "InvalidInput",
              "Invalid input for operation: '"
                  + shown(value)
                  + "' cannot be converted to"
                  + " boolean.");
    };
  }

  public static JsonNode uuid(String name, JsonNode value) {
    if (value.isString() && Ids.parseUuid(value.asString()).isPresent()) {
      return StringNode.valueOf(Ids.parseUuid(value.asString()).orElseThrow().toString());
    }
    throw Errors.invalid(name, "'" + shown(value) + "' is not a valid UUID");
  }

  public static Converter integer(int min, int max) {
    return (name, value) -> {
      String text = value.isIntegralNumber() || value.isString() ? value.asString() : "";
      if (!text.matches("-?\\d{1,15}")) {
        throw Errors.invalid(name, "'" + shown(value) + "' is not an integer");
      }
      long number = Long.parseLong(text);
      if (number < min) {
        throw Errors.invalid(name, "'" + text + "' is too small - must be at least '" + min + "'");
      }
      if (number > max) {
        throw Errors.invalid(
            name, "'" + text + "' is too large - must be no larger than '" + max + "'");
      }
      return IntNode.valueOf((int) number);
    };
  }

  public static Converter oneOf(List<String> allowed) {
    return (name, value) -> {
      if (value.isString() && allowed.contains(value.asString())) {
        return value;
      }
      String list = "['" + String.join("', '", allowed) + "']";
      throw Errors.invalid(name, shown(value) + " is not in " + list);
    };
  }

  /** A list without duplicates; null is the empty one. */
  public static Converter list(Converter item) {
    return (name, value) -> {
      ArrayNode items = Json.array();
      if (value.isNull()) {
        return items;
      }
      if (!value.isArray()) {
        throw Errors.invalid(name, "'" + shown(value) + "' is not a list");
      }
      if (value.size() > MOST_ITEMS) {
        throw Errors.invalid(
            name, "%d items in the list, the limit is %d".formatted(value.size(), MOST_ITEMS));
      }
      Set<JsonNode> seen = new LinkedHashSet<>();
      for (JsonNode element : value) {
        JsonNode converted = item.convert(name, element);
        if (!seen.add(converted)) {
          throw Errors.invalid(name, "Duplicate items in the list: '" + shown(element) + "'");
        }
        items.add(converted);
      }
      return items;
    };
  }

  public static JsonNode object(String name, JsonNode value) {
    if (value.isNull()) {
      return Json.object();
    }
    if (!value.isObject()) {
      throw Errors.invalid(name, "'" + shown(value) + "' is not a dictionary");
    }
    if (value.toString().length() > MOST_OF_OBJECT) {
      throw Errors.invalid(name, "more than " + MOST_OF_OBJECT + " characters");
    }
    return value;
  }

  public static JsonNode any(String name, JsonNode value) {
    return value;
  }

  /** Shortened JSON or text, for messages. */
  public static String shown(JsonNode value) {
    if (value.isNull()) {
      return "None";
    }
    String text = value.isString() ? value.asString() : value.toString();
    return text.length() > 100 ? text.substring(0, 100) + "..." : text;
  }

  public static JsonNode nothing() {
    return NullNode.getInstance();
  }
}
