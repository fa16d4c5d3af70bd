package cloud.lastmile.identity.federation.mapping;

import cloud.lastmile.identity.federation.mapping.Mapped.Domain;
import cloud.lastmile.identity.federation.mapping.Mapped.Project;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Reads JSON within an assertion. Braces in it stand for themselves. */
final class AssertedProjects {
  private AssertedProjects() {}

  /** The projects of a text: one, or an array of them. */
  static List<Project> parse(String text) throws Unmappable {
    JsonNode node = json(text);
    List<Project> projects = new ArrayList<>();
    for (JsonNode project : node.isArray() ? node : Json.array().add(node)) {
      projects.add(project(project));
    }
    return projects;
  }

  private static Project project(JsonNode project) throws Unmappable {
    if (!project.path("name").isString() || !project.path("roles").isArray()) {
      throw new Unmappable("a project in the assertion has no name or no roles");
    }
    List<String> roles = new ArrayList<>();
    for (JsonNode role : project.path("roles")) {
      if (!role.path("name").isString()) {
        throw new Unmappable("a role in the assertion has no name");
      }
      roles.add(role.path("name").asString());
    }
    return new Project(project.path("name").asString(), domain(project), roles);
  }

  static Optional<Domain> domain(JsonNode owner) {
    JsonNode domain = owner.path("domain");
    return domain.isObject() && !domain.isEmpty()
        ? Optional.of(new Domain(text(domain, "id"), text(domain, "name")))
        : Optional.empty();
  }

  private static Optional<String> text(JsonNode owner, String name) {
    JsonNode value = owner.path(name);
    return value.isString() ? Optional.of(value.asString()) : Optional.empty();
  }

  static JsonNode json(String text) throws Unmappable {
    try {
      return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    } catch (ApiException malformed) {
      throw new Unmappable("a value of the assertion is no JSON: " + malformed.message());
    }
  }
}
