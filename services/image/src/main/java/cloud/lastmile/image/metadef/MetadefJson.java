package cloud.lastmile.image.metadef;

import cloud.lastmile.image.metadef.MetadefStore.Item;
import cloud.lastmile.image.metadef.MetadefStore.Namespace;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Metadata definitions as the API shows them. */
final class MetadefJson {
  static final String NAMESPACES = "/v2/metadefs/namespaces";

  private MetadefJson() {}

  /**
   * @param items those to show in it
   * @param prefix put before the names of properties
   */
  static ObjectNode namespace(Namespace namespace, List<Item> items, String prefix) {
    ObjectNode tree = Json.object().put("namespace", namespace.name());
    namespace.displayName().ifPresent(text -> tree.put("display_name", text));
    namespace.description().ifPresent(text -> tree.put("description", text));
    tree.put("visibility", namespace.visibility());
    tree.put("protected", namespace.isProtected());
    tree.put("owner", namespace.owner());
    times(tree, namespace.createdAt(), namespace.updatedAt());
    tree.put("self", NAMESPACES + "/" + namespace.name());
    tree.put("schema", "/v2/schemas/metadefs/namespace");
    for (Item item : items) {
      switch (item.kind()) {
        case RESOURCE_TYPE -> array(tree, "resource_type_associations").add(item(item));
        case OBJECT -> array(tree, "objects").add(prefixed(item(item), prefix));
        case TAG -> array(tree, "tags").add(tag(item.name()));
        case PROPERTY -> {
          ObjectNode properties =
              tree.get("properties") instanceof ObjectNode present
                  ? present
                  : tree.putObject("properties");
          properties.set(prefix + item.name(), property(item, prefix));
        }
      }
    }
    return tree;
  }

  private static ArrayNode array(ObjectNode tree, String name) {
    return tree.get(name) instanceof ArrayNode present ? present : tree.putArray(name);
  }

  /** A tag among others, without its times. */
  static ObjectNode tag(String name) {
    return Json.object().put("name", name);
  }

  static ObjectNode item(Item item) {
    ObjectNode tree = Json.object().put("name", item.name());
    tree.setAll(item.body());
    times(tree, item.createdAt(), item.updatedAt());
    if (item.kind() == ItemKind.OBJECT) {
      if (!tree.has("required")) {
        tree.putArray("required");
      }
      if (!tree.has("properties")) {
        tree.putObject("properties");
      }
      tree.put("self", NAMESPACES + "/" + item.namespace() + "/objects/" + item.name());
      tree.put("schema", "/v2/schemas/metadefs/object");
    }
    return tree;
  }

  private static ObjectNode prefixed(ObjectNode object, String prefix) {
    ObjectNode properties = Json.object();
    object
        .path("properties")
        .properties()
        .forEach(property -> properties.set(prefix + property.getKey(), property.getValue()));
    object.set("properties", properties);
    ArrayNode required = Json.mapper().createArrayNode();
    object.path("required").forEach(name -> required.add(prefix + name.asString()));
    object.set("required", required);
    return object;
  }

  /** Properties have no times. */
  static ObjectNode property(Item item, String prefix) {
    ObjectNode tree = Json.object().put("name", prefix + item.name());
    tree.setAll(item.body());
    return tree;
  }

  static void times(ObjectNode tree, Instant created, Instant updated) {
    tree.put("created_at", Timestamps.seconds(created));
    tree.put("updated_at", Timestamps.seconds(updated));
  }
}
