package cloud.lastmile.image.schema;

import cloud.lastmile.image.task.TaskSchemas;
import cloud.lastmile.platform.core.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the API shows, as JSON schemas. Those of single things are files of the folder {@code
 * schemas}; those of lists are made of them.
 */
final class Schemas {
  private static final String DEFINITIONS = "definitions";
  private static final List<String> PAGES = List.of("first", "next");

  private Schemas() {}

  /** All of them by their path below {@code /v2/schemas}. */
  static Map<String, ObjectNode> all() {
    Map<String, ObjectNode> schemas = new TreeMap<>();
    schemas.put("image", read("image"));
    schemas.put("images", list("images", read("image"), PAGES));
    schemas.put("member", read("member"));
    schemas.put("members", list("members", read("member"), List.of()));
    schemas.put("task", TaskSchemas.task(true));
    schemas.put("tasks", list("tasks", TaskSchemas.task(false), PAGES));
    metadefs().forEach((name, schema) -> schemas.put("metadefs/" + name, schema));
    return schemas;
  }

  private static Map<String, ObjectNode> metadefs() {
    ObjectNode definitions = read("metadefs/" + DEFINITIONS);
    ObjectNode namespace = read("metadefs/namespace");
    ObjectNode object = read("metadefs/object");
    ObjectNode tag = read("metadefs/tag");
    ObjectNode resourceType = read("metadefs/resource_type");
    return Map.of(
        "namespace", with(definitions, namespace),
        "namespaces", with(definitions, list("namespaces", namespace, PAGES)),
        "object", with(definitions, object),
        "objects", with(definitions, list("objects", object, PAGES)),
        "property", with(definitions, property(definitions, "type", "title", "name")),
        "properties", with(definitions, properties(property(definitions, "type", "title"))),
        "tag", tag,
        "tags", list("tags", tag, PAGES),
        "resource_type", resourceType,
        "resource_types", list("resource_type_associations", resourceType, PAGES));
  }

  private static ObjectNode read(String name) {
    try (InputStream input = Schemas.class.getResourceAsStream("/schemas/" + name + ".json")) {
      if (input == null) {
        throw new IllegalStateException("the schema " + name + " is missing");
      }
      return (ObjectNode) Json.parse(input.readAllBytes());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static ObjectNode with(ObjectNode definitions, ObjectNode schema) {
    return schema.deepCopy().set(DEFINITIONS, definitions);
  }

  /** A property that stands alone; within a namespace or an object it is a definition. */
  private static ObjectNode property(ObjectNode definitions, String... required) {
    ObjectNode schema = Json.object().put("name", "property");
    schema.set("required", Json.strings(List.of(required)));
    schema.put("additionalProperties", false);
    return schema.set(
        "properties", definitions.at("/property/additionalProperties/properties").deepCopy());
  }

  private static ObjectNode properties(ObjectNode property) {
    ObjectNode schema = list("properties", property, PAGES);
    ((ObjectNode) schema.path("properties"))
        .putObject("properties")
        .put("type", "object")
        .set("additionalProperties", property);
    return schema;
  }

  /**
   * @param pages links to other pages, if it comes in pages
   */
  private static ObjectNode list(String name, ObjectNode item, List<String> pages) {
    ObjectNode schema = Json.object().put("name", name);
    ObjectNode properties = schema.putObject("properties");
    properties.putObject(name).put("type", "array").set("items", item);
    ArrayNode links = schema.putArray("links");
    for (String page : pages) {
      properties.putObject(page).put("type", "string");
      links.addObject().put("rel", page).put("href", "{" + page + "}");
    }
    properties.putObject("schema").put("type", "string");
    links.addObject().put("rel", "describedby").put("href", "{schema}");
    return schema;
  }
}
