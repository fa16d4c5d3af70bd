package cloud.lastmile.platform.config;

import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads a YAML file into a record whose components are the sections, each a record of its own.
 * Names are snake case. An unknown key or a wrong type stops the start, with line and column.
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
          .build();

  private ConfigFile() {}

  /**
   * @return the record; all defaults if the file is missing or empty
   * @throws IllegalArgumentException if it cannot be read; the message names file, line and column
   */
  public static <T> T load(Path file, Class<T> type) {
    try {
      String text = Files.exists(file) ? Files.readString(file) : "";
      return MAPPER.readValue(text.isBlank() ? "{}" : text, type);
    } catch (JacksonException malformed) {
      throw new IllegalArgumentException(where(file, malformed.getLocation()) + reason(malformed));
    } catch (java.io.IOException unreadable) {
      throw new IllegalArgumentException(file + " cannot be read: " + unreadable.getMessage());
    }
  }

  private static String where(Path file, TokenStreamLocation location) {
    return location == null
        ? file + ": "
        : file + ":" + location.getLineNr() + ":" + location.getColumnNr() + ": ";
  }

  private static String reason(JacksonException malformed) {
    Throwable cause = malformed.getCause();
    return cause instanceof IllegalArgumentException && cause.getMessage() != null
        ? cause.getMessage()
        : malformed.getOriginalMessage();
  }
}
