package cloud.lastmile.identity.credential;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Delegated;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Rules;
import cloud.lastmile.identity.common.UserLimits;
import cloud.lastmile.identity.common.Views;
import cloud.lastmile.identity.credential.ApplicationCredential.Wanted;
import cloud.lastmile.identity.credential.ApplicationCredential.WantedRule;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Caller;
import cloud.lastmile.platform.core.Delegation;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.policy.ScopeType;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/users/{user_id}/application_credentials}. */
public final class ApplicationCredentialRoutes {
  private static final String LIST_PATH = "/v3/users/{user_id}/application_credentials";
  private static final String PATH = LIST_PATH + "/{application_credential_id}";
  private static final int MAX_NAME = 255;
  private static final int MAX_DESCRIPTION = 65_535;
  private static final int MAX_RULES = 1_000;
  private static final String METHODS = "DELETE GET HEAD PATCH POST PUT";

  private static final PolicyRule LIST =
      Rules.systemReaderOr("list_application_credentials", "rule:owner")
          .in(ScopeType.SYSTEM, ScopeType.PROJECT);
  private static final PolicyRule GET =
      Rules.systemReaderOr("get_application_credential", "rule:owner")
          .in(ScopeType.SYSTEM, ScopeType.PROJECT);
  private static final PolicyRule CREATE =
      new PolicyRule("identity:create_application_credential", "user_id:%(user_id)s")
          .in(ScopeType.PROJECT);
  private static final PolicyRule DELETE =
      new PolicyRule("identity:delete_application_credential", "rule:admin_or_owner");

  private final Database database;
  private final Changes changes;
  private final SecretHash hash;
  private final InstantSource clock;

  public ApplicationCredentialRoutes(
      Database database, Changes changes, CredentialLogin login, InstantSource clock) {
    this.database = database;
    this.changes = changes;
    this.hash = login.hash();
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(LIST_PATH, LIST, this::list).enforcedByHandler(),
        Route.post(LIST_PATH, CREATE, this::create).enforcedByHandler(),
        Route.get(PATH, GET, this::show).enforcedByHandler(),
        Route.delete(PATH, DELETE, this::delete).enforcedByHandler());
  }

  private static ObjectNode view(ApiRequest request, ApplicationCredential credential) {
    ObjectNode view = Json.object();
    view.put("id", credential.id());
    view.put("name", credential.name());
    view.put("description", credential.description());
    view.put("project_id", credential.projectId());
    view.put("unrestricted", credential.unrestricted());
    view.put("expires_at", credential.expiresAt().map(Timestamps::microsWithoutZone).orElse(null));
    view.set("roles", credential.roles());
    if (!credential.accessRules().isEmpty()) {
      view.set("access_rules", credential.accessRules());
    }
    return Views.linked(
        request,
        "users/" + credential.userId() + "/application_credentials/" + credential.id(),
        view);
  }

  private ApiResponse list(ApiRequest request) {
    String userId = enforced(request);
    return Views.list(
        request,
        database,
        "application_credentials",
        ApplicationCredentialStore.asked(request.query(), userId),
        credential -> view(request, credential));
  }

  private ApiResponse show(ApiRequest request) {
    String userId = enforced(request);
    return Views.member(200, "application_credential", view(request, find(request, userId)));
  }

  private ApplicationCredential find(ApiRequest request, String userId) {
    String id = request.path("application_credential_id");
    return database
        .read(handle -> ApplicationCredentialStore.find(handle, userId, id))
        .orElseThrow(() -> Faults.notFound("application credential", id));
  }

  private ApiResponse create(ApiRequest request) {
    String userId = enforced(request);
    Delegated.refuseRestricted(request.caller(), "managing additional application credentials");
    Fields fields = request.body().object("application_credential");
    Optional<String> chosen = secret(fields);
    String secret = chosen.orElseGet(hash::generate);
    String secretHash = chosen.map(hash::ofChosen).orElseGet(() -> SecretHash.ofGenerated(secret));
    Wanted asked = wanted(request.caller(), userId, fields, secretHash);
    Wanted wanted = maker(request.caller()).map(asked::by).orElse(asked);
    ApplicationCredential made =
        Faults.unique(
            "application_credential_name_unique",
            () ->
                Faults.unique(
                    "application_credential_made_by",
                    () -> insert(request, wanted),
                    ApplicationCredentialRoutes::makerGone),
            () ->
                Faults.conflict(
                    "application_credential", "Duplicate entry found with name " + wanted.name()));
    return Views.member(201, "application_credential", view(request, made).put("secret", secret));
  }

  private ApplicationCredential insert(ApiRequest request, Wanted wanted) {
    return changes
        .by(request.context())
        .transact((handle, touched) -> {
          UserLimits.APPLICATION_CREDENTIALS.require(handle, wanted.userId());
          if (!wanted.rules().isEmpty()) {
            UserLimits.ACCESS_RULES.require(handle, wanted.userId());
          }
          ApplicationCredentialStore.insert(handle, wanted);
          touched.target(wanted.id());
          touched.event("application_credential", wanted.id(), "created");
          ApplicationCredential stored =
              ApplicationCredentialStore.find(handle, wanted.userId(), wanted.id()).orElseThrow();
          requireKnownRules(wanted, stored);
          return stored;
        });
  }

  /** The credential that the token was made by, if it was made by one. */
  private Optional<ApplicationCredential> maker(Caller caller) {
    if (!(caller.delegation() instanceof Delegation.ApplicationCredential maker)) {
      return Optional.empty();
    }
    return Optional.of(
        database
            .read(handle -> ApplicationCredentialStore.find(handle, caller.userId(), maker.id()))
            .orElseThrow(ApplicationCredentialRoutes::makerGone));
  }

  private static ApiException makerGone() {
    return ApiException.unauthorized("The request you have made requires authentication.");
  }

  private static void requireKnownRules(Wanted wanted, ApplicationCredential stored) {
    List<String> known = stored.accessRules().findValuesAsString("id");
    wanted.rules().stream()
        .flatMap(rule -> rule.id().stream())
        .filter(id -> !known.contains(id))
        .findFirst()
        .ifPresent(id -> {
          throw Faults.notFound("access rule", id);
        });
  }

  private Wanted wanted(Caller caller, String userId, Fields fields, String secretHash) {
    Wanted wanted =
        new Wanted(
            Ids.hex(),
            userId,
            fields.has("project_id") || caller.projectId().isEmpty()
                ? requireProject(caller)
                : caller.projectId().get(),
            Attributes.name(fields, MAX_NAME),
            Attributes.text(fields, "description", MAX_DESCRIPTION).orElse(null),
            secretHash,
            fields.bool("unrestricted", false),
            expiry(fields),
            roles(caller, fields),
            rules(fields),
            Optional.empty());
    fields.has("id");
    fields.has("system");
    fields.rejectUnknown();
    return wanted;
  }

  /** As in the reference, the token's project counts, whatever the body says. */
  private static String requireProject(Caller caller) {
    return caller
        .projectId()
        .orElseThrow(() -> invalid("a token scoped to a project is needed to create one."));
  }

  private static Optional<String> secret(Fields fields) {
    Optional<Fields.Value> value = fields.optional("secret");
    if (value.isEmpty()) {
      return Optional.empty();
    }
    // The usual fault would quote the value.
    if (!value.get().isString() || value.get().node().asString().length() > 4096) {
      throw ApiException.badRequest("Invalid input for field/attribute secret.");
    }
    return Optional.of(value.get().node().asString()).filter(text -> !text.isEmpty());
  }

  private Optional<Instant> expiry(Fields fields) {
    Optional<Fields.Value> value = fields.optional("expires_at");
    Optional<Instant> expiry = value.flatMap(text -> Timestamps.parse(text.text(0, 255)));
    if (value.isPresent() && (expiry.isEmpty() || expiry.get().isBefore(clock.instant()))) {
      throw value.get().invalid("it is not a time to come in ISO 8601");
    }
    return expiry.map(Timestamps::truncate);
  }

  /** Those asked for, else all; never one that the token does not have. */
  private List<String> roles(Caller caller, Fields fields) {
    List<String> ids = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<Fields.Value> wanted =
        fields.optional("roles").map(Fields.Value::values).orElse(List.of());
    for (Fields.Value role : wanted) {
      Fields one = role.object();
      Attributes.id(one, "id").ifPresent(ids::add);
      Attributes.optionalName(one, MAX_NAME).ifPresent(names::add);
      one.rejectUnknown();
      if (one.node().size() != 1) {
        throw role.invalid("either id or name is needed");
      }
    }
    if (wanted.isEmpty()) {
      names.addAll(caller.roles());
    }
    Map<String, String> found =
        database.read(handle -> ApplicationCredentialStore.withImplied(handle, ids, names));
    for (String name : names) {
      if (!found.containsValue(name)) {
        throw Faults.notFound("role", name);
      }
    }
    if (!found.keySet().containsAll(ids) || !caller.roles().containsAll(found.values())) {
      throw invalid("Cannot create an application credential with unassigned role");
    }
    return List.copyOf(found.keySet());
  }

  private static List<WantedRule> rules(Fields fields) {
    List<WantedRule> rules = new ArrayList<>();
    for (Fields.Value value :
        fields.optional("access_rules").map(Fields.Value::values).orElse(List.of())) {
      Fields rule = value.object();
      Optional<String> id = Attributes.id(rule, "id");
      if (id.isPresent()) {
        rules.add(new WantedRule(id, "", "", ""));
        continue;
      }
      String service =
          Attributes.id(rule, "service").orElseThrow(() -> value.invalid("service is required"));
      String method = rule.string("method", 1, 6);
      if (!List.of(METHODS.split(" ", -1)).contains(method)) {
        throw rule.invalid("method", "it is not one of " + METHODS);
      }
      String path = rule.string("path", 1, 225);
      if (!path.startsWith("/")) {
        throw rule.invalid("path", "it does not start with a slash");
      }
      rule.rejectUnknown();
      rules.add(new WantedRule(Optional.empty(), service, method, path));
    }
    if (rules.size() > MAX_RULES) {
      throw invalid("more than " + MAX_RULES + " access rules");
    }
    return rules;
  }

  private ApiResponse delete(ApiRequest request) {
    String userId = enforced(request);
    Delegated.refuseRestricted(request.caller(), "managing additional application credentials");
    String id = request.path("application_credential_id");
    changes
        .by(request.context())
        .change((handle, touched) -> {
          List<String> deleted = ApplicationCredentialStore.delete(handle, userId, id);
          if (deleted.isEmpty()) {
            throw Faults.notFound("application credential", id);
          }
          deleted.forEach(gone -> {
            touched.target(gone);
            touched.event("application_credential", gone, "deleted");
          });
        });
    return ApiResponse.empty(204);
  }

  private static String enforced(ApiRequest request) {
    String userId = request.path("user_id");
    request.enforce(Rules.target("user_id", userId));
    Delegated.refuseLent(request.caller());
    return userId;
  }

  private static ApiException invalid(String detail) {
    return ApiException.badRequest("Invalid application credential: " + detail);
  }
}
