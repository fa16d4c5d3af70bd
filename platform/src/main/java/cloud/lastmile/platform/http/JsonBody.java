package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.StorableText;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Reads JSON of anyone. What a body costs is its tree, not its bytes: a mebibyte of {@code {},} is
 * fifty of objects. So its size is judged before it is made.
 */
final class JsonBody {
  /** More than the largest bulk request needs. */
  private static final int MOST_VALUES = 100_000;

  /** Many times what a login needs. */
  private static final int MOST_VALUES_OF_STRANGERS = 2_000;

  private static final int BYTES_OF_A_VALUE = 80;

  private JsonBody() {}

  /**
   * @param isStranger whether nobody has logged in
   * @param lease to be told of what the tree takes
   * @throws ApiException if it is too much, no JSON, or has text that cannot be kept as it is
   */
  static JsonNode read(byte[] body, boolean isStranger, Budget.Lease lease) {
    long values = values(body);
    int most = isStranger ? MOST_VALUES_OF_STRANGERS : MOST_VALUES;
    if (values > most) {
      throw ApiException.badRequest("The request has more than " + most + " JSON values.");
    }
    lease.bytes(2L * body.length + values * BYTES_OF_A_VALUE);
    JsonNode tree = Json.parse(body);
    if (mayHaveOddValues(body) && isOdd(tree)) {
      check("", tree);
    }
    return tree;
  }

  /** No fewer than the body has; more if its text has commas and braces. */
  static long values(byte[] body) {
    long values = 1;
    for (byte octet : body) {
      if (octet == ',' || octet == '{' || octet == '[' || octet == ':') {
        values++;
      }
    }
    return values;
  }

  /**
   * Whether there may be a NUL or half of a surrogate pair, escaped or spelt out in bytes, or a
   * number that is none of ours.
   */
  private static boolean mayHaveOddValues(byte[] body) {
    int digits = 0;
    for (int i = 0; i + 1 < body.length; i++) {
      digits = body[i] >= '0' && body[i] <= '9' ? digits + 1 : 0;
      if ((body[i] == '\\' && body[i + 1] == 'u')
          || (body[i] == (byte) 0xED && (body[i + 1] & 0xE0) == 0xA0)
          || (digits > 0 && (body[i + 1] | 0x20) == 'e')
          || digits > Double.MAX_EXPONENT / 4) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOdd(JsonNode node) {
    if (node.isObject()) {
      return node.properties().stream()
          .anyMatch(property ->
              StorableText.flaw(property.getKey()).isPresent() || isOdd(property.getValue()));
    }
    for (JsonNode element : node.isArray() ? node : Json.array()) {
      if (isOdd(element)) {
        return true;
      }
    }
    return isTooLarge(node) || (node.isString() && StorableText.flaw(node.asString()).isPresent());
  }

  /** No JSON has infinity, so it could be kept and never be said again. */
  private static boolean isTooLarge(JsonNode node) {
    return node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue());
  }

  private static void check(String name, JsonNode node) {
    if (node.isString()) {
      checkText(name, node.asString());
    }
    if (isTooLarge(node)) {
      throw ApiException.invalidField(printable(name), "a number", "it is too large");
    }
    int index = 0;
    for (JsonNode element : node.isArray() ? node : Json.array()) {
      check(name + "[" + index++ + "]", element);
    }
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> property : node.properties()) {
        String inner = name.isEmpty() ? property.getKey() : name + "." + property.getKey();
        checkText(inner, property.getKey());
        check(inner, property.getValue());
      }
    }
  }

  private static void checkText(String name, String text) {
    StorableText.flaw(text)
        .ifPresent(flaw -> {
          // What cannot be kept cannot be said either.
          throw ApiException.invalidField(printable(name), "\"" + printable(text) + "\"", flaw);
        });
  }

  private static String printable(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(point -> {
          if (point == 0
              || (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)) {
            shown.append("\\u").append("%04x".formatted(point));
          } else {
            shown.appendCodePoint(point);
          }
        });
    return shown.toString();
  }
}
