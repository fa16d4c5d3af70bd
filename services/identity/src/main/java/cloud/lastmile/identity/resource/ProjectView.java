package cloud.lastmile.identity.resource;

import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.ResourceLimit;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Projects and domains as clients see them. */
public final class ProjectView {
  private ProjectView() {}

  public static ObjectNode project(ApiRequest request, Project project) {
    ObjectNode view = common(project);
    view.put("domain_id", project.domainId());
    view.put("parent_id", project.parentId());
    view.put("is_domain", project.isDomain());
    return Views.linked(request, "projects/" + project.id(), view);
  }

  public static ObjectNode domain(ApiRequest request, Project domain) {
    return Views.linked(request, "domains/" + domain.id(), common(domain));
  }

  private static ObjectNode common(Project project) {
    ObjectNode view = Json.object();
    view.setAll(project.extra());
    view.put("id", project.id());
    view.put("name", project.name());
    view.put("description", project.description());
    view.put("enabled", project.enabled());
    view.set("tags", Json.strings(project.tags()));
    view.set("options", project.options());
    return view;
  }

  /** The limits of a project, as its relatives' views show them. */
  static ArrayNode limits(List<ResourceLimit> limits) {
    ArrayNode views = Json.array();
    for (ResourceLimit limit : limits) {
      views
          .addObject()
          .put("id", limit.id())
          .put("project_id", limit.projectId())
          .put("domain_id", limit.domainId())
          .put("service_id", limit.registered().serviceId())
          .put("region_id", limit.registered().regionId())
          .put("resource_name", limit.registered().resourceName())
          .put("resource_limit", limit.limit())
          .put("description", limit.description());
    }
    return views;
  }
}
