package cloud.lastmile.identity.limit;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.catalog.Service;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.RegisteredLimit;
import cloud.lastmile.platform.policy.UnifiedLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/registered_limits}: what every project may have of a service's resource. */
public final class RegisteredLimitRoutes {
  private static final String ALL = "/v3/registered_limits";
  private static final String ONE = ALL + "/{registered_limit_id}";

  private final Database database;
  private final Changes changes;

  public RegisteredLimitRoutes(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(ALL, Rules.everyone("list_registered_limits"), this::list),
        Route.post(ALL, Rules.admin("create_registered_limits"), this::create),
        Route.get(ONE, Rules.everyone("get_registered_limit"), this::show),
        Route.patch(ONE, Rules.admin("update_registered_limit"), this::update),
        Route.delete(ONE, Rules.admin("delete_registered_limit"), this::delete));
  }

  private static ObjectNode view(ApiRequest request, RegisteredLimit limit) {
    ObjectNode view = Json.object();
    view.put("id", limit.id());
    view.put("service_id", limit.serviceId());
    view.put("region_id", limit.regionId());
    view.put("resource_name", limit.resourceName());
    view.put("default_limit", limit.defaultLimit());
    view.put("description", limit.description());
    return Views.linked(request, "registered_limits/" + limit.id(), view);
  }

  private ApiResponse list(ApiRequest request) {
    ListPage<RegisteredLimit> page =
        database.read(
            handle -> UnifiedLimits.listRegistered(handle, request.query(), Filters.dialect()));
    List<ObjectNode> views = page.rows().stream().map(limit -> view(request, limit)).toList();
    return ApiResponse.ok(
        Views.collectionBody(request, "registered_limits", views, page.hasMore()));
  }

  /** All of the list or none of it. */
  private ApiResponse create(ApiRequest request) {
    List<RegisteredLimit> wanted =
        LimitFields.each(
            request.body(),
            "registered_limits",
            fields ->
                new RegisteredLimit(
                    Ids.hex(),
                    LimitFields.serviceId(fields),
                    "",
                    LimitFields.regionId(fields).orElse(null),
                    LimitFields.resourceName(fields),
                    LimitFields.amount(fields, "default_limit"),
                    LimitFields.description(fields, null)));
    List<RegisteredLimit> made =
        unique(() ->
            changes
                .by(request.context())
                .transact((handle, touched) -> {
                  List<RegisteredLimit> limits = new ArrayList<>();
                  for (RegisteredLimit one : wanted) {
                    RegisteredLimit limit = placed(handle, one);
                    UnifiedLimits.put(handle, limit);
                    touched.event("registered_limit", limit.id(), "created");
                    limits.add(limit);
                  }
                  return limits;
                }));
    ObjectNode body = Json.object();
    body.putArray("registered_limits")
        .addAll(made.stream().map(limit -> view(request, limit)).toList());
    return ApiResponse.json(201, body);
  }

  /** With the service's type, after a look whether service and region exist. */
  private static RegisteredLimit placed(Handle handle, RegisteredLimit limit) {
    Service service = LimitReferences.requireService(handle, limit.serviceId(), "registered_limit");
    LimitReferences.requireRegion(handle, limit.regionId(), "registered_limit");
    return new RegisteredLimit(
        limit.id(),
        limit.serviceId(),
        service.type(),
        limit.regionId(),
        limit.resourceName(),
        limit.defaultLimit(),
        limit.description());
  }

  private ApiResponse show(ApiRequest request) {
    String id = request.path("registered_limit_id");
    RegisteredLimit limit =
        database
            .read(handle -> UnifiedLimits.findRegistered(handle, id))
            .orElseThrow(() -> missing(id));
    return Views.member(200, "registered_limit", view(request, limit));
  }

  private ApiResponse update(ApiRequest request) {
    String id = request.path("registered_limit_id");
    Fields fields = request.body().object("registered_limit");
    RegisteredLimit changed =
        unique(() ->
            changes
                .by(request.context())
                .transact((handle, touched) -> {
                  RegisteredLimit old =
                      UnifiedLimits.findRegistered(handle, id).orElseThrow(() -> missing(id));
                  UnifiedLimits.lock(handle, id);
                  requireUnused(handle, id);
                  RegisteredLimit limit = placed(handle, updated(old, fields));
                  UnifiedLimits.put(handle, limit);
                  touched.event("registered_limit", id, "updated");
                  return limit;
                }));
    return Views.member(200, "registered_limit", view(request, changed));
  }

  private static RegisteredLimit updated(RegisteredLimit old, Fields fields) {
    Optional<String> region = LimitFields.regionId(fields);
    RegisteredLimit updated =
        new RegisteredLimit(
            old.id(),
            Attributes.id(fields, "service_id").orElse(old.serviceId()),
            old.serviceType(),
            fields.isNull("region_id") ? null : region.orElse(old.regionId()),
            fields.has("resource_name") ? LimitFields.resourceName(fields) : old.resourceName(),
            fields.has("default_limit")
                ? LimitFields.amount(fields, "default_limit")
                : old.defaultLimit(),
            LimitFields.description(fields, old.description()));
    fields.rejectUnknown();
    return updated;
  }

  private ApiResponse delete(ApiRequest request) {
    String id = request.path("registered_limit_id");
    Faults.unique(
        UnifiedLimits.IN_USE,
        () ->
            changes
                .by(request.context())
                .transact((handle, touched) -> {
                  if (!UnifiedLimits.deleteRegistered(handle, id)) {
                    throw missing(id);
                  }
                  touched.event("registered_limit", id, "deleted");
                  return id;
                }),
        () -> inUse(id));
    return ApiResponse.empty(204);
  }

  private static void requireUnused(Handle handle, String id) {
    if (UnifiedLimits.inUse(handle, id)) {
      throw inUse(id);
    }
  }

  private static ApiException inUse(String id) {
    return ApiException.forbidden(
        "Unable to update or delete registered limit "
            + id
            + " because there are project limits associated with it.");
  }

  private static ApiException missing(String id) {
    return ApiException.notFound("Could not find registered limit for " + id + ".");
  }

  private static <T> T unique(Supplier<T> write) {
    return Faults.unique(
        UnifiedLimits.REGISTERED_UNIQUE,
        write,
        () -> Faults.conflict("registered_limit", "Duplicate entry"));
  }
}
