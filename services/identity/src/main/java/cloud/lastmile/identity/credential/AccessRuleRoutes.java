package cloud.lastmile.identity.credential;

import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Delegated;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Filters;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.AccessRule;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /v3/users/{user_id}/access_rules}. Rules are made with the credentials that use them, and
 * stay until they are removed here.
 */
public final class AccessRuleRoutes {
  private static final String LIST_PATH = "/v3/users/{user_id}/access_rules";
  private static final String PATH = LIST_PATH + "/{access_rule_id}";
  private static final String READER =
      "(role:reader and system_scope:all) or user_id:%(target.user.id)s";

  private static final PolicyRule LIST = new PolicyRule("identity:list_access_rules", READER);
  private static final PolicyRule GET = new PolicyRule("identity:get_access_rule", READER);
  private static final PolicyRule DELETE =
      new PolicyRule(
          "identity:delete_access_rule",
          "(role:admin and system_scope:all) or user_id:%(target.user.id)s");

  private static final ListQuery<AccessRule> QUERY =
      ListQuery.of(
              "identity.access_rule r",
              "r.id, r.service, r.method, r.path",
              (row, _) ->
                  new AccessRule(
                      row.getString("id"),
                      row.getString("service"),
                      row.getString("method"),
                      row.getString("path")))
          .column(text("id", "r.id"))
          .column(text("service", "r.service"))
          .column(text("method", "r.method"))
          .column(text("path", "r.path"));

  private final Database database;
  private final Changes changes;

  public AccessRuleRoutes(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(LIST_PATH, LIST, this::list).enforcedByHandler(),
        Route.get(PATH, GET, this::show).enforcedByHandler(),
        Route.delete(PATH, DELETE, this::delete).enforcedByHandler());
  }

  private static ObjectNode view(ApiRequest request, AccessRule rule) {
    ObjectNode view = Json.object();
    view.put("id", rule.id());
    view.put("service", rule.service());
    view.put("method", rule.method());
    view.put("path", rule.path());
    return Views.linked(
        request, "users/" + request.path("user_id") + "/access_rules/" + rule.id(), view);
  }

  private ApiResponse list(ApiRequest request) {
    String userId = enforced(request);
    Condition own = Condition.of("r.user_id = {}", userId);
    return Views.list(
        request,
        database,
        "access_rules",
        QUERY.asked(request.query(), Filters.dialect()).within(own),
        rule -> view(request, rule));
  }

  private static ListPage<AccessRule> find(
      Handle handle, Map<String, List<String>> query, Condition within) {
    return QUERY.asked(query, Filters.dialect()).within(within).run(handle);
  }

  private ApiResponse show(ApiRequest request) {
    String userId = enforced(request);
    String id = request.path("access_rule_id");
    Condition one = Condition.of("r.user_id = {} AND r.id = {}", userId, id);
    List<AccessRule> rules = database.read(handle -> find(handle, Map.of(), one)).rows();
    if (rules.isEmpty()) {
      throw Faults.notFound("Access Rule", id);
    }
    return Views.member(200, "access_rule", view(request, rules.getFirst()));
  }

  private ApiResponse delete(ApiRequest request) {
    String userId = enforced(request);
    String id = request.path("access_rule_id");
    Faults.unique(
        "access_rule_in_use",
        () ->
            changes
                .by(request.context())
                .transact((handle, touched) -> {
                  handle.execute("SET CONSTRAINTS identity.access_rule_in_use IMMEDIATE");
                  int deleted =
                      handle.execute(
                          "DELETE FROM identity.access_rule WHERE id = ? AND user_id = ?",
                          id,
                          userId);
                  if (deleted == 0) {
                    throw Faults.notFound("Access Rule", id);
                  }
                  touched.event("access_rule", id, "deleted");
                  return id;
                }),
        () -> ApiException.forbidden("May not delete access rule in use"));
    return ApiResponse.empty(204);
  }

  private static String enforced(ApiRequest request) {
    String userId = request.path("user_id");
    request.enforce(Rules.target("target.user.id", userId));
    Delegated.refuseLent(request.caller());
    return userId;
  }
}
