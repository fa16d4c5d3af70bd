package cloud.lastmile.platform.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The operator's overrides: a YAML file with {@code rules:} and below it a check for each rule's
 * name. Nothing else may be in it.
 */
public final class PolicyFile {
  private static final YAMLMapper MAPPER = YAMLMapper.builder().build();

  /** A check as it stands in the file. */
  private record Entry(String check, TokenStreamLocation name, TokenStreamLocation value) {}

  private final Path file;
  private final Collection<PolicyRule> rules;

  /**
   * @param rules every rule of every service, with its default
   */
  public PolicyFile(Path file, Collection<PolicyRule> rules) {
    this.file = file;
    this.rules = rules;
  }

  public Path path() {
    return file;
  }

  /**
   * The rules as overridden; the defaults if there is no such file.
   *
   * @throws IllegalArgumentException naming file, line and column of the first mistake
   */
  public Policy load() {
    Map<String, Entry> entries = read();
    Map<String, String> overrides = new LinkedHashMap<>();
    entries.forEach((name, entry) -> overrides.put(name, entry.check()));
    try {
      return Policy.of(rules, overrides);
    } catch (InvalidPolicy mistake) {
      Entry entry = entries.get(mistake.rule());
      if (entry == null) {
        throw mistake;
      }
      boolean unknown = rules.stream().noneMatch(rule -> rule.name().equals(mistake.rule()));
      throw at(unknown ? entry.name() : entry.value(), String.valueOf(mistake.getMessage()));
    }
  }

  private Map<String, Entry> read() {
    try {
      String text = Files.exists(file) ? Files.readString(file) : "";
      try (JsonParser parser = MAPPER.createParser(text)) {
        return entries(parser);
      } catch (JacksonException malformed) {
        throw at(malformed.getLocation(), malformed.getOriginalMessage());
      }
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(file + " cannot be read: " + unreadable.getMessage());
    }
  }

  private Map<String, Entry> entries(JsonParser parser) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    JsonToken first = parser.nextToken();
    if (first == null || first == JsonToken.VALUE_NULL) {
      return entries;
    }
    require(first == JsonToken.START_OBJECT, parser, "`rules:` was expected");
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      require(
          parser.currentName().equals("rules"),
          parser,
          "unknown key " + parser.currentName() + "; `rules:` was expected");
      JsonToken value = parser.nextToken();
      if (value != JsonToken.VALUE_NULL) {
        require(value == JsonToken.START_OBJECT, parser, "below `rules:` are names with checks");
        readRules(parser, entries);
      }
    }
    return entries;
  }

  private void readRules(JsonParser parser, Map<String, Entry> entries) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      TokenStreamLocation nameAt = parser.currentTokenLocation();
      require(!entries.containsKey(name), parser, name + " occurs twice");
      JsonToken value = parser.nextToken();
      require(value == JsonToken.VALUE_STRING, parser, "the check of " + name + " must be a text");
      entries.put(name, new Entry(parser.getString(), nameAt, parser.currentTokenLocation()));
    }
  }

  private void require(boolean fits, JsonParser parser, String message) {
    if (!fits) {
      throw at(parser.currentTokenLocation(), message);
    }
  }

  private IllegalArgumentException at(TokenStreamLocation location, String message) {
    return new IllegalArgumentException(
        file + ":" + location.getLineNr() + ":" + location.getColumnNr() + ": " + message);
  }
}
