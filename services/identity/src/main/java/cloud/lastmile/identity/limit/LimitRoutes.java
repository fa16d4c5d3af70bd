package cloud.lastmile.identity.limit;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.api.LimitModel;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.resource.Project;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Scope;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.policy.ResourceLimit;
import cloud.lastmile.platform.policy.UnifiedLimits;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/limits}: what single projects and domains may have instead of what is registered. */
public final class LimitRoutes {
  private static final String ALL = "/v3/limits";
  private static final String ONE = ALL + "/{limit_id}";

  private static final PolicyRule GET =
      Rules.systemReaderOr(
          "get_limit",
          "(domain_id:%(target.limit.domain.id)s or domain_id:%(target.limit.project.domain_id)s)"
              + " or (project_id:%(target.limit.project_id)s"
              + " and not None:%(target.limit.project_id)s)");

  private final Database database;
  private final Changes changes;
  private final LimitModel model;

  public LimitRoutes(Database database, Changes changes, LimitModel model) {
    this.database = database;
    this.changes = changes;
    this.model = model;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(ALL + "/model", Rules.everyone("get_limit_model"), this::model),
        Route.get(ALL, Rules.everyone("list_limits"), this::list),
        Route.post(ALL, Rules.admin("create_limits"), this::create),
        Route.get(ONE, GET, this::show).enforcedByHandler(),
        Route.patch(ONE, Rules.admin("update_limit"), this::update),
        Route.delete(ONE, Rules.admin("delete_limit"), this::delete));
  }

  private static ObjectNode view(ApiRequest request, ResourceLimit limit) {
    ObjectNode view = Json.object();
    view.put("id", limit.id());
    view.put("project_id", limit.projectId());
    view.put("domain_id", limit.domainId());
    view.put("service_id", limit.registered().serviceId());
    view.put("region_id", limit.registered().regionId());
    view.put("resource_name", limit.registered().resourceName());
    view.put("resource_limit", limit.limit());
    view.put("description", limit.description());
    return Views.linked(request, "limits/" + limit.id(), view);
  }

  private ApiResponse model(ApiRequest request) {
    ObjectNode body = Json.object();
    body.putObject("model").put("name", model.text()).put("description", model.description());
    return ApiResponse.ok(body);
  }

  private ApiResponse list(ApiRequest request) {
    ListPage<ResourceLimit> page =
        database.read(handle ->
            UnifiedLimits.list(
                handle, request.query(), Filters.dialect(), visible(handle, request.caller())));
    List<ObjectNode> views = page.rows().stream().map(limit -> view(request, limit)).toList();
    return ApiResponse.ok(Views.collectionBody(request, "limits", views, page.hasMore()));
  }

  /** Administrators and services see all, others what concerns their domain or project. */
  private static Condition visible(Handle handle, Caller caller) {
    if (caller.hasRole("admin") || caller.hasRole("service")) {
      return Condition.of("TRUE");
    }
    return switch (caller.scope()) {
      case Scope.SystemScope _ -> Condition.of("TRUE");
      case Scope.Project project -> Condition.of("l.project_id = {}", project.id());
      case Scope.Domain domain ->
          Condition.of(
              "l.domain_id = {} OR l.project_id = ANY ({})",
              domain.id(),
              ProjectStore.idsBelow(handle, domain.id()).toArray(new String[0]));
      case Scope.Unscoped _ -> Condition.NEVER;
    };
  }

  /** All of the list or none of it. */
  private ApiResponse create(ApiRequest request) {
    List<WantedLimit> wanted = LimitFields.each(request.body(), "limits", WantedLimit::parse);
    List<ResourceLimit> made =
        Faults.unique(
            UnifiedLimits.LIMIT_UNIQUE,
            () ->
                changes
                    .by(request.context())
                    .transact((handle, touched) -> {
                      List<ResourceLimit> limits =
                          wanted.stream().map(one -> one.placed(handle)).toList();
                      for (ResourceLimit limit : limits) {
                        keepOwner(handle, limit);
                        UnifiedLimits.put(handle, limit);
                        touched.event("limit", limit.id(), "created");
                      }
                      limits.forEach(limit -> requireOrder(handle, limit));
                      return limits;
                    }),
            () -> Faults.conflict("limit", "Duplicate entry"));
    ObjectNode body = Json.object();
    body.putArray("limits").addAll(made.stream().map(limit -> view(request, limit)).toList());
    return ApiResponse.json(201, body);
  }

  /** Whose deletion deletes the limits that there are then: none may come after. */
  private static void keepOwner(Handle handle, ResourceLimit limit) {
    String owner = limit.projectId() == null ? limit.domainId() : limit.projectId();
    if (owner != null && ProjectStore.lock(handle, owner).isEmpty()) {
      throw Faults.notFound(limit.projectId() == null ? "domain" : "project", owner);
    }
  }

  private void requireOrder(Handle handle, ResourceLimit limit) {
    if (model == LimitModel.STRICT_TWO_LEVEL) {
      LimitTree.requireOrder(handle, limit);
    }
  }

  private ApiResponse show(ApiRequest request) {
    String id = request.path("limit_id");
    record Found(ResourceLimit limit, Optional<Project> project) {}
    Optional<Found> found =
        database.read(handle ->
            UnifiedLimits.find(handle, id)
                .map(limit ->
                    new Found(
                        limit,
                        Optional.ofNullable(limit.projectId())
                            .flatMap(projectId -> ProjectStore.find(handle, projectId)))));
    request.enforce(
        Rules.target(
            "target.limit.project_id",
            found.map(one -> one.limit().projectId()).orElse(null),
            "target.limit.domain.id",
            found.map(one -> one.limit().domainId()).orElse(null),
            "target.limit.project.domain_id",
            found.flatMap(Found::project).map(Project::domainId).orElse(null)));
    return Views.member(
        200, "limit", view(request, found.map(Found::limit).orElseThrow(() -> missing(id))));
  }

  private ApiResponse update(ApiRequest request) {
    String id = request.path("limit_id");
    Fields fields = request.body().object("limit");
    ResourceLimit changed =
        changes
            .by(request.context())
            .transact((handle, touched) -> {
              ResourceLimit old = UnifiedLimits.find(handle, id).orElseThrow(() -> missing(id));
              ResourceLimit limit =
                  new ResourceLimit(
                      id,
                      old.projectId(),
                      old.domainId(),
                      old.registered(),
                      fields.has("resource_limit")
                          ? LimitFields.amount(fields, "resource_limit")
                          : old.limit(),
                      LimitFields.description(fields, old.description()));
              fields.rejectUnknown();
              UnifiedLimits.lock(handle, old.registered().id());
              UnifiedLimits.put(handle, limit);
              requireOrder(handle, limit);
              touched.event("limit", id, "updated");
              return limit;
            });
    return Views.member(200, "limit", view(request, changed));
  }

  private ApiResponse delete(ApiRequest request) {
    String id = request.path("limit_id");
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!UnifiedLimits.delete(handle, id)) {
            throw missing(id);
          }
          touched.event("limit", id, "deleted");
        });
    return ApiResponse.empty(204);
  }

  private static ApiException missing(String id) {
    return ApiException.notFound("Could not find limit for " + id + ".");
  }
}
