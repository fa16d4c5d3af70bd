package cloud.lastmile.identity.user;

import cloud.lastmile.identity.common.Callers;
import cloud.lastmile.identity.common.Delegated;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.resource.ProjectStore;
import cloud.lastmile.identity.resource.ProjectView;
import cloud.lastmile.identity.resource.UserProjects;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/users}. */
public final class UserRoutes {
  private static final String MANAGER =
      "(role:manager and token.domain.id:%(target.user.domain_id)s)";

  private static final PolicyRule LIST =
      Rules.systemReaderOr("list_users", "(role:reader and domain_id:%(target.domain_id)s)");
  private static final PolicyRule GET =
      Rules.systemReaderOr(
          "get_user",
          "(role:reader and token.domain.id:%(target.user.domain_id)s)"
              + " or user_id:%(target.user.id)s");
  private static final PolicyRule CREATE = Rules.adminOr("create_user", MANAGER);
  private static final PolicyRule UPDATE = Rules.adminOr("update_user", MANAGER);
  private static final PolicyRule DELETE = Rules.adminOr("delete_user", MANAGER);
  private static final PolicyRule PROJECTS =
      Rules.systemReaderOr(
          "list_user_projects",
          "(role:reader and domain_id:%(target.user.domain_id)s) or user_id:%(target.user.id)s");
  private static final PolicyRule GROUPS =
      Rules.systemReaderOr(
          "list_groups_for_user",
          "(role:reader and domain_id:%(target.user.domain_id)s) or user_id:%(user_id)s");

  private final Database database;
  private final UserChange change;
  private final PasswordCheck passwords;
  private final Directories directories;
  private final ListLimits limits;
  private final InstantSource clock;

  /** Refuses to change a password for who does not know it; a guess counts as one at a login. */
  @FunctionalInterface
  public interface PasswordCheck {
    void verifyToChange(String userId, String password, String address);
  }

  public UserRoutes(
      Database database,
      UserChange change,
      PasswordCheck passwords,
      Directories directories,
      ListLimits limits,
      InstantSource clock) {
    this.database = database;
    this.change = change;
    this.passwords = passwords;
    this.directories = directories;
    this.limits = limits;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v3/users", LIST, this::list).enforcedByHandler(),
        Route.post("/v3/users", CREATE, this::create).enforcedByHandler(),
        Route.get("/v3/users/{user_id}", GET, this::show).enforcedByHandler(),
        Route.patch("/v3/users/{user_id}", UPDATE, this::update).enforcedByHandler(),
        Route.delete("/v3/users/{user_id}", DELETE, this::delete).enforcedByHandler(),
        // The old password is the proof; an expired one must be changeable without a token.
        Route.post("/v3/users/{user_id}/password", PolicyRule.PUBLIC, this::password),
        Route.get("/v3/users/{user_id}/projects", PROJECTS, this::projects).enforcedByHandler(),
        Route.get("/v3/users/{user_id}/groups", GROUPS, this::groups).enforcedByHandler());
  }

  private ApiResponse list(ApiRequest request) {
    request.enforce(Rules.target("target.domain_id", Callers.domainId(request.caller())));
    directories.refresh(Callers.askedDomain(request));
    Condition within = Callers.withinDomain(request.caller(), "u.domain_id");
    return Views.list(
        request,
        database,
        "users",
        UserStore.asked(limits.bounded(request.query(), Callers.askedDomain(request)), within),
        user -> UserView.of(request, user));
  }

  private ApiResponse create(ApiRequest request) {
    Fields fields = request.body().object("user");
    request.enforce(
        Rules.target(
            "target.user.domain_id",
            fields.optional("domain_id").map(value -> value.node().asString("")).orElse(null)));
    String domainId = Callers.domainOf(request, fields);
    directories.requireLocal(domainId);
    User user = change.create(request.context(), fields, domainId);
    return Views.member(201, "user", view(request, user));
  }

  private ApiResponse show(ApiRequest request) {
    return Views.member(200, "user", view(request, enforced(request)));
  }

  /** With who the user is at identity providers, which lists do not say. */
  private ObjectNode view(ApiRequest request, User user) {
    ObjectNode view = UserView.of(request, user);
    List<FederatedIdentities.Identity> identities =
        database.read(handle -> FederatedIdentities.of(handle, user.id()));
    if (!identities.isEmpty()) {
      view.set("federated", FederatedIdentities.view(identities));
    }
    return view;
  }

  private ApiResponse update(ApiRequest request) {
    User seen = local(request);
    Delegated.refuseOwnLogin(request.caller(), seen.id());
    User changed = change.update(request.context(), seen, request.body().object("user"));
    return Views.member(200, "user", view(request, changed));
  }

  private ApiResponse delete(ApiRequest request) {
    change.delete(request.context(), local(request).id());
    return ApiResponse.empty(204);
  }

  private ApiResponse password(ApiRequest request) {
    Fields fields = request.body().object("user");
    String original = passwordField(fields, "original_password");
    String wanted = passwordField(fields, "password");
    String userId = request.path("user_id");
    passwords.verifyToChange(userId, original, request.context().remoteAddress());
    database
        .read(handle -> UserStore.find(handle, userId))
        .ifPresent(user -> directories.requireLocal(user.domainId()));
    change.setPassword(request.context(), userId, wanted, original);
    return ApiResponse.empty(204);
  }

  private static String passwordField(Fields fields, String name) {
    Optional<Fields.Value> value = fields.optional(name);
    if (value.isEmpty()
        || !value.get().isString()
        || value.get().node().asString().length() > UserChange.MAX_PASSWORD) {
      throw ApiException.badRequest(
          "Invalid input for field/attribute "
              + name
              + ". It must be a string of at most "
              + UserChange.MAX_PASSWORD
              + " characters.");
    }
    return value.get().node().asString();
  }

  private ApiResponse projects(ApiRequest request) {
    String id = enforced(request).id();
    return Views.list(
        request,
        database,
        "projects",
        ProjectStore.asked(request.query(), UserProjects.projects(id)),
        project -> ProjectView.project(request, project));
  }

  private ApiResponse groups(ApiRequest request) {
    User user = enforced(request);
    String id = user.id();
    directories.refresh(user.domainId());
    Condition visible = Callers.withinDomain(request.caller(), "g.domain_id");
    Map<String, List<String>> query = limits.bounded(request.query(), user.domainId());
    return Views.list(
        request,
        database,
        "groups",
        GroupStore.askedOfUser(query, visible, id, clock.instant()),
        membership -> GroupRoutes.view(request, membership));
  }

  private User local(ApiRequest request) {
    User user = enforced(request);
    directories.requireLocal(user.domainId());
    return user;
  }

  private User enforced(ApiRequest request) {
    String id = request.path("user_id");
    Optional<User> user = database.read(handle -> UserStore.find(handle, id));
    request.enforce(
        Rules.target(
            "user_id",
            id,
            "target.user.id",
            user.map(User::id).orElse(null),
            "target.user.domain_id",
            user.map(User::domainId).orElse(null)));
    return user.orElseThrow(() -> Faults.notFound("user", id));
  }
}
