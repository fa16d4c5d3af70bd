package cloud.lastmile.network.resource;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/** All attributes of one noun, by which the bodies of its creates and updates are read. */
public final class AttributeMap {
  private static final List<Attribute> EVERY =
      List.of(
          Attribute.readOnly("id"),
          Attribute.readOnly("created_at"),
          Attribute.readOnly("updated_at"),
          Attribute.readOnly("revision_number"),
          Attribute.of("tenant_id", Converters.text(255)).createOnly(),
          Attribute.of("project_id", Converters.text(255)).createOnly(),
          Attribute.of("description", Converters.nullAsEmpty(Converters.text(255)))
              .absent(StringNode.valueOf("")));

  private final String noun;
  private final Map<String, Attribute> attributes;

  private AttributeMap(String noun, Map<String, Attribute> attributes) {
    this.noun = noun;
    this.attributes = attributes;
  }

  /**
   * @param noun singular, the key of the body and part of the policy rules' names
   * @param own what it has beside what every resource has, or has in another way
   */
  public static AttributeMap of(String noun, List<Attribute> own) {
    List<Attribute> attributes = new ArrayList<>(own);
    attributes.addFirst(Attribute.readOnly("tags"));
    return untagged(noun, attributes);
  }

  /** As {@link #of}, for a noun that cannot be tagged. */
  public static AttributeMap untagged(String noun, List<Attribute> own) {
    Map<String, Attribute> byName = new LinkedHashMap<>();
    EVERY.forEach(attribute -> byName.put(attribute.name(), attribute));
    own.forEach(attribute -> byName.put(attribute.name(), attribute));
    return new AttributeMap(noun, byName);
  }

  /** The rules of single attributes. */
  public List<PolicyRule> rules() {
    List<PolicyRule> rules = new ArrayList<>();
    for (Attribute attribute : attributes.values()) {
      if (attribute.create()) {
        rules.addAll(attribute.rules("create", noun));
      }
      if (attribute.update()) {
        rules.addAll(attribute.rules("update", noun));
      }
    }
    return rules;
  }

  /** The rules that guard what the client gave; defaults need none. */
  public List<PolicyRule> rulesFor(String operation, Values values) {
    List<PolicyRule> rules = new ArrayList<>();
    for (String name : values.given()) {
      Attribute attribute = attributes.get(name);
      if (attribute == null) {
        continue;
      }
      boolean plainDefault =
          operation.equals("create") && values.node(name).equals(attribute.absent());
      if (!plainDefault) {
        rules.addAll(attribute.rules(operation, noun, values.node(name)));
      }
    }
    return rules;
  }

  /** Reads the attributes of a create. */
  public Values create(JsonNode body) {
    requireObject(body);
    for (Attribute attribute : attributes.values()) {
      if (attribute.required() && !body.has(attribute.name())) {
        throw bad(
            "Failed to parse request. Required attribute '" + attribute.name() + "' not specified");
      }
      if (!attribute.create() && body.has(attribute.name())) {
        throw bad("Attribute '" + attribute.name() + "' not allowed in POST");
      }
    }
    Map<String, JsonNode> nodes = convert(body);
    for (Attribute attribute : attributes.values()) {
      JsonNode absent = attribute.absent();
      if (absent != null && !nodes.containsKey(attribute.name())) {
        nodes.put(attribute.name(), absent);
      }
    }
    return new Values(nodes, given(body));
  }

  /** Reads the attributes of an update. */
  public Values update(JsonNode body) {
    requireObject(body);
    for (String name : body.propertyNames()) {
      Attribute attribute = attributes.get(name);
      if (attribute != null && !attribute.update()) {
        throw bad("Cannot update read-only attribute " + name);
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
        nodes.put(field.getKey(), attribute.converter().convert(field.getKey(), field.getValue()));
      }
    }
    if (!unknown.isEmpty()) {
      throw bad("Unrecognized attribute(s) '" + String.join(", ", unknown) + "'");
    }
    return nodes;
  }

  private static Set<String> given(JsonNode body) {
    return Set.copyOf(body.propertyNames());
  }

  private void requireObject(JsonNode body) {
    if (!body.isObject()) {
      throw bad("Object '" + noun + "' contains invalid data");
    }
  }

  private static ApiException bad(String message) {
    return Errors.badRequest("HTTPBadRequest", message);
  }
}
