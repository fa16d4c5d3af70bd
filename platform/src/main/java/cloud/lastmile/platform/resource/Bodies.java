package cloud.lastmile.platform.resource;

import cloud.lastmile.platform.policy.PolicyRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** Reads what clients say of a noun, by its attributes and in its dialect's words. */
final class Bodies {
  private final String noun;
  private final Dialect dialect;
  private final Map<String, Attribute> attributes;

  Bodies(String noun, Dialect dialect, Map<String, Attribute> attributes) {
    this.noun = noun;
    this.dialect = dialect;
    this.attributes = attributes;
  }

  /** The rules of single attributes. */
  List<PolicyRule> rules() {
    List<PolicyRule> rules = new ArrayList<>();
    for (Attribute attribute : attributes.values()) {
      if (attribute.said().create()) {
        rules.addAll(attribute.rules("create", noun));
      }
      if (attribute.said().update()) {
        rules.addAll(attribute.rules("update", noun));
      }
    }
    return rules;
  }

  /** The rules that guard what the client gave; defaults need none. */
  List<PolicyRule> rulesFor(String operation, Values values) {
    List<PolicyRule> rules = new ArrayList<>();
    for (String name : values.given()) {
      Attribute attribute = attributes.get(name);
      if (attribute == null) {
        continue;
      }
      boolean plainDefault =
          operation.equals("create") && values.node(name).equals(attribute.said().absent());
      if (!plainDefault) {
        rules.addAll(attribute.rules(operation, noun, values.node(name)));
      }
    }
    return rules;
  }

  Values create(JsonNode body) {
    requireObject(body);
    for (Attribute attribute : attributes.values()) {
      if (attribute.said().required() && !body.has(attribute.name())) {
        throw dialect.required(attribute.name());
      }
      if (!attribute.said().create() && body.has(attribute.name())) {
        throw dialect.notToBeCreatedWith(attribute.name());
      }
    }
    Map<String, JsonNode> nodes = convert(body);
    for (Attribute attribute : attributes.values()) {
      JsonNode absent = attribute.said().absent();
      if (absent != null && !nodes.containsKey(attribute.name())) {
        nodes.put(attribute.name(), absent);
      }
    }
    return new Values(nodes, given(body));
  }

  Values update(JsonNode body) {
    requireObject(body);
    for (String name : body.propertyNames()) {
      Attribute attribute = attributes.get(name);
      if (attribute != null && !attribute.said().update()) {
        throw dialect.notToBeUpdated(name);
      }
    }
    return new Values(convert(body), given(body));
  }

  private Map<String, JsonNode> convert(JsonNode body) {
    Map<String, JsonNode> nodes = new LinkedHashMap<>();
    Set<String> unknown = new TreeSet<>();
    for (Map.Entry<String, JsonNode> field : body.properties()) {
      Attribute attribute = attributes.get(field.getKey());
      if (attribute == null) {
        unknown.add(field.getKey());
      } else {
        nodes.put(
            field.getKey(), attribute.said().converter().convert(field.getKey(), field.getValue()));
      }
    }
    if (!unknown.isEmpty()) {
      throw dialect.unknown(unknown);
    }
    return nodes;
  }

  private static Set<String> given(JsonNode body) {
    return Set.copyOf(body.propertyNames());
  }

  private void requireObject(JsonNode body) {
    if (!body.isObject()) {
      throw dialect.notAnObject(noun);
    }
  }
}
