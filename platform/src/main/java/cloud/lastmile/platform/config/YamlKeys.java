package cloud.lastmile.platform.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;

/**
 * Where the keys of a YAML file stand. A key is named as a person would name it: {@code
 * image.stores[0].type}.
 */
final class YamlKeys {
  private final Map<String, TokenStreamLocation> places = new LinkedHashMap<>();

  private YamlKeys() {}

  /** A mistake, and where it is. */
  static final class Misplaced extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient TokenStreamLocation where;

    Misplaced(String message, TokenStreamLocation where) {
      super(message, null, false, false);
      this.where = where;
    }

    TokenStreamLocation where() {
      return where;
    }
  }

  /**
   * @throws Misplaced if a key occurs twice, or there is more than one document, or no sections
   * @throws JacksonException if it is no YAML
   */
  static YamlKeys read(JsonParser parser) throws Misplaced {
    YamlKeys keys = new YamlKeys();
    JsonToken first = parser.nextToken();
    if (first == null || first == JsonToken.VALUE_NULL) {
      return keys;
    }
    if (first != JsonToken.START_OBJECT) {
      throw new Misplaced("keys with values were expected", parser.currentTokenLocation());
    }
    keys.object("", parser);
    if (parser.nextToken() != null) {
      throw new Misplaced(
          "one document was expected, and here is another", parser.currentTokenLocation());
    }
    return keys;
  }

  private void object(String path, JsonParser parser) throws Misplaced {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = join(path, parser.currentName());
      TokenStreamLocation here = parser.currentTokenLocation();
      TokenStreamLocation before = places.put(key, here);
      if (before != null) {
        throw new Misplaced(
            key + " occurs twice: it is in line " + before.getLineNr() + " already", here);
      }
      parser.nextToken();
      value(key, parser);
    }
  }

  private void value(String path, JsonParser parser) throws Misplaced {
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      object(path, parser);
    } else if (parser.currentToken() == JsonToken.START_ARRAY) {
      for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
        places.put(path + "[" + i + "]", parser.currentTokenLocation());
        value(path + "[" + i + "]", parser);
      }
    }
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  Set<String> all() {
    return Set.copyOf(places.keySet());
  }

  /** Where a key is, or the nearest one that it is below; the first place if there is none. */
  TokenStreamLocation place(List<JacksonException.Reference> path) {
    String key = "";
    TokenStreamLocation place = new TokenStreamLocation(null, 0, 1, 1);
    for (JacksonException.Reference step : path) {
      key = extended(key, step);
      place = places.getOrDefault(key, place);
    }
    return place;
  }

  static String name(List<JacksonException.Reference> path) {
    String key = "";
    for (JacksonException.Reference step : path) {
      key = extended(key, step);
    }
    return key;
  }

  private static String extended(String key, JacksonException.Reference step) {
    return step.getPropertyName() == null
        ? key + "[" + step.getIndex() + "]"
        : join(key, step.getPropertyName());
  }
}
