package cloud.lastmile.image.metadef;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.Fields;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads what clients say of metadata definitions; every fault names the field. */
final class MetadefInput {
  private static final int MAX_NAME = 80;

  /** What may be chosen from, far above what is: the reference knows no limit. */
  private static final int MAX_CHOICES = 4_096;

  private static final int MAX_TEXT = 65_535;
  private static final Set<String> READ_ONLY = Set.of("self", "schema", "created_at", "updated_at");
  private static final Set<String> TYPES =
      Set.of("array", "boolean", "integer", "number", "object", "string");

  private MetadefInput() {}

  /**
   * An item's name and the rest of it.
   *
   * @param body without the name
   */
  record Parsed(String name, ObjectNode body) {}

  static void refuseReadOnly(Fields fields) {
    for (String name : fields.node().propertyNames()) {
      if (READ_ONLY.contains(name)) {
        throw ApiException.forbidden("Attribute '" + name + "' is read-only.");
      }
    }
  }

  static Parsed item(ItemKind kind, Fields fields) {
    refuseReadOnly(fields);
    return parsed(kind, fields);
  }

  /** An item within its namespace, where what is read only may stand and says nothing. */
  static Parsed nested(ItemKind kind, Fields fields) {
    READ_ONLY.forEach(fields::has);
    return parsed(kind, fields);
  }

  private static Parsed parsed(ItemKind kind, Fields fields) {
    return new Parsed(fields.string("name", 1, MAX_NAME), body(kind, fields));
  }

  /** Everything but the name, which is elsewhere. */
  static ObjectNode body(ItemKind kind, Fields fields) {
    fields.has("name");
    ObjectNode body = Json.object();
    switch (kind) {
      case TAG -> {}
      case RESOURCE_TYPE ->
          List.of("prefix", "properties_target").forEach(name -> text(fields, name, 80, body));
      case OBJECT -> object(fields, body);
      case PROPERTY -> property(fields, body);
    }
    fields.rejectUnknown();
    return body;
  }

  private static void object(Fields fields, ObjectNode body) {
    text(fields, "description", MAX_TEXT, body);
    strings(fields, "required", body);
    fields
        .optional("properties")
        .ifPresent(value -> {
          ObjectNode properties = body.putObject("properties");
          properties(value.object()).forEach(properties::set);
        });
  }

  /** Properties by name. */
  static Map<String, ObjectNode> properties(Fields fields) {
    Map<String, ObjectNode> properties = new LinkedHashMap<>();
    for (String name : fields.node().propertyNames()) {
      if (name.isEmpty() || name.length() > MAX_NAME || name.indexOf('\0') >= 0) {
        throw fields.invalid(name, "'" + name + "' is not the name of a property");
      }
      properties.put(name, body(ItemKind.PROPERTY, fields.object(name)));
    }
    return properties;
  }

  private static void property(Fields fields, ObjectNode body) {
    body.put("title", fields.string("title", 0, MAX_TEXT));
    String type = fields.string("type", 0, MAX_NAME);
    if (!TYPES.contains(type)) {
      throw fields.invalid("type", "'" + type + "' is not one of " + TYPES);
    }
    body.put("type", type);
    text(fields, "description", MAX_TEXT, body);
    text(fields, "pattern", MAX_TEXT, body);
    for (String name : List.of("operators", "required")) {
      strings(fields, name, body);
    }
    for (String name : List.of("maxLength", "minLength", "maxItems", "minItems")) {
      fields.optional(name).ifPresent(value -> body.put(name, value.integer(0, Integer.MAX_VALUE)));
    }
    for (String name : List.of("minimum", "maximum")) {
      fields
          .optional(name)
          .ifPresent(value -> {
            if (!value.node().isNumber()) {
              throw value.invalid("it is not of type 'number'");
            }
            body.set(name, value.node());
          });
    }
    for (String name : List.of("readonly", "uniqueItems", "additionalItems")) {
      fields.optional(name).ifPresent(value -> body.put(name, value.bool()));
    }
    fields.optional("enum").ifPresent(value -> body.set("enum", array(value)));
    fields.optional("items").ifPresent(value -> body.set("items", value.object().node()));
    fields.optional("default").ifPresent(value -> body.set("default", value.node()));
  }

  private static JsonNode array(Fields.Value value) {
    if (value.values().size() > MAX_CHOICES) {
      throw value.invalid("it has more than " + MAX_CHOICES + " elements");
    }
    return value.node();
  }

  private static void text(Fields fields, String name, int max, ObjectNode body) {
    fields.optional(name).ifPresent(value -> body.put(name, value.text(0, max)));
  }

  private static void strings(Fields fields, String name, ObjectNode body) {
    fields
        .optional(name)
        .ifPresent(value -> {
          List<String> texts = value.values().stream().map(text -> text.text(0, MAX_TEXT)).toList();
          body.set(name, Json.strings(texts));
        });
  }
}
