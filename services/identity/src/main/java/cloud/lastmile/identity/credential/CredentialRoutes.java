package cloud.lastmile.identity.credential;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Delegated;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.UserLimits;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.user.UserStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/credentials}. */
public final class CredentialRoutes {
  private static final String PATH = "/v3/credentials/{credential_id}";
  private static final String OWNER = "user_id:%(target.credential.user_id)s";
  private static final int MAX_BLOB = 20_000;
  private static final Set<String> KNOWN =
      Set.of("id", "blob", "project_id", "type", "user_id", "links");

  private static final PolicyRule LIST = Rules.systemReaderOr("list_credentials", OWNER);
  private static final PolicyRule GET = Rules.systemReaderOr("get_credential", OWNER);
  private static final PolicyRule CREATE = Rules.adminOr("create_credential", OWNER);
  private static final PolicyRule UPDATE = Rules.adminOr("update_credential", OWNER);
  private static final PolicyRule DELETE = Rules.adminOr("delete_credential", OWNER);

  private final Database database;
  private final Changes changes;
  private final CredentialStore store;

  public CredentialRoutes(Database database, Changes changes, CredentialStore store) {
    this.database = database;
    this.changes = changes;
    this.store = store;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v3/credentials", LIST, this::list).enforcedByHandler(),
        Route.post("/v3/credentials", CREATE, this::create).enforcedByHandler(),
        Route.get(PATH, GET, this::show).enforcedByHandler(),
        Route.patch(PATH, UPDATE, this::update).enforcedByHandler(),
        Route.delete(PATH, DELETE, this::delete).enforcedByHandler());
  }

  private static ObjectNode view(ApiRequest request, Credential credential) {
    ObjectNode view = Json.object();
    view.setAll(credential.extra());
    view.put("id", credential.id());
    view.put("user_id", credential.userId());
    view.put("project_id", credential.projectId().orElse(null));
    view.put("type", credential.type());
    view.put("blob", credential.blob());
    return Views.linked(request, "credentials/" + credential.id(), view);
  }

  private static Map<String, String> target(String userId) {
    return Rules.target("target.credential.user_id", userId);
  }

  /** Whoever may not see everybody's sees its own. */
  private ApiResponse list(ApiRequest request) {
    Caller caller = request.caller();
    request.enforce(target(caller.userId()));
    List<String> parts = new ArrayList<>(List.of("TRUE"));
    List<Object> values = new ArrayList<>();
    if (!request.allows(GET, target(""))) {
      parts.add("c.user_id = {}");
      values.add(caller.userId());
    }
    if (Delegated.isDelegated(caller)) {
      // As in the reference, which leaves out each one by itself.
      parts.add("FALSE");
    }
    Condition visible = new Condition(String.join(" AND ", parts), values);
    return Views.list(
        request,
        database,
        "credentials",
        store.asked(request.query(), visible),
        store::decrypted,
        credential -> view(request, credential));
  }

  private ApiResponse create(ApiRequest request) {
    Fields fields = request.body().object("credential");
    String userId = Attributes.id(fields, "user_id").orElse("");
    request.enforce(target(userId));
    if (userId.isEmpty()) {
      throw fields.invalid("user_id", "'user_id' is a required property");
    }
    Delegated.refuseSecrets(request.caller());
    String type = fields.string("type", 1, 255);
    boolean ec2 = type.toLowerCase(Locale.ROOT).equals(Credential.EC2);
    Optional<String> projectId = Attributes.id(fields, "project_id");
    if (ec2) {
      requireProject(projectId);
    }
    String blob = blob(fields).orElseThrow(() -> Faults.expecting("blob", "credential"));
    Credential credential =
        new Credential(
            ec2 ? Ec2Blob.id(Ec2Blob.parse(blob).access()) : Ids.hex(),
            userId,
            projectId,
            type,
            blob,
            Attributes.extra(fields, KNOWN));
    insert(request, credential);
    return Views.member(201, "credential", view(request, credential));
  }

  /** Stores a new one, for this and other routes. */
  void insert(ApiRequest request, Credential credential) {
    Faults.unique(
        "credential_pkey",
        () ->
            changes
                .by(request.context())
                .transact((handle, touched) -> {
                  requireOwner(handle, credential);
                  UserLimits.CREDENTIALS.require(handle, credential.userId());
                  store.insert(handle, credential);
                  touched.target(credential.id());
                  touched.event("credential", credential.id(), "created");
                  return credential;
                }),
        () -> Faults.conflict("credential", "Duplicate entry"));
  }

  private static void requireOwner(Handle handle, Credential credential) {
    if (UserStore.find(handle, credential.userId()).isEmpty()) {
      throw Faults.notFound("user", credential.userId());
    }
    if (credential.projectId().isPresent()
        && !projectExists(handle, credential.projectId().get())) {
      throw Faults.notFound("project", credential.projectId().get());
    }
  }

  private static boolean projectExists(Handle handle, String id) {
    return handle
        .createQuery("SELECT EXISTS (SELECT 1 FROM identity.project WHERE id = :id)")
        .bind("id", id)
        .mapTo(Boolean.class)
        .one();
  }

  private static void requireProject(Optional<String> projectId) {
    if (projectId.isEmpty()) {
      throw Faults.expecting("project_id", "credential");
    }
  }

  private static Optional<String> blob(Fields fields) {
    return fields
        .optional("blob")
        .map(value -> {
          // The usual fault would quote the value.
          if (!value.isString() || value.node().asString().length() > MAX_BLOB) {
            throw ApiException.badRequest(
                "Invalid input for field/attribute blob. It must be a string of at most "
                    + MAX_BLOB
                    + " characters.");
          }
          return value.node().asString();
        });
  }

  private ApiResponse show(ApiRequest request) {
    return Views.member(200, "credential", view(request, enforced(request)));
  }

  private ApiResponse update(ApiRequest request) {
    Fields fields = request.body().object("credential");
    String blob = blob(fields).orElseThrow(() -> Faults.expecting("blob", "credential"));
    Optional<String> projectId = Attributes.id(fields, "project_id");
    List.of("id", "type", "user_id").forEach(fields::has);
    fields.rejectUnknown();
    Credential seen = enforced(request);
    requireSame(fields, seen);
    if (fields.isNull("project_id")) {
      throw fields.invalid("project_id", "it cannot be taken away");
    }
    Credential changed =
        changes
            .by(request.context())
            .transact((handle, touched) -> {
              Credential old =
                  store
                      .lock(handle, seen.id())
                      .orElseThrow(() -> Faults.notFound("credential", seen.id()));
              Credential updated = old.with(projectId.or(old::projectId), blob);
              requireOwner(handle, updated);
              if (old.type().equalsIgnoreCase(Credential.EC2)) {
                Ec2Blob.parse(old.blob()).requireSameBinding(Ec2Blob.parse(blob));
              }
              store.update(handle, updated);
              touched.target(updated.id());
              touched.event("credential", updated.id(), "updated");
              return updated;
            });
    return Views.member(200, "credential", view(request, changed));
  }

  /** Whose it is and of which kind stays as it was made; clients may say it again. */
  private static void requireSame(Fields fields, Credential seen) {
    Map<String, String> fixed =
        Map.of("id", seen.id(), "type", seen.type(), "user_id", seen.userId());
    fixed.forEach((name, value) -> {
      boolean given = fields.node().has(name);
      if (given && !fields.node().path(name).asString("").equals(value)) {
        throw ApiException.badRequest(name + " can not be updated for credential");
      }
    });
  }

  private ApiResponse delete(ApiRequest request) {
    delete(request, enforced(request).id());
    return ApiResponse.empty(204);
  }

  /** Removes one, for this and other routes. */
  void delete(ApiRequest request, String id) {
    changes
        .by(request.context())
        .change((handle, touched) -> {
          if (!CredentialStore.delete(handle, id)) {
            throw Faults.notFound("credential", id);
          }
          touched.target(id);
          touched.event("credential", id, "deleted");
        });
  }

  private Credential enforced(ApiRequest request) {
    String id = request.path("credential_id");
    Optional<Credential> credential = database.read(handle -> store.find(handle, id));
    request.enforce(target(credential.map(Credential::userId).orElse("")));
    Credential found = credential.orElseThrow(() -> Faults.notFound("credential", id));
    Delegated.refuseSecrets(request.caller());
    return found;
  }
}
