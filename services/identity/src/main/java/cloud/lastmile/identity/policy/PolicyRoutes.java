package cloud.lastmile.identity.policy;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Faults;
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
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/policies}. */
public final class PolicyRoutes {
  private static final String ALL = "/v3/policies";
  private static final String ONE = ALL + "/{policy_id}";
  private static final Set<String> KNOWN = Set.of("id", "type", "blob", "links");
  private static final int MAX_BLOB = 100_000;

  private final Database database;
  private final Changes changes;

  public PolicyRoutes(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(ALL, Rules.systemReader("list_policies"), this::list),
        Route.post(ALL, Rules.admin("create_policy"), this::create),
        Route.get(ONE, Rules.systemReader("get_policy"), this::show),
        Route.patch(ONE, Rules.admin("update_policy"), this::update),
        Route.delete(ONE, Rules.admin("delete_policy"), this::delete));
  }

  static ObjectNode view(ApiRequest request, PolicyDocument policy) {
    ObjectNode view = Json.object();
    view.setAll(policy.extra());
    view.put("id", policy.id());
    view.put("type", policy.type());
    view.put("blob", policy.blob());
    return Views.linked(request, "policies/" + policy.id(), view);
  }

  private ApiResponse list(ApiRequest request) {
    ListPage<PolicyDocument> page =
        database.read(handle -> PolicyStore.list(handle, request.query()));
    List<ObjectNode> views = page.rows().stream().map(policy -> view(request, policy)).toList();
    return ApiResponse.ok(Views.collectionBody(request, "policies", views, page.hasMore()));
  }

  private ApiResponse create(ApiRequest request) {
    Fields fields = request.body().object("policy");
    PolicyDocument policy =
        new PolicyDocument(
            Ids.hex(),
            fields.string("type", 0, 255),
            fields.string("blob", 0, MAX_BLOB),
            Attributes.extra(fields, KNOWN));
    changes
        .by(request.context())
        .change((handle, touched) -> {
          PolicyStore.put(handle, policy);
          touched.event("policy", policy.id(), "created");
        });
    return Views.member(201, "policy", view(request, policy));
  }

  private ApiResponse show(ApiRequest request) {
    String id = request.path("policy_id");
    PolicyDocument policy =
        database
            .read(handle -> PolicyStore.find(handle, id))
            .orElseThrow(() -> Faults.notFound("policy", id));
    return Views.member(200, "policy", view(request, policy));
  }

  private ApiResponse update(ApiRequest request) {
    String id = request.path("policy_id");
    Fields fields = request.body().object("policy");
    if (fields.node().isEmpty()) {
      throw ApiException.badRequest("The policy's body is empty: there is nothing to change.");
    }
    Attributes.requireSameId(fields, id);
    PolicyDocument changed =
        changes
            .by(request.context())
            .transact((handle, touched) -> {
              PolicyDocument old =
                  PolicyStore.find(handle, id).orElseThrow(() -> Faults.notFound("policy", id));
              PolicyDocument policy =
                  new PolicyDocument(
                      id,
                      Attributes.text(fields, "type", 255).orElse(old.type()),
                      Attributes.text(fields, "blob", MAX_BLOB).orElse(old.blob()),
                      Attributes.merged(old.extra(), Attributes.extra(fields, KNOWN)));
              PolicyStore.put(handle, policy);
              touched.event("policy", id, "updated");
              return policy;
            });
    return Views.member(200, "policy", view(request, changed));
  }

  private ApiResponse delete(ApiRequest request) {
    String id = request.path("policy_id");
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!PolicyStore.delete(handle, id)) {
            throw Faults.notFound("policy", id);
          }
          touched.event("policy", id, "deleted");
        });
    return ApiResponse.empty(204);
  }
}
