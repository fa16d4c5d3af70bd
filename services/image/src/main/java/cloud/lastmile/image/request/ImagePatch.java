package cloud.lastmile.image.request;

import cloud.lastmile.image.common.AttributeRules;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * Reads a JSON patch in the two forms that the API has: {@code {"op": "replace", "path": "/name",
 * "value": 1}} and the older {@code {"replace": "/name", "value": 1}}.
 */
final class ImagePatch {
  private static final String DRAFT_4 = "application/openstack-images-v2.0-json-patch";
  private static final String DRAFT_10 = "application/openstack-images-v2.1-json-patch";
  static final String LOCATIONS = "locations";
  private static final List<String> OPERATIONS = List.of("add", "remove", "replace");

  /** What a change does. */
  enum Operation {
    ADD,
    REMOVE,
    REPLACE
  }

  /**
   * One change.
   *
   * @param name the attribute
   * @param value absent for {@code REMOVE}
   * @param strictAdd whether an {@code ADD} of what is there is refused, as the older form does
   */
  record Change(Operation operation, String name, Optional<JsonNode> value, boolean strictAdd) {}

  private ImagePatch() {}

  static List<Change> parse(String contentType, Supplier<JsonNode> body) {
    String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!type.equals(DRAFT_4) && !type.equals(DRAFT_10)) {
      throw ApiException.of(
          Kind.UNSUPPORTED_MEDIA_TYPE,
          "Image PATCH expects Content-Type one of: " + DRAFT_4 + ", " + DRAFT_10);
    }
    JsonNode changes = body.get();
    if (!changes.isArray()) {
      throw ApiException.badRequest("Request body must be a JSON array of operation objects.");
    }
    List<Change> parsed = new ArrayList<>();
    for (JsonNode change : changes) {
      if (!change.isObject()) {
        throw ApiException.badRequest("Operations must be JSON objects.");
      }
      parsed.add(change(change, type.equals(DRAFT_4)));
    }
    return parsed;
  }

  private static Change change(JsonNode raw, boolean isDraft4) {
    String operation = isDraft4 ? draft4Operation(raw) : draft10Operation(raw);
    JsonNode path = isDraft4 ? raw.path(operation) : raw.path("path");
    if (path.isMissingNode()) {
      throw ApiException.badRequest("Unable to find 'path' in JSON Schema change");
    }
    if (!path.isString()) {
      throw ApiException.badRequest("The path of a JSON Schema change must be a string.");
    }
    String name = name(operation, path.asString());
    Optional<JsonNode> value = Optional.empty();
    if (!operation.equals("remove")) {
      if (!raw.has("value")) {
        throw ApiException.badRequest(
            "Operation \"" + operation + "\" requires a member named \"value\".");
      }
      value = Optional.of(raw.path("value"));
    }
    AttributeRules.requireSettable(name);
    value.ifPresent(present ->
        AttributeRules.check(
            name,
            name.equals(LOCATIONS) && operation.equals("add")
                ? Json.mapper().createArrayNode().add(present)
                : present));
    return new Change(Operation.valueOf(operation.toUpperCase(Locale.ROOT)), name, value, isDraft4);
  }

  private static String draft10Operation(JsonNode raw) {
    JsonNode operation = raw.path("op");
    String available = " It must be one of the following: " + String.join(", ", OPERATIONS) + ".";
    if (operation.isMissingNode() || operation.isNull()) {
      throw ApiException.badRequest("Unable to find `op` in JSON Schema change." + available);
    }
    if (!operation.isString() || !OPERATIONS.contains(operation.asString())) {
      throw ApiException.badRequest("Invalid operation: `" + operation + "`." + available);
    }
    return operation.asString();
  }

  private static String draft4Operation(JsonNode raw) {
    List<String> found = OPERATIONS.stream().filter(raw::has).toList();
    if (found.size() != 1) {
      throw ApiException.badRequest(
          "Operation objects must contain exactly one member named \"add\", \"remove\", or"
              + " \"replace\".");
    }
    return found.getFirst();
  }

  /** The one attribute that a JSON pointer names; of locations it also says which one. */
  private static String name(String operation, String pointer) {
    if (!pointer.startsWith("/")) {
      throw ApiException.badRequest("Pointer `" + pointer + "` does not start with \"/\".");
    }
    if (pointer.substring(1).matches(".*/\\s*/.*")) {
      throw ApiException.badRequest("Pointer `" + pointer + "` contains adjacent \"/\".");
    }
    if (pointer.length() > 1 && pointer.endsWith("/")) {
      throw ApiException.badRequest("Pointer `" + pointer + "` end with \"/\".");
    }
    if (pointer.matches("(?s).*~([^01].*|$)")) {
      throw ApiException.badRequest(
          "Pointer `" + pointer + "` contains \"~\" not part of a recognized escape sequence.");
    }
    List<String> parts =
        Arrays.stream(pointer.substring(1).split("/", -1))
            .map(part -> part.replace("~1", "/").replace("~0", "~").strip())
            .toList();
    boolean isPlace = parts.getFirst().equals(LOCATIONS) && !operation.equals("replace");
    if (parts.size() != (isPlace ? 2 : 1)) {
      throw ApiException.badRequest(
          "Invalid JSON pointer for this resource: '/" + String.join("/", parts) + "'");
    }
    return parts.getFirst();
  }
}
