package cloud.lastmile.image.record;

import cloud.lastmile.image.common.AttributeRules;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a user may say of an image.
 *
 * @param visibility {@code public}, {@code community}, {@code shared} or {@code private}
 * @param minRam in MiB
 * @param minDisk in GiB
 * @param tags sorted, each once
 * @param properties those that only their user understands
 */
public record ImageAttributes(
    Optional<String> name,
    String visibility,
    String owner,
    Optional<String> containerFormat,
    Optional<String> diskFormat,
    int minRam,
    int minDisk,
    boolean isProtected,
    boolean hidden,
    List<String> tags,
    SortedMap<String, String> properties) {

  public ImageAttributes {
    tags = List.copyOf(tags);
  }

  /** Reads a tree in the API's form, checked by {@link AttributeRules} before. */
  public static ImageAttributes of(ObjectNode tree) {
    SortedMap<String, String> properties = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : tree.properties()) {
      if (!AttributeRules.BASE.contains(field.getKey())) {
        properties.put(field.getKey(), field.getValue().asString());
      }
    }
    List<String> tags =
        tree.path("tags").values().stream().map(JsonNode::asString).sorted().distinct().toList();
    return new ImageAttributes(
        text(tree, "name"),
        tree.path("visibility").asString("shared"),
        tree.path("owner").asString(),
        text(tree, "container_format"),
        text(tree, "disk_format"),
        tree.path("min_ram").asInt(0),
        tree.path("min_disk").asInt(0),
        tree.path("protected").asBoolean(false),
        tree.path("os_hidden").asBoolean(false),
        tags,
        properties);
  }

  private static Optional<String> text(ObjectNode tree, String name) {
    JsonNode value = tree.path(name);
    return value.isString() ? Optional.of(value.asString()) : Optional.empty();
  }

  /** Adds them to an object in the API's form. */
  public void writeTo(ObjectNode tree) {
    properties.forEach(tree::put);
    tree.put("name", name.orElse(null));
    tree.put("disk_format", diskFormat.orElse(null));
    tree.put("container_format", containerFormat.orElse(null));
    tree.put("visibility", visibility);
    tree.put("protected", isProtected);
    tree.put("min_ram", minRam);
    tree.put("min_disk", minDisk);
    tree.put("owner", owner);
    tree.put("os_hidden", hidden);
    tree.set("tags", cloud.lastmile.platform.core.Json.strings(tags));
  }
}
