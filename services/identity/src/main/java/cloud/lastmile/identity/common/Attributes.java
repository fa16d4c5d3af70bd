package cloud.lastmile.identity.common;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.Fields;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Fields that all nouns of identity read alike. */
public final class Attributes {
  /** Attributes beyond the known ones are kept, but not without bound. */
  private static final int MAX_EXTRA_CHARACTERS = 20_000;

  private Attributes() {}

  /**
   * A name: 1 to {@code max} characters, not all blank; surrounding blanks go, as in the reference.
   */
  public static String name(Fields fields, int max) {
    return notBlank(fields.required("name"), max).strip();
  }

  public static Optional<String> optionalName(Fields fields, int max) {
    return fields.has("name") ? Optional.of(name(fields, max)) : Optional.empty();
  }

  private static String notBlank(Fields.Value value, int max) {
    String text = value.text(1, max);
    if (text.isBlank()) {
      throw value.invalid("'" + text + "' does not match '[\\\\S]+'");
    }
    return text;
  }

  /** An id that a client refers to. */
  public static Optional<String> id(Fields fields, String name) {
    return fields
        .optional(name)
        .map(value -> {
          String text = value.text(1, 64);
          if (!text.matches("[a-zA-Z0-9-]+")) {
            throw value.invalid("'" + text + "' does not match '^[a-zA-Z0-9-]+$'");
          }
          return text;
        });
  }

  /** A text that may be left out or null. */
  public static Optional<String> text(Fields fields, String name, int max) {
    return fields.optional(name).map(value -> value.text(0, max));
  }

  public static void requireSameId(Fields fields, String id) {
    Optional<Fields.Value> value = fields.optional("id");
    if (value.isPresent() && !value.get().node().asString().equals(id)) {
      throw ApiException.badRequest("Cannot change ID");
    }
  }

  /** The attributes that are not among the known ones; the reference keeps and returns them. */
  public static ObjectNode extra(Fields fields, Set<String> known) {
    ObjectNode extra = Json.object();
    for (String name : fields.node().propertyNames()) {
      String normalized = name.replace(':', '_').replace('-', '_');
      if (!known.contains(normalized)) {
        extra.set(normalized, fields.node().get(name));
      }
    }
    String text = extra.toString();
    if (text.length() > MAX_EXTRA_CHARACTERS) {
      throw ApiException.badRequest(
          "The attributes beyond the documented ones are longer than "
              + MAX_EXTRA_CHARACTERS
              + " characters.");
    }
    if (text.contains("\\u0000")) {
      throw ApiException.badRequest("An attribute contains a NUL character.");
    }
    return extra;
  }

  /** What is kept after a PATCH: new values replace old ones, null is kept as null. */
  public static ObjectNode merged(ObjectNode old, ObjectNode changes) {
    ObjectNode merged = old.deepCopy();
    changes.properties().forEach(entry -> merged.set(entry.getKey(), entry.getValue()));
    return merged;
  }

  /** JSON that we stored ourselves. */
  public static ObjectNode stored(String json) {
    JsonNode node = Json.mapper().readTree(json);
    return (ObjectNode) node;
  }
}
