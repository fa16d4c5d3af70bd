package cloud.lastmile.image.task;

import cloud.lastmile.platform.core.Json;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Tasks as JSON schemas. */
public final class TaskSchemas {
  private static final String UUID_PATTERN =
      "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$";

  public static final List<String> TYPES =
      List.of(TaskStore.IMPORT, TaskStore.IMAGE_IMPORT, "location_import");
  public static final List<String> STATUSES =
      List.of("pending", "processing", "success", "failure");

  private TaskSchemas() {}

  public static ObjectNode task(boolean isWhole) {
    ObjectNode schema = Json.object().put("name", "task");
    ObjectNode properties = schema.putObject("properties");
    properties.putObject("id").put("type", "string").put("pattern", UUID_PATTERN);
    for (String text :
        List.of("owner", "image_id", "request_id", "user_id", "created_at", "updated_at")) {
      properties.putObject(text).put("type", "string");
    }
    properties.putObject("type").put("type", "string").set("enum", Json.strings(TYPES));
    properties.putObject("status").put("type", "string").set("enum", Json.strings(STATUSES));
    properties.putObject("expires_at").set("type", Json.strings(List.of("null", "string")));
    for (String link : List.of("self", "schema")) {
      properties.putObject(link).put("type", "string").put("readOnly", true);
    }
    if (isWhole) {
      properties.putObject("message").put("type", "string");
      for (String object : List.of("input", "result")) {
        properties.putObject(object).set("type", Json.strings(List.of("null", "object")));
      }
    }
    return schema;
  }
}
