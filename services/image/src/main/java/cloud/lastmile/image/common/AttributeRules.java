package cloud.lastmile.image.common;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Ids;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What values an image's attributes may have; every fault names the attribute. */
public final class AttributeRules {
  /** Attributes with a meaning of their own; all others are custom properties. */
  public static final Set<String> BASE =
      Set.of(
          "name",
          "visibility",
          "owner",
          "container_format",
          "disk_format",
          "min_ram",
          "min_disk",
          "protected",
          "os_hidden",
          "tags");

  /** What the service says of an image; no one else may. */
  public static final Set<String> READ_ONLY =
      Set.of(
          "created_at",
          "updated_at",
          "status",
          "checksum",
          "size",
          "virtual_size",
          "direct_url",
          "self",
          "file",
          "schema",
          "id",
          "os_hash_algo",
          "os_hash_value",
          "stores");

  static final Set<String> RESERVED = Set.of("location", "deleted", "deleted_at");
  static final String RESERVED_PREFIX = "os_glance";

  public static final List<String> DISK_FORMATS =
      List.of("ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso");
  public static final List<String> CONTAINER_FORMATS =
      List.of("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed");
  public static final List<String> VISIBILITIES =
      List.of("community", "public", "private", "shared");

  private static final List<String> KEY_DELETIONS = List.of("on_image_deletion", "do_not_delete");

  public static final int MAX_TEXT = 255;
  private static final int MAX_PROPERTY = 65_535;
  private static final int MAX_PROPERTIES = 128;

  /** In all, so that a page of images is not gigabytes; the reference has no such limit. */
  private static final int MAX_WHOLE = 131_072;

  static final int MAX_TAGS = 128;

  private AttributeRules() {}

  /** That a user may set an attribute of this name at all. */
  public static void requireSettable(String name) {
    if (READ_ONLY.contains(name)) {
      throw ApiException.forbidden("Attribute '" + name + "' is read-only.");
    }
    requireUnreserved(name);
  }

  public static void requireUnreserved(String name) {
    if (RESERVED.contains(name) || name.startsWith(RESERVED_PREFIX)) {
      throw ApiException.forbidden("Attribute '" + name + "' is reserved.");
    }
  }

  /** That the value may stand in an image. */
  public static void check(String name, JsonNode value) {
    switch (name) {
      case "name", "owner" -> nullableText(name, value);
      case "visibility" -> oneOf(name, value, VISIBILITIES, false);
      case "container_format" -> oneOf(name, value, CONTAINER_FORMATS, true);
      case "disk_format" -> oneOf(name, value, DISK_FORMATS, true);
      case "min_ram", "min_disk" -> amount(name, value);
      case "protected", "os_hidden" -> {
        if (!value.isBoolean()) {
          throw wrong(name, value, shown(value) + " is not of type 'boolean'");
        }
      }
      case "tags" -> tags(value);
      case "locations" -> locations(value);
      case "kernel_id", "ramdisk_id" -> imageId(name, value);
      case "cinder_encryption_key_deletion_policy" -> oneOf(name, value, KEY_DELETIONS, false);
      default -> property(name, value);
    }
  }

  /** That the image as a whole keeps the limits. */
  public static void checkWhole(ObjectNode tree) {
    int properties = 0;
    for (Map.Entry<String, JsonNode> field : tree.properties()) {
      properties += BASE.contains(field.getKey()) ? 0 : 1;
    }
    if (properties > MAX_PROPERTIES) {
      throw limit("properties", properties, MAX_PROPERTIES);
    }
    if (tree.path("tags").size() > MAX_TAGS) {
      throw limit("tags", tree.path("tags").size(), MAX_TAGS);
    }
    int whole = tree.toString().length();
    if (whole > MAX_WHOLE) {
      throw ApiException.of(
          Kind.TOO_LARGE,
          "The image's attributes have %d characters in all; the limit is %d."
              .formatted(whole, MAX_WHOLE));
    }
  }

  public static ApiException limit(String what, int attempted, int maximum) {
    return ApiException.of(
        Kind.TOO_LARGE,
        "The limit has been exceeded on the number of allowed image "
            + what
            + ". Attempted: "
            + attempted
            + ", Maximum: "
            + maximum);
  }

  private static void nullableText(String name, JsonNode value) {
    if (!value.isNull()) {
      text(name, value, MAX_TEXT);
    }
  }

  private static void text(String name, JsonNode value, int max) {
    if (!value.isString()) {
      throw wrong(name, value, shown(value) + " is not of type 'string'");
    }
    String text = value.asString();
    if (text.codePointCount(0, text.length()) > max) {
      throw wrong(name, value, shown(value) + " is too long");
    }
    if (text.indexOf('\0') >= 0) {
      throw wrong(name, value, "it contains a NUL character");
    }
  }

  private static void oneOf(String name, JsonNode value, List<String> values, boolean nullable) {
    if (!(nullable && value.isNull()) && !(value.isString() && values.contains(value.asString()))) {
      throw wrong(
          name,
          value,
          shown(value) + " is not one of [" + (nullable ? "None, " : "") + quoted(values) + "]");
    }
  }

  private static String quoted(List<String> values) {
    return "'" + String.join("', '", values) + "'";
  }

  private static void amount(String name, JsonNode value) {
    if (!value.isIntegralNumber()) {
      throw wrong(name, value, shown(value) + " is not of type 'integer'");
    }
    if (!value.canConvertToInt() || value.asInt() < 0) {
      throw ApiException.badRequest(
          "Invalid value '"
              + value
              + "' for parameter '"
              + name
              + "': it must be between 0 and 2147483647");
    }
  }

  private static void tags(JsonNode value) {
    if (!value.isArray()) {
      throw wrong("tags", value, shown(value) + " is not of type 'array'");
    }
    for (JsonNode tag : value) {
      text("tags", tag, MAX_TEXT);
    }
  }

  /** Their form; none is taken. */
  private static void locations(JsonNode value) {
    if (!value.isArray()) {
      throw wrong("locations", value, shown(value) + " is not of type 'array'");
    }
    for (JsonNode location : value) {
      if (!location.path("url").isString() || !location.path("metadata").isObject()) {
        throw wrong("locations", value, shown(location) + " has no url, or no metadata");
      }
    }
  }

  private static void imageId(String name, JsonNode value) {
    text(name, value, MAX_TEXT);
    if (Ids.parseUuid(value.asString()).isEmpty()) {
      throw wrong(name, value, shown(value) + " is not a UUID");
    }
  }

  private static void property(String name, JsonNode value) {
    if (name.isEmpty() || name.codePointCount(0, name.length()) > MAX_TEXT) {
      throw ApiException.badRequest("Custom property should not be greater than 255 characters.");
    }
    if (name.indexOf('\0') >= 0) {
      throw ApiException.badRequest("Custom property '" + name + "' contains a NUL character.");
    }
    text(name, value, MAX_PROPERTY);
  }

  private static String shown(JsonNode value) {
    String text = value.isNull() ? "None" : value.toString();
    return text.length() > 100 ? text.substring(0, 100) + "..." : text;
  }

  private static ApiException wrong(String name, JsonNode value, String reason) {
    return ApiException.invalidField(name, shown(value), reason);
  }
}
