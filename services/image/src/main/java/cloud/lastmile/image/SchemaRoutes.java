package cloud.lastmile.image;

import cloud.lastmile.image.metadef.MetadefSchemas;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2/schemas}: what images and members look like, as JSON schemas. */
final class SchemaRoutes {
  private static final String UUID_PATTERN =
      "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$";

  private SchemaRoutes() {}

  static List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    MetadefSchemas.all()
        .forEach((name, schema) ->
            routes.add(
                Route.get(
                    "/v2/schemas/metadefs/" + name,
                    ImageRules.ANYONE,
                    _ -> ApiResponse.ok(schema))));
    routes.addAll(ofImages());
    return routes;
  }

  private static List<Route> ofImages() {
    return List.of(
        Route.get("/v2/schemas/task", ImageRules.ANYONE, SchemaRoutes::showTask),
        Route.get("/v2/schemas/tasks", ImageRules.ANYONE, SchemaRoutes::showTasks),
        Route.get("/v2/schemas/image", ImageRules.ANYONE, SchemaRoutes::showImage),
        Route.get("/v2/schemas/images", ImageRules.ANYONE, SchemaRoutes::showImages),
        Route.get("/v2/schemas/member", ImageRules.ANYONE, SchemaRoutes::showMember),
        Route.get("/v2/schemas/members", ImageRules.ANYONE, SchemaRoutes::showMembers));
  }

  private static ApiResponse showTask(ApiRequest request) {
    return ApiResponse.ok(TaskSchemas.task(true));
  }

  private static ApiResponse showTasks(ApiRequest request) {
    return ApiResponse.ok(collection("tasks", TaskSchemas.task(false), true));
  }

  private static ApiResponse showImage(ApiRequest request) {
    return ApiResponse.ok(image());
  }

  private static ApiResponse showImages(ApiRequest request) {
    return ApiResponse.ok(collection("images", image(), true));
  }

  private static ApiResponse showMember(ApiRequest request) {
    return ApiResponse.ok(member());
  }

  private static ApiResponse showMembers(ApiRequest request) {
    return ApiResponse.ok(collection("members", member(), false));
  }

  private static ObjectNode collection(String name, ObjectNode item, boolean paged) {
    ObjectNode schema = Json.object().put("name", name);
    ObjectNode properties = schema.putObject("properties");
    properties.putObject(name).put("type", "array").set("items", item);
    if (paged) {
      properties.putObject("first").put("type", "string");
      properties.putObject("next").put("type", "string");
    }
    properties.putObject("schema").put("type", "string");
    ArrayNode links = schema.putArray("links");
    if (paged) {
      links.addObject().put("rel", "first").put("href", "{first}");
      links.addObject().put("rel", "next").put("href", "{next}");
    }
    links.addObject().put("rel", "describedby").put("href", "{schema}");
    return schema;
  }

  private static ObjectNode member() {
    ObjectNode schema = Json.object().put("name", "member");
    ObjectNode properties = schema.putObject("properties");
    text(properties, "created_at", "When the image was shared");
    text(properties, "image_id", "The image's ID").put("pattern", UUID_PATTERN);
    text(properties, "member_id", "The project with which the image is shared");
    text(properties, "schema", "Path of this schema").put("readOnly", true);
    text(properties, "status", "What the project said to it")
        .set("enum", Json.strings(List.of("pending", "accepted", "rejected")));
    text(properties, "updated_at", "When the status was last changed");
    return schema;
  }

  private static ObjectNode image() {
    ObjectNode schema = Json.object().put("name", "image");
    ObjectNode properties = schema.putObject("properties");
    settable(properties);
    readOnly(properties);
    schema.putObject("additionalProperties").put("type", "string");
    ArrayNode links = schema.putArray("links");
    links.addObject().put("rel", "self").put("href", "{self}");
    links.addObject().put("rel", "enclosure").put("href", "{file}");
    links.addObject().put("rel", "describedby").put("href", "{schema}");
    return schema;
  }

  private static void settable(ObjectNode properties) {
    text(properties, "id", "The image's ID").put("pattern", UUID_PATTERN);
    nullable(properties, "name", "A name for people", AttributeRules.MAX_TEXT);
    text(properties, "visibility", "Who may see the image")
        .set("enum", Json.strings(AttributeRules.VISIBILITIES));
    typed(properties, "protected", "boolean", "Whether the image cannot be deleted");
    typed(properties, "os_hidden", "boolean", "Whether lists leave the image out by default");
    nullable(properties, "owner", "The project that owns the image", AttributeRules.MAX_TEXT);
    formats(
        properties,
        "container_format",
        "What the bytes are wrapped in",
        AttributeRules.CONTAINER_FORMATS);
    formats(properties, "disk_format", "The format of the disk", AttributeRules.DISK_FORMATS);
    typed(properties, "min_ram", "integer", "Memory in MB that a server with it needs");
    typed(properties, "min_disk", "integer", "Disk in GB that a server with it needs");
    typed(properties, "tags", "array", "Words by which the image is found")
        .putObject("items")
        .put("type", "string")
        .put("maxLength", AttributeRules.MAX_TEXT);
  }

  private static void readOnly(ObjectNode properties) {
    text(properties, "status", "How far the image is")
        .put("readOnly", true)
        .set(
            "enum",
            Json.strings(
                List.of(
                    "queued",
                    "saving",
                    "active",
                    "killed",
                    "deleted",
                    "uploading",
                    "importing",
                    "pending_delete",
                    "deactivated")));
    nullable(properties, "checksum", "MD5 of the bytes", 32).put("readOnly", true);
    nullable(properties, "os_hash_algo", "The algorithm of os_hash_value", 64)
        .put("readOnly", true);
    nullable(properties, "os_hash_value", "Hash of the bytes", 128).put("readOnly", true);
    number(properties, "size", "Number of bytes");
    number(properties, "virtual_size", "Size of the disk in bytes");
    text(properties, "created_at", "When the image was made").put("readOnly", true);
    text(properties, "updated_at", "When the image was last changed").put("readOnly", true);
    text(properties, "self", "Path of the image").put("readOnly", true);
    text(properties, "file", "Path of the image's bytes").put("readOnly", true);
    text(properties, "schema", "Path of this schema").put("readOnly", true);
  }

  private static ObjectNode typed(
      ObjectNode properties, String name, String type, String description) {
    return properties.putObject(name).put("type", type).put("description", description);
  }

  private static ObjectNode text(ObjectNode properties, String name, String description) {
    return typed(properties, name, "string", description);
  }

  private static ObjectNode nullable(
      ObjectNode properties, String name, String description, int maxLength) {
    ObjectNode property = properties.putObject(name);
    property.set("type", Json.strings(List.of("null", "string")));
    return property.put("description", description).put("maxLength", maxLength);
  }

  private static void number(ObjectNode properties, String name, String description) {
    ObjectNode property = properties.putObject(name);
    property.set("type", Json.strings(List.of("null", "integer")));
    property.put("description", description).put("readOnly", true);
  }

  private static void formats(
      ObjectNode properties, String name, String description, List<String> formats) {
    ObjectNode property = properties.putObject(name);
    property.set("type", Json.strings(List.of("null", "string")));
    ArrayNode values = property.put("description", description).putArray("enum");
    values.addNull();
    formats.forEach(values::add);
  }
}
