package cloud.lastmile.identity.trust;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Delegated;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.role.Role;
import cloud.lastmile.identity.role.RoleRoutes;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.policy.ScopeType;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/OS-TRUST/trusts}. */
public final class TrustRoutes {
  private static final String LIST_PATH = "/v3/OS-TRUST/trusts";
  private static final String PATH = LIST_PATH + "/{trust_id}";
  private static final String ROLES = PATH + "/roles";
  private static final String ROLE = ROLES + "/{role_id}";
  private static final String TRUSTOR = "user_id:%(target.trust.trustor_user_id)s";
  private static final String TRUSTEE = "user_id:%(target.trust.trustee_user_id)s";
  private static final String EITHER = TRUSTOR + " or " + TRUSTEE;

  private static final PolicyRule LIST = Rules.systemReader("list_trusts");
  private static final PolicyRule LIST_OF_TRUSTOR =
      Rules.systemReaderOr("list_trusts_for_trustor", TRUSTOR)
          .in(ScopeType.SYSTEM, ScopeType.PROJECT);
  private static final PolicyRule LIST_OF_TRUSTEE =
      Rules.systemReaderOr("list_trusts_for_trustee", TRUSTEE)
          .in(ScopeType.SYSTEM, ScopeType.PROJECT);
  private static final PolicyRule CREATE =
      new PolicyRule("identity:create_trust", TRUSTOR).in(ScopeType.PROJECT);
  private static final PolicyRule GET =
      Rules.systemReaderOr("get_trust", EITHER).in(ScopeType.SYSTEM, ScopeType.PROJECT);
  private static final PolicyRule DELETE =
      Rules.adminOr("delete_trust", TRUSTOR).in(ScopeType.SYSTEM, ScopeType.PROJECT);
  private static final PolicyRule LIST_ROLES =
      Rules.systemReaderOr("list_roles_for_trust", EITHER).in(ScopeType.SYSTEM, ScopeType.PROJECT);
  private static final PolicyRule GET_ROLE =
      Rules.systemReaderOr("get_role_for_trust", EITHER).in(ScopeType.SYSTEM, ScopeType.PROJECT);

  /** Asked for in place of the route's own when a list is narrowed to one user's. */
  public static final List<PolicyRule> OTHER_RULES = List.of(LIST_OF_TRUSTOR, LIST_OF_TRUSTEE);

  private final Database database;
  private final Changes changes;
  private final TrustCreate create;
  private final InstantSource clock;

  public TrustRoutes(Database database, Changes changes, InstantSource clock) {
    this.database = database;
    this.changes = changes;
    this.create = new TrustCreate(changes, clock);
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(LIST_PATH, LIST, this::list).enforcedByHandler(),
        Route.post(LIST_PATH, CREATE, this::create).enforcedByHandler(),
        Route.get(PATH, GET, this::show).enforcedByHandler(),
        Route.delete(PATH, DELETE, this::delete).enforcedByHandler(),
        Route.get(ROLES, LIST_ROLES, this::roles).enforcedByHandler(),
        Route.get(ROLE, GET_ROLE, this::role).enforcedByHandler());
  }

  private static ObjectNode summary(ApiRequest request, Trust trust) {
    ObjectNode view = Json.object();
    view.setAll(trust.extra());
    view.put("id", trust.id());
    view.put("trustor_user_id", trust.trustorId());
    view.put("trustee_user_id", trust.trusteeId());
    view.put("project_id", trust.projectId().orElse(null));
    view.put("impersonation", trust.impersonation());
    view.put("expires_at", trust.expiresAt().map(Timestamps::micros).orElse(null));
    view.putNull("deleted_at");
    trust
        .remainingUses()
        .ifPresentOrElse(
            uses -> view.put("remaining_uses", uses), () -> view.putNull("remaining_uses"));
    view.put("redelegated_trust_id", trust.redelegatedTrustId().orElse(null));
    view.put("redelegation_count", trust.redelegationCount());
    return Views.linked(request, "OS-TRUST/trusts/" + trust.id(), view);
  }

  private ObjectNode view(ApiRequest request, Trust trust) {
    ObjectNode view = summary(request, trust);
    List<Role> roles = database.read(handle -> TrustStore.roles(handle, trust.id()));
    var array = view.putArray("roles");
    roles.forEach(role -> array.add(RoleRoutes.view(request, role)));
    view.set("roles_links", rolesLinks(request, trust.id()));
    return view;
  }

  private static ObjectNode rolesLinks(ApiRequest request, String trustId) {
    ObjectNode links = Json.object();
    links.put("self", Views.root(request) + "/OS-TRUST/trusts/" + trustId + "/roles");
    links.putNull("next");
    links.putNull("previous");
    return links;
  }

  private ApiResponse list(ApiRequest request) {
    Optional<String> trustor = request.query("trustor_user_id").filter(id -> !id.isEmpty());
    Optional<String> trustee = request.query("trustee_user_id").filter(id -> !id.isEmpty());
    if (trustor.isPresent()) {
      request.enforce(LIST_OF_TRUSTOR, Rules.target("target.trust.trustor_user_id", trustor.get()));
    } else if (trustee.isPresent()) {
      request.enforce(LIST_OF_TRUSTEE, Rules.target("target.trust.trustee_user_id", trustee.get()));
    } else {
      request.enforce(Rules.target());
    }
    refuseDelegated(request);
    return Views.list(
        request,
        database,
        "trusts",
        TrustStore.asked(request.query()),
        trust -> summary(request, trust));
  }

  private ApiResponse create(ApiRequest request) {
    Fields fields = request.body().object("trust");
    request.enforce(
        Rules.target(
            "target.trust.trustor_user_id",
            fields
                .optional("trustor_user_id")
                .map(value -> value.node().asString(""))
                .orElse(null)));
    refuseDelegated(request);
    Trust trust = create.create(request.context(), fields);
    return Views.member(201, "trust", view(request, trust));
  }

  private ApiResponse show(ApiRequest request) {
    return Views.member(200, "trust", view(request, enforced(request)));
  }

  private ApiResponse delete(ApiRequest request) {
    Trust trust = enforced(request);
    changes
        .by(request.context())
        .change((handle, touched) -> {
          List<String> deleted = TrustStore.delete(handle, trust.id());
          if (deleted.isEmpty()) {
            throw Faults.notFound("trust", trust.id());
          }
          deleted.forEach(id -> {
            touched.target(id);
            touched.event("OS-TRUST:trust", id, "deleted");
          });
        });
    return ApiResponse.empty(204);
  }

  private ApiResponse roles(ApiRequest request) {
    Trust trust = enforced(request);
    List<Role> roles = database.read(handle -> TrustStore.roles(handle, trust.id()));
    ObjectNode body = Json.object();
    var array = body.putArray("roles");
    roles.forEach(role -> array.add(RoleRoutes.view(request, role)));
    body.set("links", rolesLinks(request, trust.id()));
    return ApiResponse.ok(body);
  }

  private ApiResponse role(ApiRequest request) {
    Trust trust = enforced(request);
    String id = request.path("role_id");
    List<Role> roles = database.read(handle -> TrustStore.roles(handle, trust.id()));
    Role found =
        roles.stream()
            .filter(role -> role.id().equals(id))
            .findFirst()
            .orElseThrow(() -> Faults.notFound("role", id));
    return Views.member(200, "role", RoleRoutes.view(request, found));
  }

  /** As in the reference, one that is used up or expired is not there, and comes before policy. */
  private Trust enforced(ApiRequest request) {
    String id = request.path("trust_id");
    Trust trust =
        database
            .read(handle -> TrustStore.find(handle, id))
            .filter(found -> found.usable(clock.instant()))
            .orElseThrow(() -> Faults.notFound("trust", id));
    request.enforce(
        Rules.target(
            "target.trust.trustor_user_id",
            trust.trustorId(),
            "target.trust.trustee_user_id",
            trust.trusteeId()));
    refuseDelegated(request);
    return trust;
  }

  private static void refuseDelegated(ApiRequest request) {
    Delegated.refuseTrusts(request.caller());
  }
}
