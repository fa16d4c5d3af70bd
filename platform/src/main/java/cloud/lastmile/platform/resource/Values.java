package cloud.lastmile.platform.resource;

import cloud.lastmile.platform.core.Ids;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.StringNode;

/**
 * What a client said, validated and converted, with the defaults of what it left out.
 *
 * @param given names that the client itself sent
 */
public record Values(Map<String, JsonNode> nodes, Set<String> given) {
  public static final Values NONE = new Values(Map.of(), Set.of());

  /** With what the service itself says of an attribute, which the client did not. */
  public Values with(String name, JsonNode node) {
    Map<String, JsonNode> more = new LinkedHashMap<>(nodes);
    more.put(name, node);
    return new Values(more, given);
  }

  public Values with(String name, String text) {
    return with(name, StringNode.valueOf(text));
  }

  public Values with(String name, long number) {
    return with(name, LongNode.valueOf(number));
  }

  /** Whether the client sent it, be it null. */
  public boolean isGiven(String name) {
    return given.contains(name);
  }

  /** Whether there is a value other than null, sent or by default. */
  public boolean has(String name) {
    JsonNode node = node(name);
    return !node.isMissingNode() && !node.isNull();
  }

  public JsonNode node(String name) {
    return nodes.getOrDefault(name, MissingNode.getInstance());
  }

  public String text(String name) {
    return node(name).asString("");
  }

  public Optional<String> optionalText(String name) {
    return has(name) ? Optional.of(text(name)) : Optional.empty();
  }

  public boolean bool(String name) {
    return node(name).asBoolean();
  }

  public int integer(String name) {
    return node(name).asInt();
  }

  public Optional<Integer> optionalInteger(String name) {
    return has(name) ? Optional.of(integer(name)) : Optional.empty();
  }

  /** An id that a converter has checked. */
  public Optional<UUID> uuid(String name) {
    return optionalText(name).flatMap(Ids::parseUuid);
  }

  public List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    node(name).forEach(item -> texts.add(item.asString()));
    return texts;
  }

  public List<JsonNode> items(String name) {
    List<JsonNode> items = new ArrayList<>();
    node(name).forEach(items::add);
    return items;
  }
}
