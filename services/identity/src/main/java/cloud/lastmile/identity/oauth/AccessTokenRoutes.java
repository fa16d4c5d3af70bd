package cloud.lastmile.identity.oauth;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Delegated;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.role.Role;
import cloud.lastmile.identity.role.RoleRoutes;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.ScopeType;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/users/{user_id}/OS-OAUTH1/access_tokens}: what a user lent to consumers. */
public final class AccessTokenRoutes {
  private static final String ALL = "/v3/users/{user_id}/OS-OAUTH1/access_tokens";
  private static final String ONE = ALL + "/{access_token_id}";
  private static final String ROLES = ONE + "/roles";

  private final Database database;
  private final Changes changes;

  public AccessTokenRoutes(Database database, Changes changes) {
    this.database = database;
    this.changes = changes;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(ALL, Rules.admin("list_access_tokens").in(ScopeType.PROJECT), this::list),
        Route.get(ONE, Rules.admin("get_access_token").in(ScopeType.PROJECT), this::show),
        Route.delete(ONE, Rules.admin("delete_access_token").in(ScopeType.PROJECT), this::delete),
        Route.get(ROLES, Rules.admin("list_access_token_roles").in(ScopeType.PROJECT), this::roles),
        Route.get(
            ROLES + "/{role_id}",
            Rules.admin("get_access_token_role").in(ScopeType.PROJECT),
            this::role));
  }

  private static ObjectNode view(ApiRequest request, AccessToken token) {
    ObjectNode view = Json.object();
    view.put("id", token.id());
    view.put("consumer_id", token.consumerId());
    view.put("authorizing_user_id", token.userId());
    view.put("project_id", token.projectId());
    view.put("expires_at", Timestamps.micros(token.expiresAt()));
    String path = "users/" + token.userId() + "/OS-OAUTH1/access_tokens/" + token.id();
    Views.linked(request, path, view)
        .withObject("links")
        .put("roles", Views.root(request) + "/" + path + "/roles");
    return view;
  }

  private static ObjectNode view(ApiRequest request, Role role) {
    ObjectNode view = RoleRoutes.view(request, role);
    view.remove("description");
    return view;
  }

  private ApiResponse list(ApiRequest request) {
    refuseDelegation(request);
    String userId = request.path("user_id");
    ListPage<AccessToken> page =
        database.read(handle -> AccessTokenStore.list(handle, request.query(), userId));
    List<ObjectNode> views = page.rows().stream().map(token -> view(request, token)).toList();
    return ApiResponse.ok(Views.collectionBody(request, "access_tokens", views, page.hasMore()));
  }

  private ApiResponse show(ApiRequest request) {
    refuseDelegation(request);
    return Views.member(200, "access_token", view(request, found(request)));
  }

  private ApiResponse delete(ApiRequest request) {
    refuseDelegation(request);
    AccessToken token = found(request);
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!AccessTokenStore.delete(handle, token.id())) {
            throw missing();
          }
          touched.target(token.id());
          touched.event("OS-OAUTH1:access_token", token.id(), "deleted");
        });
    return ApiResponse.empty(204);
  }

  private ApiResponse roles(ApiRequest request) {
    AccessToken token = found(request);
    List<Role> roles = database.read(handle -> AccessTokenStore.roles(handle, token.id()));
    return Views.collection(
        request, "roles", roles.stream().map(role -> view(request, role)).toList());
  }

  private ApiResponse role(ApiRequest request) {
    AccessToken token = found(request);
    String id = request.path("role_id");
    Role role =
        database.read(handle -> AccessTokenStore.roles(handle, token.id())).stream()
            .filter(one -> one.id().equals(id))
            .findFirst()
            .orElseThrow(() -> Faults.notFound("role", id));
    return Views.member(200, "role", view(request, role));
  }

  /** Another user's is not there, whatever is done with it. */
  private AccessToken found(ApiRequest request) {
    String id = request.path("access_token_id");
    Optional<AccessToken> token = database.read(handle -> AccessTokenStore.find(handle, id));
    return token
        .filter(one -> one.userId().equals(request.path("user_id")))
        .orElseThrow(AccessTokenRoutes::missing);
  }

  private static ApiException missing() {
    return ApiException.notFound("Access token not found");
  }

  private static void refuseDelegation(ApiRequest request) {
    Delegated.refuseDelegation(request.caller(), "manage OAuth access tokens");
  }
}
