package cloud.lastmile.identity.resource;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A project's relatives as clients ask for them. */
final class ProjectTree {
  private ProjectTree() {}

  /** Each wrapped as {@code {"project": {...}}}. */
  static ArrayNode asList(ApiRequest request, List<Project> projects) {
    ArrayNode list = Json.array();
    for (Project project : projects) {
      list.addObject().set("project", ProjectView.project(request, project));
    }
    return list;
  }

  /** {@code {"parent": {"grandparent": null}}}; null if there is none. */
  static JsonNode parentsAsIds(List<Project> nearestFirst) {
    JsonNode nested = JsonNodeFactory.instance.nullNode();
    for (Project parent : nearestFirst.reversed()) {
      ObjectNode outer = Json.object();
      outer.set(parent.id(), nested);
      nested = outer;
    }
    return nested;
  }

  /** {@code {"child": {"grandchild": null}}}; null if there is none. */
  static JsonNode subtreeAsIds(String rootId, List<Project> parentsFirst) {
    Map<String, ObjectNode> children = new LinkedHashMap<>();
    for (Project project : parentsFirst) {
      String parentId = project.parentId() == null ? rootId : project.parentId();
      children.computeIfAbsent(parentId, _ -> Json.object()).putNull(project.id());
    }
    for (Project project : parentsFirst) {
      ObjectNode own = children.get(project.id());
      ObjectNode siblings = children.get(project.parentId() == null ? rootId : project.parentId());
      if (own != null && siblings != null) {
        siblings.set(project.id(), own);
      }
    }
    ObjectNode tree = children.get(rootId);
    return tree == null ? JsonNodeFactory.instance.nullNode() : tree;
  }
}
