package cloud.lastmile.network;

import cloud.lastmile.network.common.Converters;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.policy.QuotaSet;
import cloud.lastmile.platform.policy.Quotas;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2.0/quotas}. */
final class QuotaRoutes {
  /** The reference's defaults. */
  static final QuotaSet DEFAULTS =
      QuotaSet.of("network")
          .with("network", 100)
          .with("subnet", 100)
          .with("subnetpool", QuotaSet.UNLIMITED)
          .with("port", 500)
          .with("router", 10)
          .with("floatingip", 50)
          .with("security_group", 10)
          .with("security_group_rule", 100);

  private static final PolicyRule GET = PolicyRule.reader("get_quota");
  private static final PolicyRule UPDATE = PolicyRule.admin("update_quota");
  private static final PolicyRule DELETE = PolicyRule.admin("delete_quota");

  private final Database database;
  private final Quotas quotas;

  QuotaRoutes(Database database, Quotas quotas) {
    this.database = database;
    this.quotas = quotas;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v2.0/quotas/{project_id}", GET, this::show).enforcedByHandler(),
        Route.get("/v2.0/quotas/{project_id}/default", GET, this::showDefault).enforcedByHandler(),
        Route.get("/v2.0/quotas/{project_id}/details", GET, this::details).enforcedByHandler(),
        Route.get("/v2.0/quotas/{project_id}/details.json", GET, this::details).enforcedByHandler(),
        Route.put("/v2.0/quotas/{project_id}", UPDATE, this::update).enforcedByHandler(),
        Route.delete("/v2.0/quotas/{project_id}", DELETE, this::delete).enforcedByHandler());
  }

  private static String enforced(ApiRequest request) {
    String project = request.path("project_id");
    request.enforce(Map.of("project_id", project, "tenant_id", project));
    return project;
  }

  private ApiResponse show(ApiRequest request) {
    String project = enforced(request);
    return answer(database.read(handle -> quotas.limits(handle, project)));
  }

  private ApiResponse showDefault(ApiRequest request) {
    enforced(request);
    return answer(database.read(quotas::defaults));
  }

  private static ApiResponse answer(Map<String, Long> limits) {
    ObjectNode body = Json.object();
    body.set("quota", limits(limits));
    return ApiResponse.ok(body);
  }

  private static ObjectNode limits(Map<String, Long> limits) {
    ObjectNode node = Json.object();
    limits.forEach(node::put);
    return node;
  }

  private ApiResponse details(ApiRequest request) {
    String project = enforced(request);
    record Both(Map<String, Long> limits, Map<String, Long> usage) {}
    Both both =
        database.read(
            handle -> new Both(quotas.limits(handle, project), quotas.usage(handle, project)));
    ObjectNode body = Json.object();
    ObjectNode quota = body.putObject("quota");
    both.limits()
        .forEach((resource, limit) ->
            quota
                .putObject(resource)
                .put("limit", limit)
                .put("used", both.usage().getOrDefault(resource, 0L))
                .put("reserved", 0));
    return ApiResponse.ok(body);
  }

  private ApiResponse update(ApiRequest request) {
    String project = enforced(request);
    JsonNode asked = request.json().path("quota");
    if (!asked.isObject()) {
      throw Errors.badRequest("HTTPBadRequest", "Unable to find 'quota' in request body");
    }
    Map<String, Long> limits = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : asked.properties()) {
      String name = field.getKey();
      if (!DEFAULTS.defaults().containsKey(name)) {
        throw Errors.badRequest("HTTPBadRequest", "Unrecognized attribute(s) '" + name + "'");
      }
      limits.put(
          name, Converters.integer(-1, Integer.MAX_VALUE).convert(name, field.getValue()).asLong());
    }
    return answer(
        database.transact(handle -> {
          limits.forEach((name, limit) -> quotas.setLimit(handle, project, name, limit));
          return quotas.limits(handle, project);
        }));
  }

  private ApiResponse delete(ApiRequest request) {
    String project = enforced(request);
    boolean none =
        database.transact(handle -> {
          boolean empty = quotas.ownLimits(handle, project).isEmpty();
          quotas.resetLimits(handle, project);
          return empty;
        });
    if (none) {
      throw Errors.notFound(
          "TenantQuotaNotFound", "Quota for project " + project + " could not be found.");
    }
    return ApiResponse.empty(204);
  }
}
