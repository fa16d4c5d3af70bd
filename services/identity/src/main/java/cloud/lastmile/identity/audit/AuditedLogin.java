package cloud.lastmile.identity.audit;

import cloud.lastmile.identity.access.Cadf;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Handler;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.work.Event;
import java.time.InstantSource;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The token request with an event of how it came out: who, from where, with which methods. */
public final class AuditedLogin {
  private static final int LONGEST = 255;
  private static final String TOKENS = "/v3/auth/tokens";
  private static final Set<String> ISSUING = Set.of(TOKENS, "/v3/ec2tokens", "/v3/s3tokens");
  private static final String FEDERATED =
      "/v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}/auth";

  private final Handler login;
  private final AuthenticationAudit audit;
  private final InstantSource clock;

  /**
   * @param login answers with a token's body
   */
  public AuditedLogin(Handler login, AuthenticationAudit audit, InstantSource clock) {
    this.login = login;
    this.audit = audit;
    this.clock = clock;
  }

  /** The same route, audited if it is one by which tokens are issued. */
  public static Route wrap(Route route, AuthenticationAudit audit, InstantSource clock) {
    boolean issues = route.method().equals("POST") && ISSUING.contains(route.path());
    boolean federated = route.path().equals(FEDERATED);
    return issues || federated
        ? new Route(
            route.method(),
            route.path(),
            route.rule(),
            new AuditedLogin(route.handler(), audit, clock)::issue,
            route.handlerEnforces(),
            route.min(),
            route.max())
        : route;
  }

  public ApiResponse issue(ApiRequest request) throws Exception {
    try {
      ApiResponse answer = login.handle(request);
      if (answer.body() instanceof ApiResponse.Body.Tree tree) {
        succeeded(request, tree.node().path("token"));
      }
      return answer;
    } catch (ApiException refused) {
      if (refused.kind() == Kind.UNAUTHORIZED) {
        failed(request);
      }
      throw refused;
    }
  }

  private void succeeded(ApiRequest request, JsonNode token) throws InterruptedException {
    JsonNode user = token.path("user");
    ObjectNode initiator = Cadf.initiator(request.context());
    initiator.put("id", user.path("id").asString());
    initiator.put("user_id", user.path("id").asString());
    initiator.put("username", user.path("name").asString());
    JsonNode federation = user.path("OS-FEDERATION");
    if (federation.isObject()) {
      ObjectNode credential = initiator.putObject("credential");
      credential.set("identity_provider", federation.path("identity_provider").path("id"));
      credential.set("protocol", federation.path("protocol").path("id"));
    }
    String projectId = token.path("project").path("id").asString("");
    if (!projectId.isEmpty()) {
      initiator.put("project_id", projectId);
    }
    tell(request, true, user.path("id").asString(), initiator, projectId);
  }

  /** Of whom it was asked for is told only as the request named it. */
  private void failed(ApiRequest request) throws InterruptedException {
    ObjectNode initiator = Cadf.initiator(request.context());
    if (!request.route().path().equals(TOKENS)) {
      if (request.route().path().contains("{idp_id}")) {
        ObjectNode credential = initiator.putObject("credential");
        credential.put("identity_provider", request.path("idp_id"));
        credential.put("protocol", request.path("protocol_id"));
      }
      tell(request, false, "unknown", initiator, "");
      return;
    }
    JsonNode identity = request.json().path("auth").path("identity");
    JsonNode user = identity.path("password").path("user");
    for (String name : new String[] {"id", "name"}) {
      JsonNode value = user.path(name);
      if (value.isString() && value.asString().length() <= LONGEST) {
        initiator.put(name.equals("id") ? "user_id" : "username", value.asString());
      }
    }
    tell(request, false, initiator.path("user_id").asString("unknown"), initiator, "");
  }

  private void tell(
      ApiRequest request, boolean success, String userId, ObjectNode initiator, String projectId)
      throws InterruptedException {
    audit.add(
        Event.of(
            "identity.authenticate",
            projectId.isEmpty() ? null : projectId,
            "user",
            userId,
            request.context().requestId(),
            Cadf.activity("authenticate", success, Cadf.USER, userId, initiator, clock.instant())));
  }
}
