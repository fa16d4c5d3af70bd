package cloud.lastmile.image.metadef;

import cloud.lastmile.platform.core.Json;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/** Metadata definitions as JSON schemas, by their path below {@code /v2/schemas/metadefs}. */
public final class MetadefSchemas {
  private static final List<String> TYPES =
      List.of("array", "boolean", "integer", "number", "object", "string");

  private MetadefSchemas() {}

  /** All of them. */
  public static Map<String, ObjectNode> all() {
    Map<String, ObjectNode> schemas = new TreeMap<>();
    schemas.put("namespace", namespace());
    schemas.put("namespaces", collection("namespaces", namespace(), true));
    schemas.put("object", object());
    schemas.put("objects", collection("objects", object(), true));
    schemas.put("property", property());
    schemas.put("properties", properties());
    schemas.put("tag", tag());
    schemas.put("tags", collection("tags", tag(), true));
    schemas.put("resource_type", resourceType());
    schemas.put("resource_types", collection("resource_type_associations", resourceType(), false));
    return schemas;
  }

  private static ObjectNode named(String name, String... required) {
    ObjectNode schema = Json.object().put("name", name);
    schema.set("required", Json.strings(List.of(required)));
    schema.putObject("properties");
    return schema;
  }

  private static ObjectNode text(ObjectNode schema, String name, int maxLength) {
    return ((ObjectNode) schema.path("properties"))
        .putObject(name)
        .put("type", "string")
        .put("maxLength", maxLength);
  }

  private static void readOnly(ObjectNode schema, String... names) {
    for (String name : names) {
      ((ObjectNode) schema.path("properties"))
          .putObject(name)
          .put("type", "string")
          .put("readOnly", true);
    }
  }

  private static ObjectNode collection(String name, ObjectNode item, boolean paged) {
    ObjectNode schema = named(name);
    schema.remove("required");
    ObjectNode properties = (ObjectNode) schema.path("properties");
    properties.putObject(name).put("type", "array").set("items", item);
    for (String link : paged ? List.of("first", "next", "schema") : List.of("schema")) {
      properties.putObject(link).put("type", "string");
    }
    return schema;
  }

  private static ObjectNode namespace() {
    ObjectNode schema = named("namespace", "namespace");
    text(schema, "namespace", 80);
    text(schema, "display_name", 80);
    text(schema, "description", 500);
    text(schema, "visibility", 80).set("enum", Json.strings(List.of("public", "private")));
    text(schema, "owner", 255);
    ObjectNode properties = (ObjectNode) schema.path("properties");
    properties.putObject("protected").put("type", "boolean");
    for (String array : List.of("objects", "tags", "resource_type_associations")) {
      properties.putObject(array).put("type", "array").putObject("items").put("type", "object");
    }
    properties.putObject("properties").put("type", "object");
    readOnly(schema, "created_at", "updated_at", "self", "schema");
    return schema;
  }

  private static ObjectNode object() {
    ObjectNode schema = named("object", "name");
    text(schema, "name", 80);
    text(schema, "description", 65_535);
    ObjectNode properties = (ObjectNode) schema.path("properties");
    properties.putObject("required").put("type", "array").putObject("items").put("type", "string");
    properties.putObject("properties").put("type", "object");
    readOnly(schema, "created_at", "updated_at", "self", "schema");
    return schema;
  }

  private static ObjectNode property() {
    ObjectNode schema = named("property", "name", "title", "type");
    text(schema, "name", 80);
    text(schema, "title", 80);
    text(schema, "description", 65_535);
    text(schema, "type", 80).set("enum", Json.strings(TYPES));
    text(schema, "pattern", 65_535).put("format", "regex");
    ObjectNode properties = (ObjectNode) schema.path("properties");
    for (String number : List.of("minimum", "maximum")) {
      properties.putObject(number).put("type", "number");
    }
    for (String number : List.of("minLength", "maxLength", "minItems", "maxItems")) {
      properties.putObject(number).put("type", "integer").put("minimum", 0);
    }
    for (String flag : List.of("readonly", "uniqueItems", "additionalItems")) {
      properties.putObject(flag).put("type", "boolean");
    }
    for (String array : List.of("operators", "required", "enum")) {
      properties.putObject(array).put("type", "array");
    }
    properties.putObject("items").put("type", "object");
    properties.putObject("default");
    return schema;
  }

  private static ObjectNode properties() {
    ObjectNode schema = named("properties");
    schema.remove("required");
    ((ObjectNode) schema.path("properties"))
        .putObject("properties")
        .put("type", "object")
        .set("additionalProperties", property());
    return schema;
  }

  private static ObjectNode tag() {
    ObjectNode schema = named("tag", "name");
    text(schema, "name", 80);
    readOnly(schema, "created_at", "updated_at");
    return schema;
  }

  private static ObjectNode resourceType() {
    ObjectNode schema = named("resource_type_association", "name");
    text(schema, "name", 80);
    text(schema, "prefix", 80);
    text(schema, "properties_target", 80);
    readOnly(schema, "created_at", "updated_at");
    return schema;
  }
}
