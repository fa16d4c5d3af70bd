package cloud.lastmile.compute.quota;

import cloud.lastmile.compute.common.ComputeEvents;
import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** Quota sets of projects. Limits on users within a project are not supported. */
public final class QuotaRoutes {
  private static final String PATH = "/v2.1/os-quota-sets/{project_id}";

  /** Network quotas that old microversions showed; the network service has them now. */
  private static final List<String> UNTIL_235 =
      List.of("fixed_ips", "floating_ips", "security_groups", "security_group_rules");

  private static final List<String> UNTIL_256 =
      List.of("injected_files", "injected_file_content_bytes", "injected_file_path_bytes");

  private final Database database;
  private final ComputeQuotas quotas;
  private final ComputeEvents events;

  public QuotaRoutes(Database database, ComputeQuotas quotas, ComputeEvents events) {
    this.database = database;
    this.quotas = quotas;
    this.events = events;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(PATH, ComputePolicies.QUOTAS_SHOW, this::show).enforcedByHandler(),
        Route.get(PATH + "/defaults", ComputePolicies.QUOTAS_DEFAULTS, this::defaults),
        Route.get(PATH + "/detail", ComputePolicies.QUOTAS_DETAIL, this::detail)
            .enforcedByHandler(),
        Route.put(PATH, ComputePolicies.QUOTAS_UPDATE, this::update),
        Route.delete(PATH, ComputePolicies.QUOTAS_DELETE, this::delete),
        Route.get(
            "/v2.1/os-quota-class-sets/{name}", ComputePolicies.QUOTA_CLASS_SHOW, this::ofClass));
  }

  /** The limits that a microversion shows, in nova's order. */
  static Map<String, Long> shown(ApiRequest request, Map<String, Long> limits) {
    Map<String, Long> shown = new LinkedHashMap<>(limits);
    if (!request.atLeast("2.36")) {
      UNTIL_235.forEach(name -> shown.put(name, -1L));
    }
    if (request.atLeast("2.57")) {
      UNTIL_256.forEach(shown::remove);
    }
    return shown;
  }

  private static String project(ApiRequest request) {
    return request.path("project_id");
  }

  private ApiResponse show(ApiRequest request) {
    String project = project(request);
    request.enforce(Map.of("project_id", project));
    Map<String, Long> limits = database.read(handle -> quotas.platform().limits(handle, project));
    return answer(request, limits, project);
  }

  private ApiResponse defaults(ApiRequest request) {
    Map<String, Long> limits = database.read(quotas.platform()::defaults);
    return answer(request, limits, project(request));
  }

  private static ApiResponse answer(ApiRequest request, Map<String, Long> limits, String project) {
    ObjectNode body = Json.object();
    ObjectNode set = body.putObject("quota_set");
    if (!project.isEmpty()) {
      set.put("id", project);
    }
    shown(request, limits).forEach(set::put);
    return ApiResponse.ok(body);
  }

  private ApiResponse detail(ApiRequest request) {
    String project = project(request);
    request.enforce(Map.of("project_id", project));
    ObjectNode body = Json.object();
    ObjectNode set = body.putObject("quota_set");
    set.put("id", project);
    database.read(handle -> {
      Map<String, Long> usage = quotas.platform().usage(handle, project);
      shown(request, quotas.platform().limits(handle, project))
          .forEach((name, limit) ->
              set.putObject(name)
                  .put("limit", limit)
                  .put("in_use", usage.getOrDefault(name, 0L))
                  .put("reserved", 0));
      return set;
    });
    return ApiResponse.ok(body);
  }

  private ApiResponse update(ApiRequest request) {
    String project = project(request);
    if (request.query("user_id").isPresent()) {
      throw ApiException.badRequest("Quotas of users within a project are not supported.");
    }
    Fields root = request.body();
    Fields set = root.object("quota_set");
    boolean force = set.bool("force", false);
    Map<String, Long> limits = new LinkedHashMap<>();
    for (String name : shown(request, quotas.platform().defaults()).keySet()) {
      set.optional(name).ifPresent(value -> limits.put(name, value.integer(-1, Integer.MAX_VALUE)));
    }
    set.optional("tenant_id").ifPresent(value -> value.text(0, 255));
    set.rejectUnknown();
    root.rejectUnknown();
    for (String name : UNTIL_235) {
      if (limits.remove(name) != null) {
        throw set.invalid(name, "this quota is the network service's");
      }
    }
    return database.transact(handle -> {
      Map<String, Long> usage = quotas.platform().usage(handle, project);
      limits.forEach((name, limit) -> {
        if (!force && limit >= 0 && limit < usage.getOrDefault(name, 0L)) {
          throw ApiException.badRequest(
              "Quota limit "
                  + limit
                  + " for "
                  + name
                  + " must be greater than or equal to already used and reserved "
                  + usage.get(name)
                  + ".");
        }
        quotas.platform().setLimit(handle, project, name, limit);
      });
      ObjectNode changed = Json.object();
      limits.forEach(changed::put);
      tell(handle, "update", request, changed);
      return answer(request, quotas.platform().limits(handle, project), "");
    });
  }

  private ApiResponse delete(ApiRequest request) {
    database.change(handle -> {
      quotas.platform().resetLimits(handle, project(request));
      tell(handle, "delete", request, Json.object());
    });
    return ApiResponse.empty(202);
  }

  private void tell(Handle handle, String what, ApiRequest request, ObjectNode limits) {
    String project = project(request);
    events.happened(
        handle, "quota_set", what, Optional.of(project), project, request.context(), limits);
  }

  /** There is one class, the defaults. */
  private ApiResponse ofClass(ApiRequest request) {
    ObjectNode body = Json.object();
    ObjectNode set = body.putObject("quota_class_set");
    set.put("id", request.path("name"));
    Map<String, Long> limits = shown(request, database.read(quotas.platform()::defaults));
    if (!request.atLeast("2.50")) {
      limits.remove("server_groups");
      limits.remove("server_group_members");
      UNTIL_235.forEach(name -> limits.put(name, -1L));
    }
    limits.forEach(set::put);
    return ApiResponse.ok(body);
  }
}
