package cloud.lastmile.identity.credential;

import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Delegated;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.user.UserStore;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.policy.ScopeType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/users/{user_id}/credentials/OS-EC2}: EC2 key pairs that identity makes. */
public final class Ec2CredentialRoutes {
  private static final String LIST_PATH = "/v3/users/{user_id}/credentials/OS-EC2";
  private static final String PATH = LIST_PATH + "/{credential_id}";
  private static final String OWNER = "user_id:%(target.credential.user_id)s";
  private static final String MEMBER_OWNER = "(role:member and " + OWNER + ")";

  private static final PolicyRule LIST =
      Rules.systemReaderOr("ec2_list_credentials", "rule:owner")
          .in(ScopeType.SYSTEM, ScopeType.PROJECT);
  private static final PolicyRule GET =
      Rules.systemReaderOr("ec2_get_credential", OWNER).in(ScopeType.SYSTEM, ScopeType.PROJECT);
  private static final PolicyRule CREATE =
      Rules.adminOr("ec2_create_credential", MEMBER_OWNER).in(ScopeType.SYSTEM, ScopeType.PROJECT);
  private static final PolicyRule DELETE =
      Rules.adminOr("ec2_delete_credential", MEMBER_OWNER).in(ScopeType.SYSTEM, ScopeType.PROJECT);

  private final Database database;
  private final CredentialStore store;
  private final CredentialRoutes credentials;

  public Ec2CredentialRoutes(
      Database database, CredentialStore store, CredentialRoutes credentials) {
    this.database = database;
    this.store = store;
    this.credentials = credentials;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(LIST_PATH, LIST, this::list).enforcedByHandler(),
        Route.post(LIST_PATH, CREATE, this::create).enforcedByHandler(),
        Route.get(PATH, GET, this::show).enforcedByHandler(),
        Route.delete(PATH, DELETE, this::delete).enforcedByHandler());
  }

  private static ObjectNode view(ApiRequest request, Credential credential) {
    Ec2Blob blob = Ec2Blob.parse(credential.blob());
    ObjectNode view = Json.object();
    view.put("user_id", credential.userId());
    view.put("tenant_id", credential.projectId().orElse(null));
    view.put("access", blob.access());
    view.put("secret", blob.secret());
    view.put("trust_id", blob.trustId().orElse(null));
    return Views.linked(
        request, "users/" + credential.userId() + "/credentials/OS-EC2/" + blob.access(), view);
  }

  private ApiResponse list(ApiRequest request) {
    String userId = request.path("user_id");
    request.enforce(Rules.target("user_id", userId));
    Delegated.refuseSecrets(request.caller());
    if (database.read(handle -> UserStore.find(handle, userId)).isEmpty()) {
      throw Faults.notFound("user", userId);
    }
    Condition own = Condition.of("c.user_id = {} AND c.type = {}", userId, Credential.EC2);
    return Views.list(
        request,
        database,
        "credentials",
        store.asked(Map.of(), own),
        store::decrypted,
        credential -> view(request, credential));
  }

  private ApiResponse create(ApiRequest request) {
    String userId = request.path("user_id");
    request.enforce(target(userId));
    Delegated.refuseSecrets(request.caller());
    String projectId =
        Attributes.id(request.body(), "tenant_id")
            .orElseThrow(() -> Faults.expecting("tenant_id", "request body"));
    Ec2Blob blob = Ec2Blob.of(Ids.hex(), Ids.hex());
    Credential credential =
        new Credential(
            Ec2Blob.id(blob.access()),
            userId,
            Optional.of(projectId),
            Credential.EC2,
            blob.json(),
            Json.object());
    credentials.insert(request, credential);
    return Views.member(201, "credential", view(request, credential));
  }

  private ApiResponse show(ApiRequest request) {
    return Views.member(200, "credential", view(request, enforced(request)));
  }

  private ApiResponse delete(ApiRequest request) {
    credentials.delete(request, enforced(request).id());
    return ApiResponse.empty(204);
  }

  /** By access key; it must be the named user's. */
  private Credential enforced(ApiRequest request) {
    String access = request.path("credential_id");
    String userId = request.path("user_id");
    Optional<Credential> found =
        database
            .read(handle -> store.find(handle, Ec2Blob.id(access)))
            .filter(credential -> credential.type().equals(Credential.EC2))
            .filter(credential -> credential.userId().equals(userId));
    request.enforce(target(found.map(Credential::userId).orElse(userId)));
    Credential credential = found.orElseThrow(() -> Faults.notFound("credential", access));
    Delegated.refuseSecrets(request.caller());
    return credential;
  }

  private static Map<String, String> target(String userId) {
    return Rules.target("target.credential.user_id", userId, "user_id", userId);
  }
}
