package cloud.lastmile.identity.resource;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A project, or a domain: a domain is a project that acts as one.
 *
 * @param domainId null for a domain
 * @param parentId the domain or the project above; null for a domain
 * @param extra attributes that the reference keeps for clients
 * @param tags sorted
 */
public record Project(
    String id,
    String name,
    @Nullable String domainId,
    @Nullable String parentId,
    boolean isDomain,
    String description,
    boolean enabled,
    ObjectNode options,
    ObjectNode extra,
    List<String> tags) {

  public Project {
    tags = List.copyOf(tags);
  }

  Project named(String newName) {
    return new Project(
        id, newName, domainId, parentId, isDomain, description, enabled, options, extra, tags);
  }
}
