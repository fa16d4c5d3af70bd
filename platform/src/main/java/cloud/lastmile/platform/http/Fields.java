package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.StorableText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * Reads a JSON object that a client sent, field by field, and names the field when it is wrong.
 *
 * <pre>{@code
 * Fields server = request.body().object("server");
 * String name = server.string("name", 1, 255);
 * Optional<String> key = server.optional("key_name").map(f -> f.text(1, 255));
 * server.rejectUnknown();
 * }</pre>
 *
 * <p>Every method throws {@link ApiException#invalidField} for a field that is missing or of the
 * wrong type, length or range. Not thread-safe.
 */
public final class Fields {
  private final String path;
  private final JsonNode node;
  private final Set<String> asked = new HashSet<>();

  private Fields(String path, JsonNode node) {
    this.path = path;
    this.node = node;
  }

  static Fields root(JsonNode node) {
    return of("", node);
  }

  private static Fields of(String path, JsonNode node) {
    if (!node.isObject()) {
      throw wrong(path.isEmpty() ? "body" : path, node, notOfType(node, "object"));
    }
    return new Fields(path, node);
  }

  /** The object itself, for what has no fixed shape. */
  public JsonNode node() {
    return node;
  }

  /** Whether the field is there, be it null. */
  public boolean has(String name) {
    asked.add(name);
    return node.has(name);
  }

  /** Whether the field is there and null. */
  public boolean isNull(String name) {
    asked.add(name);
    return node.has(name) && node.path(name).isNull();
  }

  /** The field's value, if it is there and not null. */
  public Optional<Value> optional(String name) {
    asked.add(name);
    JsonNode value = node.path(name);
    return value.isMissingNode() || value.isNull()
        ? Optional.empty()
        : Optional.of(new Value(child(name), value));
  }

  /** The field's value, which may be null but must be there. */
  public Value required(String name) {
    asked.add(name);
    JsonNode value = node.path(name);
    if (value.isMissingNode()) {
      throw ApiException.invalidField(
          child(name), node.toString(), "'" + name + "' is a required property");
    }
    return new Value(child(name), value);
  }

  public Fields object(String name) {
    return required(name).object();
  }

  /** Text of {@code min} to {@code max} characters. */
  public String string(String name, int min, int max) {
    return required(name).text(min, max);
  }

  public long integer(String name, long min, long max) {
    return required(name).integer(min, max);
  }

  public boolean bool(String name, boolean absent) {
    return optional(name).map(Value::bool).orElse(absent);
  }

  /** Refuses fields that were not asked for: {@code additionalProperties: false}. */
  public void rejectUnknown() {
    for (String name : node.propertyNames()) {
      if (!asked.contains(name)) {
        throw ApiException.invalidField(
            path.isEmpty() ? name : path,
            node.toString(),
            "Additional properties are not allowed ('" + name + "' was unexpected)");
      }
    }
  }

  /** A wrong-field error for a rule that only the service knows. */
  public ApiException invalid(String name, String reason) {
    return wrong(child(name), node.path(name), reason);
  }

  private String child(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static ApiException wrong(String path, JsonNode value, String reason) {
    return ApiException.invalidField(
        path, value.isString() ? value.asString() : value.toString(), reason);
  }

  private static String notOfType(JsonNode value, String type) {
    String text = value.toString();
    String shown = text.length() > 100 ? text.substring(0, 100) + "..." : text;
    return shown + " is not of type '" + type + "'";
  }

  /** One value with the path by which faults name it. */
  public static final class Value {
    private final String path;
    private final JsonNode node;

    private Value(String path, JsonNode node) {
      this.path = path;
      this.node = node;
    }

    public JsonNode node() {
      return node;
    }

    public boolean isString() {
      return node.isString();
    }

    public boolean isArray() {
      return node.isArray();
    }

    public boolean isObject() {
      return node.isObject();
    }

    public ApiException invalid(String reason) {
      return wrong(path, node, reason);
    }

    public String text(int min, int max) {
      if (!node.isString()) {
        throw invalid(notOfType(node, "string"));
      }
      String text = node.asString();
      int length = text.codePointCount(0, text.length());
      if (length < min) {
        throw invalid("'" + text + "' is too short");
      }
      if (length > max) {
        throw invalid("'" + text.substring(0, Math.min(text.length(), 100)) + "' is too long");
      }
      Optional<String> flaw = StorableText.flaw(text);
      if (flaw.isPresent()) {
        throw invalid(flaw.get());
      }
      return text;
    }

    public UUID uuid() {
      String text = text(0, 255);
      return Ids.parseUuid(text).orElseThrow(() -> invalid("'" + text + "' is not a 'uuid'"));
    }

    /** An integer, also written as a string, as the references take it. */
    public long integer(long min, long max) {
      long value;
      if (node.isIntegralNumber() && node.canConvertToLong()) {
        value = node.asLong();
      } else if (node.isString() && node.asString().matches("-?\\d{1,18}")) {
        value = Long.parseLong(node.asString());
      } else {
        throw invalid(notOfType(node, "integer"));
      }
      if (value < min) {
        throw invalid(value + " is less than the minimum of " + min);
      }
      if (value > max) {
        throw invalid(value + " is greater than the maximum of " + max);
      }
      return value;
    }

    /** A boolean, also written as a string, as the references take it. */
    public boolean bool() {
      if (node.isBoolean()) {
        return node.asBoolean();
      }
      if (node.isString()) {
        switch (node.asString().toLowerCase(java.util.Locale.ROOT)) {
          case "true", "1", "on", "yes" -> {
            return true;
          }
          case "false", "0", "off", "no" -> {
            return false;
          }
          default -> {}
        }
      }
      throw invalid(notOfType(node, "boolean"));
    }

    public Fields object() {
      return Fields.of(path, node);
    }

    /** The array's values. */
    public List<Value> values() {
      if (!node.isArray()) {
        throw invalid(notOfType(node, "array"));
      }
      List<Value> values = new ArrayList<>(node.size());
      for (int i = 0; i < node.size(); i++) {
        values.add(new Value(path + "[" + i + "]", node.get(i)));
      }
      return values;
    }

    /** An object of strings, such as metadata. */
    public Map<String, String> strings(int minKey, int maxKey, int maxValue) {
      Fields fields = object();
      Map<String, String> strings = new LinkedHashMap<>();
      for (String key : fields.node().propertyNames()) {
        int length = key.codePointCount(0, key.length());
        if (length < minKey || length > maxKey || StorableText.flaw(key).isPresent()) {
          throw invalid("'" + key + "' is not a valid key");
        }
        strings.put(key, fields.string(key, 0, maxValue));
      }
      return strings;
    }
  }
}
