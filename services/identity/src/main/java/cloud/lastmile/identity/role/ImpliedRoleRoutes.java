package cloud.lastmile.identity.role;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/roles/{prior}/implies} and {@code /v3/role_inferences}. */
public final class ImpliedRoleRoutes {
  private static final String IMPLIES = "/v3/roles/{prior_role_id}/implies";
  private static final String IMPLIED = IMPLIES + "/{implied_role_id}";

  private static final PolicyRule LIST = Rules.systemReader("list_implied_roles");
  private static final PolicyRule GET = Rules.systemReader("get_implied_role");
  private static final PolicyRule CHECK = Rules.systemReader("check_implied_role");
  private static final PolicyRule CREATE = Rules.admin("create_implied_role");
  private static final PolicyRule DELETE = Rules.admin("delete_implied_role");
  private static final PolicyRule INFERENCES = Rules.systemReader("list_role_inference_rules");

  private final Database database;
  private final Changes changes;

  public ImpliedRoleRoutes(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(IMPLIES, LIST, this::list),
        Route.get(IMPLIED, GET, this::show),
        Route.head(IMPLIED, CHECK, this::check),
        Route.put(IMPLIED, CREATE, this::create),
        Route.delete(IMPLIED, DELETE, this::delete),
        Route.get("/v3/role_inferences", INFERENCES, this::inferences));
  }

  private ApiResponse list(ApiRequest request) {
    Role prior = role(request, "prior_role_id");
    List<Implication> implied =
        database.read(handle -> RoleStore.implications(handle, Optional.of(prior.id())));
    ObjectNode body = Json.object();
    body.set("role_inference", inference(request, prior.id(), prior.name(), implied));
    body.putObject("links").put("self", request.baseUrl() + request.rawPath());
    return ApiResponse.ok(body);
  }

  private static ObjectNode inference(
      ApiRequest request, String priorId, String priorName, List<Implication> implied) {
    ObjectNode inference = Json.object();
    inference.set("prior_role", named(request, priorId, priorName));
    ArrayNode implies = inference.putArray("implies");
    implied.forEach(one -> implies.add(named(request, one.impliedId(), one.impliedName())));
    return inference;
  }

  private static ObjectNode named(ApiRequest request, String id, String name) {
    return Views.linked(request, "roles/" + id, Json.object().put("id", id).put("name", name));
  }

  private ApiResponse show(ApiRequest request) {
    return ApiResponse.ok(pair(request, existing(request)));
  }

  private ApiResponse check(ApiRequest request) {
    existing(request);
    return ApiResponse.empty(204);
  }

  private static ObjectNode pair(ApiRequest request, Implication pair) {
    ObjectNode body = Json.object();
    ObjectNode inference = body.putObject("role_inference");
    inference.set("prior_role", named(request, pair.priorId(), pair.priorName()));
    inference.set("implies", named(request, pair.impliedId(), pair.impliedName()));
    body.putObject("links").put("self", request.baseUrl() + request.rawPath());
    return body;
  }

  private Implication existing(ApiRequest request) {
    Role prior = role(request, "prior_role_id");
    Role implied = role(request, "implied_role_id");
    return database.read(handle -> RoleStore.implications(handle, Optional.of(prior.id()))).stream()
        .filter(one -> one.impliedId().equals(implied.id()))
        .findFirst()
        .orElseThrow(() -> missing(prior.id(), implied.id()));
  }

  private ApiResponse create(ApiRequest request) {
    Role prior = role(request, "prior_role_id");
    Role implied = role(request, "implied_role_id");
    // A role that everyone could come by must never lead to administration.
    if (implied.name().equals("admin")) {
      throw ApiException.forbidden(implied.id() + " cannot be an implied roles.");
    }
    if (prior.domainId() == null && implied.domainId() != null) {
      throw ApiException.forbidden("Global role cannot imply a domain-specific role");
    }
    changes
        .by(request.context())
        .change((handle, touched) -> {
          RoleStore.imply(handle, prior.id(), implied.id());
          touched.everything();
          touched.event("implied_role", prior.id(), "created");
        });
    Implication pair = new Implication(prior.id(), prior.name(), implied.id(), implied.name());
    return ApiResponse.json(201, pair(request, pair));
  }

  private ApiResponse delete(ApiRequest request) {
    String priorId = request.path("prior_role_id");
    String impliedId = request.path("implied_role_id");
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!RoleStore.unimply(handle, priorId, impliedId)) {
            throw missing(priorId, impliedId);
          }
          touched.everything();
          touched.event("implied_role", priorId, "deleted");
        });
    return ApiResponse.empty(204);
  }

  private static ApiException missing(String priorId, String impliedId) {
    return ApiException.notFound(priorId + " does not imply " + impliedId + ".");
  }

  private ApiResponse inferences(ApiRequest request) {
    Map<String, ObjectNode> byPrior = new LinkedHashMap<>();
    for (Implication one :
        database.read(handle -> RoleStore.implications(handle, Optional.empty()))) {
      ObjectNode inference =
          byPrior.computeIfAbsent(
              one.priorId(), _ -> inference(request, one.priorId(), one.priorName(), List.of()));
      ((ArrayNode) inference.path("implies"))
          .add(named(request, one.impliedId(), one.impliedName()));
    }
    ObjectNode body = Json.object();
    ArrayNode all = body.putArray("role_inferences");
    byPrior.values().forEach(all::add);
    body.putObject("links").put("self", request.baseUrl() + request.rawPath());
    return ApiResponse.ok(body);
  }

  private Role role(ApiRequest request, String parameter) {
    String id = request.path(parameter);
    return database
        .read(handle -> RoleStore.find(handle, id))
        .orElseThrow(() -> Faults.notFound("role", id));
  }
}
