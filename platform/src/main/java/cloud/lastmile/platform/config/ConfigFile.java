package cloud.lastmile.platform.config;

import cloud.lastmile.platform.config.SavedFile.Content;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.type.LogicalType;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads a YAML file into a record whose components are the sections, each a record of its own.
 * Names are snake case. An unknown key, one that occurs twice or a value of a wrong type stops the
 * start, with line and column.
 *
 * <p>A component that the file leaves out is null or zero: the record's compact constructor puts
 * the default there and refuses what cannot be.
 */
public final class ConfigFile {
  private static final YAMLMapper MAPPER =
      YAMLMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .withCoercionConfig(
              LogicalType.Integer,
              config -> config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail))
          .withCoercionConfig(
              LogicalType.Boolean,
              config ->
                  config
                      .setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail))
          .withCoercionConfig(
              LogicalType.POJO,
              config -> config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail))
          .build();

  private ConfigFile() {}

  /**
   * @return the record; all defaults if the file is missing or empty
   * @throws IllegalArgumentException if it cannot be read; the message names file, line and column
   */
  public static <T> T load(Path file, Class<T> type) {
    SavedFile saved = new SavedFile(file);
    Optional<Content> content = saved.read();
    if (content.isPresent() && !saved.isSettled(content.get())) {
      throw new IllegalArgumentException(
          file + " is being written; start again when it is saved and closed");
    }
    return parse(file, content.map(Content::text).orElse(""), type);
  }

  /**
   * As {@link #load}, of what was read.
   *
   * @param file which the messages name
   */
  public static <T> T parse(Path file, String text, Class<T> type) {
    YamlKeys keys = keys(file, text);
    try {
      return MAPPER.readValue(keys.all().isEmpty() ? "{}" : text, type);
    } catch (DatabindException unfit) {
      throw at(file, keys.place(unfit.getPath()), reason(unfit));
    } catch (JacksonException malformed) {
      throw at(file, malformed.getLocation(), oneLine(malformed));
    }
  }

  /**
   * Every key of a file, those of sections as {@code section.key}.
   *
   * @throws IllegalArgumentException if it cannot be read
   */
  public static Set<String> keysOf(Path file, String text) {
    return keys(file, text).all();
  }

  private static YamlKeys keys(Path file, String text) {
    try (JsonParser parser = MAPPER.createParser(text)) {
      return YamlKeys.read(parser);
    } catch (YamlKeys.Misplaced mistake) {
      throw at(file, mistake.where(), String.valueOf(mistake.getMessage()));
    } catch (JacksonException malformed) {
      throw at(file, malformed.getLocation(), oneLine(malformed));
    }
  }

  private static IllegalArgumentException at(
      Path file, TokenStreamLocation location, String message) {
    return new IllegalArgumentException(
        location == null
            ? file + ": " + message
            : file + ":" + location.getLineNr() + ":" + location.getColumnNr() + ": " + message);
  }

  /** The parser draws a picture of the place over several lines. */
  private static String oneLine(JacksonException malformed) {
    return String.valueOf(malformed.getOriginalMessage()).replaceAll("[\\s^]+", " ").strip();
  }

  private static String reason(DatabindException unfit) {
    String key = YamlKeys.name(unfit.getPath());
    return switch (unfit) {
      case UnrecognizedPropertyException unknown ->
          "unknown key " + key + "; known are " + known(unknown);
      case InvalidFormatException wrong ->
          key + ": '" + wrong.getValue() + "' is not " + kind(wrong.getTargetType());
      case MismatchedInputException wrong when wrong.getCause() == null ->
          key + ": " + kind(wrong.getTargetType()) + " was expected";
      default -> cause(unfit, key);
    };
  }

  private static String known(UnrecognizedPropertyException unknown) {
    return unknown.getKnownPropertyIds() == null
        ? "none"
        : String.join(
            ", ", unknown.getKnownPropertyIds().stream().map(String::valueOf).sorted().toList());
  }

  /** What a section says of itself, which names the key as a rule. */
  private static String cause(DatabindException unfit, String key) {
    Throwable cause = unfit.getCause();
    return cause instanceof IllegalArgumentException && cause.getMessage() != null
        ? cause.getMessage()
        : (key.isEmpty() ? "" : key + ": ") + unfit.getOriginalMessage();
  }

  private static String kind(Class<?> type) {
    if (type == null) {
      return "something else";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == double.class || type == Double.class) {
      return "a number";
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return "a whole number" + (type == int.class || type == Integer.class ? " of 32 bits" : "");
    }
    if (List.class.isAssignableFrom(type)) {
      return "a list";
    }
    return type.isRecord() || java.util.Map.class.isAssignableFrom(type)
        ? "a section of keys with values"
        : type == String.class ? "a text" : "a " + type.getSimpleName();
  }
}
