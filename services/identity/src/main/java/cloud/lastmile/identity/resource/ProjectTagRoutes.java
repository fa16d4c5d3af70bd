package cloud.lastmile.identity.resource;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/projects/{project_id}/tags}. */
public final class ProjectTagRoutes {
  private static final String TAGS = "/v3/projects/{project_id}/tags";
  private static final String TAG = TAGS + "/{tag}";
  private static final String MANAGER = "(role:manager and domain_id:%(target.project.domain_id)s)";

  private static final PolicyRule LIST =
      Rules.systemReaderOr("list_project_tags", ProjectRoutes.READER_OR_OWN);
  private static final PolicyRule GET =
      Rules.systemReaderOr("get_project_tag", ProjectRoutes.READER_OR_OWN);
  private static final PolicyRule REPLACE = Rules.adminOr("update_project_tags", MANAGER);
  private static final PolicyRule CREATE = Rules.adminOr("create_project_tag", MANAGER);
  private static final PolicyRule CLEAR = Rules.adminOr("delete_project_tags", MANAGER);
  private static final PolicyRule DELETE = Rules.adminOr("delete_project_tag", MANAGER);

  private final Database database;
  private final Changes changes;

  public ProjectTagRoutes(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(TAGS, LIST, this::list).enforcedByHandler(),
        Route.put(TAGS, REPLACE, this::replace).enforcedByHandler(),
        Route.delete(TAGS, CLEAR, this::clear).enforcedByHandler(),
        Route.get(TAG, GET, this::show).enforcedByHandler(),
        Route.put(TAG, CREATE, this::create).enforcedByHandler(),
        Route.delete(TAG, DELETE, this::delete).enforcedByHandler());
  }

  private ApiResponse list(ApiRequest request) {
    Project project = ProjectRoutes.enforced(request, database);
    return ApiResponse.ok(view(request, project.tags()));
  }

  private ApiResponse replace(ApiRequest request) {
    Project project = ProjectRoutes.enforced(request, database);
    List<String> tags = ProjectChange.tags(request.body().required("tags"));
    return ApiResponse.ok(view(request, write(request, project.id(), _ -> tags)));
  }

  private ApiResponse clear(ApiRequest request) {
    Project project = ProjectRoutes.enforced(request, database);
    write(request, project.id(), _ -> List.of());
    return ApiResponse.empty(204);
  }

  private ApiResponse show(ApiRequest request) {
    requireTag(ProjectRoutes.enforced(request, database).tags(), request.path("tag"));
    return ApiResponse.empty(204);
  }

  private ApiResponse create(ApiRequest request) {
    Project project = ProjectRoutes.enforced(request, database);
    String tag = request.path("tag");
    if (tag.isEmpty() || tag.length() > 255 || tag.contains(",") || tag.contains("/")) {
      throw ApiException.invalidField("tag", tag, "'" + tag + "' does not match '^[^,/]*$'");
    }
    write(
        request,
        project.id(),
        tags -> {
          List<String> more = new ArrayList<>(tags);
          if (!more.contains(tag)) {
            more.add(tag);
          }
          if (more.size() > ProjectChange.MAX_TAGS) {
            throw ApiException.badRequest("The project has " + ProjectChange.MAX_TAGS + " tags.");
          }
          return more;
        });
    return ApiResponse.empty(201).header("Location", request.baseUrl() + request.rawPath());
  }

  private ApiResponse delete(ApiRequest request) {
    Project project = ProjectRoutes.enforced(request, database);
    String tag = request.path("tag");
    write(
        request,
        project.id(),
        tags -> {
          requireTag(tags, tag);
          return tags.stream().filter(other -> !other.equals(tag)).toList();
        });
    return ApiResponse.empty(204);
  }

  private static void requireTag(List<String> tags, String tag) {
    if (!tags.contains(tag)) {
      throw Faults.notFound("project tag", tag);
    }
  }

  private List<String> write(ApiRequest request, String id, UnaryOperator<List<String>> change) {
    return changes
        .by(request.context())
        .transact((handle, touched) -> {
          Project project =
              ProjectStore.lock(handle, id).orElseThrow(() -> Faults.notFound("project", id));
          List<String> tags = List.copyOf(new TreeSet<>(change.apply(project.tags())));
          ProjectStore.replaceTags(handle, id, tags);
          touched.target(id);
          touched.event("project", id, "updated");
          return tags;
        });
  }

  private static ObjectNode view(ApiRequest request, List<String> tags) {
    ObjectNode view = Json.object();
    view.set("tags", Json.strings(tags));
    view.putObject("links").put("self", request.baseUrl() + request.rawPath());
    return view;
  }
}
