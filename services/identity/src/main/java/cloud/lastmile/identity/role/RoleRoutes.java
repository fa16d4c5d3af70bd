package cloud.lastmile.identity.role;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Callers;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Options;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/roles}: roles of the cloud and of single domains. */
public final class RoleRoutes {
  private static final int MAX_NAME = 255;
  private static final int MAX_DESCRIPTION = 65_535;
  private static final Set<String> KNOWN =
      Set.of("id", "name", "domain_id", "description", "options", "links");

  private static final PolicyRule LIST =
      Rules.systemReaderOr("list_roles", "(role:manager and domain_id:%(domain_id)s)");
  private static final PolicyRule GET =
      Rules.systemReaderOr("get_role", "(role:manager and rule:domain_managed_target_role)");
  private static final PolicyRule CREATE = Rules.admin("create_role");
  private static final PolicyRule UPDATE = Rules.admin("update_role");
  private static final PolicyRule DELETE = Rules.admin("delete_role");
  private static final PolicyRule LIST_OF_DOMAIN = Rules.systemReader("list_domain_roles");
  private static final PolicyRule GET_OF_DOMAIN = Rules.systemReader("get_domain_role");
  private static final PolicyRule CREATE_IN_DOMAIN = Rules.admin("create_domain_role");
  private static final PolicyRule UPDATE_IN_DOMAIN = Rules.admin("update_domain_role");
  private static final PolicyRule DELETE_IN_DOMAIN = Rules.admin("delete_domain_role");

  /** Asked for in place of the route's own when the role belongs to a domain. */
  public static final List<PolicyRule> OTHER_RULES =
      List.of(LIST_OF_DOMAIN, GET_OF_DOMAIN, CREATE_IN_DOMAIN, UPDATE_IN_DOMAIN, DELETE_IN_DOMAIN);

  private final Database database;
  private final Changes changes;

  public RoleRoutes(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v3/roles", LIST, this::list).enforcedByHandler(),
        Route.post("/v3/roles", CREATE, this::create).enforcedByHandler(),
        Route.get("/v3/roles/{role_id}", GET, this::show).enforcedByHandler(),
        Route.patch("/v3/roles/{role_id}", UPDATE, this::update).enforcedByHandler(),
        Route.delete("/v3/roles/{role_id}", DELETE, this::delete).enforcedByHandler());
  }

  /** A role as clients see it, with its link. */
  public static ObjectNode view(ApiRequest request, Role role) {
    ObjectNode view = Json.object();
    view.setAll(role.extra());
    view.put("id", role.id());
    view.put("name", role.name());
    view.put("domain_id", role.domainId());
    view.put("description", role.description());
    view.set("options", role.options());
    return Views.linked(request, "roles/" + role.id(), view);
  }

  private ApiResponse list(ApiRequest request) {
    boolean ofDomain = request.query("domain_id").isPresent();
    request.enforce(
        ofDomain ? LIST_OF_DOMAIN : LIST,
        Rules.target("domain_id", Callers.domainId(request.caller())));
    Condition within = Condition.of(ofDomain ? "TRUE" : "r.domain_id IS NULL");
    ListPage<Role> page = database.read(handle -> RoleStore.list(handle, request.query(), within));
    List<ObjectNode> views = page.rows().stream().map(role -> view(request, role)).toList();
    return ApiResponse.ok(Views.collectionBody(request, "roles", views, page.hasMore()));
  }

  private ApiResponse create(ApiRequest request) {
    Fields fields = request.body().object("role");
    Optional<String> domainId = Attributes.id(fields, "domain_id");
    request.enforce(domainId.isPresent() ? CREATE_IN_DOMAIN : CREATE, Rules.target());
    Role role =
        new Role(
            Ids.hex(),
            domainId.orElse(null),
            Attributes.name(fields, MAX_NAME),
            Attributes.text(fields, "description", MAX_DESCRIPTION).orElse(null),
            Options.merged(Json.object(), Options.ofResource(fields)),
            Attributes.extra(fields, KNOWN));
    named(
        () ->
            changes
                .by(request.context())
                .transact((handle, touched) -> {
                  if (domainId.isPresent()) {
                    ProjectStore.requireDomain(handle, domainId.get());
                  }
                  RoleStore.insert(handle, role);
                  touched.event("role", role.id(), "created");
                  return role;
                }),
        role.name(),
        role.domainId());
    return Views.member(201, "role", view(request, role));
  }

  private ApiResponse show(ApiRequest request) {
    return Views.member(200, "role", view(request, enforced(request, GET, GET_OF_DOMAIN)));
  }

  private ApiResponse update(ApiRequest request) {
    Role seen = enforced(request, UPDATE, UPDATE_IN_DOMAIN);
    Fields fields = request.body().object("role");
    Attributes.requireSameId(fields, seen.id());
    String name = Attributes.optionalName(fields, MAX_NAME).orElse(seen.name());
    Role changed =
        named(
            () ->
                changes
                    .by(request.context())
                    .transact((handle, touched) -> {
                      Role old =
                          RoleStore.lock(handle, seen.id())
                              .orElseThrow(() -> Faults.notFound("role", seen.id()));
                      Role updated = updated(old, fields);
                      RoleStore.update(handle, updated);
                      touched.everything();
                      touched.event("role", updated.id(), "updated");
                      return updated;
                    }),
            name,
            seen.domainId());
    return Views.member(200, "role", view(request, changed));
  }

  private static Role updated(Role old, Fields fields) {
    Options.requireMutable(old.options(), fields, "role", old.id());
    return new Role(
        old.id(),
        old.domainId(),
        Attributes.optionalName(fields, MAX_NAME).orElse(old.name()),
        fields.has("description")
            ? Attributes.text(fields, "description", MAX_DESCRIPTION).orElse(null)
            : old.description(),
        Options.merged(old.options(), Options.ofResource(fields)),
        Attributes.merged(old.extra(), Attributes.extra(fields, KNOWN)));
  }

  private ApiResponse delete(ApiRequest request) {
    Role seen = enforced(request, DELETE, DELETE_IN_DOMAIN);
    changes
        .by(request.context())
        .change((handle, touched) -> {
          Role role =
              RoleStore.lock(handle, seen.id())
                  .orElseThrow(() -> Faults.notFound("role", seen.id()));
          Options.requireDeletable(role.options(), "role", role.id());
          RoleStore.delete(handle, role.id());
          touched.event("role", role.id(), "deleted");
          touched.everything();
        });
    return ApiResponse.empty(204);
  }

  private Role enforced(ApiRequest request, PolicyRule global, PolicyRule ofDomain) {
    String id = request.path("role_id");
    Optional<Role> role = database.read(handle -> RoleStore.find(handle, id));
    boolean inDomain = role.filter(found -> found.domainId() != null).isPresent();
    request.enforce(
        inDomain ? ofDomain : global,
        Rules.target("target.role.name", role.map(Role::name).orElse(null)));
    return role.orElseThrow(() -> Faults.notFound("role", id));
  }

  private static <T> T named(Supplier<T> write, String name, @Nullable String domainId) {
    String where = domainId == null ? "" : " at domain ID " + domainId;
    return Faults.unique(
        "role_name_unique",
        write,
        () -> Faults.conflict("role", "Duplicate entry found with name " + name + where));
  }
}
