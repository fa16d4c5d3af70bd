package cloud.lastmile.platform.policy;

import cloud.lastmile.platform.config.SavedFile;
import cloud.lastmile.platform.config.SavedFile.Content;
import cloud.lastmile.platform.core.Unreadable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The operator's overrides: a YAML file with {@code rules:} and below it a check for each rule's
 * name. Nothing else may be in it.
 *
 * <p>A part of such a file, as it is while someone saves it, is one with fewer rules: what was
 * forbidden would be allowed. So a file that has lost rules counts only if it says that it is
 * whole, by a last line {@code ...}, or took the former's place in one step; and one without any
 * rule says so by {@code rules: {}}. What was in force is kept beside the file, so that this holds
 * across restarts.
 */
public final class PolicyFile {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyFile.class);

  /** Rules in braces, as in {@code rules: {}}: no part of such a file can be read at all. */
  private static final Pattern BRACES =
      Pattern.compile("\\A(?:\\s|#.*\\n|---\\s)*(?:[\"']?rules[\"']?:\\s*)?\\{");

  private static final YAMLMapper MAPPER = YAMLMapper.builder().build();

  /** A check as it stands in the file. */
  private record Entry(String check, TokenStreamLocation name, TokenStreamLocation value) {}

  /**
   * A policy that a file describes.
   *
   * @param overridden the rules that are in the file
   */
  record Draft(Policy policy, Set<String> overridden) {}

  private final Path file;
  private final SavedFile saved;
  private final Path inForce;
  private final Collection<PolicyRule> rules;

  /** What the last load found. */
  private volatile Set<String> loaded = Set.of();

  /**
   * @param rules every rule of every service, with its default
   */
  public PolicyFile(Path file, Collection<PolicyRule> rules) {
    this.file = file;
    this.saved = new SavedFile(file);
    this.inForce = file.resolveSibling(file.getFileName() + ".in-force");
    this.rules = rules;
  }

  public Path path() {
    return file;
  }

  SavedFile saved() {
    return saved;
  }

  /**
   * The rules as overridden; the defaults if there is no such file.
   *
   * @throws IllegalArgumentException naming file, line and column of the first mistake, or saying
   *     that the file is not whole and what to do
   */
  public Policy load() {
    Optional<Content> content = saved.read();
    if (content.isEmpty()) {
      Set<String> former = remembered();
      if (!former.isEmpty()) {
        LOG.warn("{} was removed: no longer overridden are {}", file, former);
      }
      remember(Set.of());
      loaded = Set.of();
      return Policy.of(rules, Map.of());
    }
    Draft draft = parse(content.get());
    if (!saved.isSettled(content.get())) {
      throw new IllegalArgumentException(
          file + " is being written; start again when it is saved and closed");
    }
    requireWhole(content.get(), draft, remembered());
    remember(draft.overridden());
    loaded = draft.overridden();
    return draft.policy();
  }

  /** The defaults, for a file that was removed. */
  Draft none() {
    return new Draft(Policy.of(rules, Map.of()), Set.of());
  }

  /**
   * @throws IllegalArgumentException naming file, line and column of the first mistake
   */
  Draft parse(Content content) {
    if (content.isEmpty()) {
      throw new IllegalArgumentException(
          file + " is empty, which does not say that there are no overrides: write `rules: {}`");
    }
    Map<String, Entry> entries = read(content.text());
    Map<String, String> overrides = new LinkedHashMap<>();
    entries.forEach((name, entry) -> overrides.put(name, entry.check()));
    try {
      return new Draft(Policy.of(rules, overrides), Set.copyOf(overrides.keySet()));
    } catch (InvalidPolicy mistake) {
      Entry entry = entries.get(mistake.rule());
      if (entry == null) {
        throw mistake;
      }
      boolean unknown = rules.stream().noneMatch(rule -> rule.name().equals(mistake.rule()));
      throw at(unknown ? entry.name() : entry.value(), String.valueOf(mistake.getMessage()));
    }
  }

  /**
   * Of a file that may have been read while it was written.
   *
   * @param former the rules that are overridden now
   * @throws IllegalArgumentException if it might be a part of one
   */
  void requireWhole(Content content, Draft draft, Set<String> former) {
    if (content.saysItIsWhole() || BRACES.matcher(content.text()).find()) {
      return;
    }
    if (content.endsWithinLine()) {
      throw new IllegalArgumentException(
          file + " seems cut off: its last line has no end; end the file with a line `...`");
    }
    Set<String> lost = new TreeSet<>(former);
    lost.removeAll(draft.overridden());
    if (!lost.isEmpty()) {
      throw new IllegalArgumentException(
          "%s no longer has %s and may be a part of what is being saved; if they are to go, end the file with a line `...`"
              .formatted(file, String.join(", ", lost)));
    }
  }

  /** The rules that {@link #load} found overridden. */
  Set<String> loaded() {
    return loaded;
  }

  /** The rules that were overridden last, as far as they are known still. */
  private Set<String> remembered() {
    try {
      Set<String> names = new TreeSet<>(Files.readAllLines(inForce));
      names.retainAll(rules.stream().map(PolicyRule::name).toList());
      return names;
    } catch (IOException none) {
      return Set.of();
    }
  }

  /** Keeps which rules are overridden, for the next start. */
  void remember(Set<String> overridden) {
    try {
      if (overridden.isEmpty()) {
        Files.deleteIfExists(inForce);
        return;
      }
      Path draft = inForce.resolveSibling(inForce.getFileName() + ".new");
      Files.write(draft, List.copyOf(new TreeSet<>(overridden)));
      Files.move(
          draft, inForce, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException unwritable) {
      LOG.warn(
          "The next start will not know which rules were in force: {}",
          Unreadable.reason(inForce, unwritable));
    }
  }

  private Map<String, Entry> read(String text) {
    try (JsonParser parser = MAPPER.createParser(text)) {
      return entries(parser);
    } catch (JacksonException malformed) {
      throw at(malformed.getLocation(), malformed.getOriginalMessage());
    }
  }

  private Map<String, Entry> entries(JsonParser parser) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    require(parser.nextToken() == JsonToken.START_OBJECT, parser, "`rules:` was expected");
    boolean hasRules = false;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      require(
          parser.currentName().equals("rules"),
          parser,
          "unknown key " + parser.currentName() + "; `rules:` was expected");
      require(!hasRules, parser, "`rules:` occurs twice");
      hasRules = true;
      require(
          parser.nextToken() == JsonToken.START_OBJECT,
          parser,
          "below `rules:` are names with checks; if there are to be none, write `rules: {}`");
      readRules(parser, entries);
    }
    require(hasRules, parser, "`rules:` was expected; if there are to be none, write `rules: {}`");
    require(parser.nextToken() == null, parser, "one document was expected, and here is another");
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
