package cloud.lastmile.compute;

import cloud.lastmile.platform.core.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON in columns. Values were checked when they were written. */
final class JsonColumns {
  private JsonColumns() {}

  static Map<String, String> strings(@Nullable String json) {
    Map<String, String> strings = new LinkedHashMap<>();
    if (json != null && !json.equals("{}")) {
      JsonNode node = Json.mapper().readTree(json);
      node.properties().forEach(entry -> strings.put(entry.getKey(), entry.getValue().asString()));
    }
    return strings;
  }

  static ObjectNode object(Map<String, String> strings) {
    ObjectNode node = Json.object();
    strings.forEach(node::put);
    return node;
  }

  static String text(Map<String, String> strings) {
    return object(strings).toString();
  }
}
