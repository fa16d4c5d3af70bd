package cloud.lastmile.compute.common;

import cloud.lastmile.platform.core.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON in columns. Values were checked when they were written. */
public final class JsonColumns {
  private JsonColumns() {}

  public static Map<String, String> strings(@Nullable String json) {
    Map<String, String> strings = new LinkedHashMap<>();
    if (json != null && !json.equals("{}")) {
      JsonNode node = Json.mapper().readTree(json);
      node.properties().forEach(entry -> strings.put(entry.getKey(), entry.getValue().asString()));
    }
    return strings;
  }

  public static ObjectNode object(Map<String, String> strings) {
    ObjectNode node = Json.object();
    strings.forEach(node::put);
    return node;
  }

  public static String text(Map<String, String> strings) {
    return object(strings).toString();
  }
}
