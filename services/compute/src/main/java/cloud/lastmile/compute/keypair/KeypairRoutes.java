package cloud.lastmile.compute.keypair;

import cloud.lastmile.compute.common.ComputeEvents;
import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.common.Links;
import cloud.lastmile.compute.common.Paging;
import cloud.lastmile.compute.quota.ComputeQuotas;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Keypairs belong to a user, not to a project; administrators may name another user. */
public final class KeypairRoutes {
  private static final Pattern NAME = Pattern.compile("[_\\- a-zA-Z0-9]+");
  private static final Pattern NAME_292 = Pattern.compile("[_\\-@. a-zA-Z0-9]+");

  private final Database database;
  private final KeypairStore keypairs;
  private final ComputeQuotas quotas;
  private final ComputeEvents events;
  private final InstantSource clock;
  private final KeyMaking making = new KeyMaking();

  public KeypairRoutes(
      Database database,
      KeypairStore keypairs,
      ComputeQuotas quotas,
      ComputeEvents events,
      InstantSource clock) {
    this.database = database;
    this.keypairs = keypairs;
    this.quotas = quotas;
    this.events = events;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v2.1/os-keypairs", ComputePolicies.KEYPAIRS_INDEX, this::list)
            .enforcedByHandler(),
        Route.post("/v2.1/os-keypairs", ComputePolicies.KEYPAIRS_CREATE, this::create)
            .enforcedByHandler(),
        Route.get("/v2.1/os-keypairs/{name}", ComputePolicies.KEYPAIRS_SHOW, this::show)
            .enforcedByHandler(),
        Route.delete("/v2.1/os-keypairs/{name}", ComputePolicies.KEYPAIRS_DELETE, this::delete)
            .enforcedByHandler());
  }

  private static String owner(ApiRequest request, PolicyRule rule, Optional<String> asked) {
    String owner =
        request.atLeast("2.10")
            ? asked.orElse(request.caller().userId())
            : request.caller().userId();
    request.enforce(rule, Map.of("user_id", owner));
    return owner;
  }

  private ApiResponse list(ApiRequest request) {
    String owner = owner(request, ComputePolicies.KEYPAIRS_INDEX, request.query("user_id"));
    Inputs.rejectUnknownQuery(request, Set.of("user_id", "limit", "marker"));
    boolean paged = request.atLeast("2.35");
    Map<String, List<String>> query = paged ? pageOnly(request.query()) : Map.of();
    ListPage<Keypair> page = database.read(handle -> keypairs.list(handle, query, owner));
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray("keypairs");
    page.rows().forEach(key -> array.addObject().set("keypair", brief(request, key)));
    if (paged && Paging.isFull(request, page.rows().size())) {
      Links.next(body, request, "keypairs", "os-keypairs", page.rows().getLast().name());
    }
    return ApiResponse.ok(body);
  }

  private static Map<String, List<String>> pageOnly(Map<String, List<String>> query) {
    Map<String, List<String>> page = new HashMap<>(query);
    page.keySet().retainAll(Set.of("limit", "marker"));
    return page;
  }

  private ApiResponse create(ApiRequest request) {
    Fields root = request.body();
    Fields body = root.object("keypair");
    String owner =
        owner(
            request,
            ComputePolicies.KEYPAIRS_CREATE,
            body.optional("user_id").map(v -> v.text(1, 255)));
    String name = name(request, body.required("name"));
    String type =
        request.atLeast("2.2")
            ? body.optional("type").map(KeypairRoutes::type).orElse("ssh")
            : "ssh";
    Optional<String> imported = body.optional("public_key").map(v -> v.text(0, 65535));
    if (!request.atLeast("2.10") && body.node().has("user_id")) {
      throw body.invalid("user_id", "Additional properties are not allowed");
    }
    body.rejectUnknown();
    root.rejectUnknown();
    if (imported.isEmpty() && request.atLeast("2.92")) {
      body.required("public_key");
    }
    // A key costs more than a look at how many there are.
    database.read(handle -> {
      requireRoom(handle, request.context(), keypairs.count(handle, owner));
      return owner;
    });
    Optional<Generated> generated =
        imported.isPresent()
            ? Optional.empty()
            : Optional.of(making.run(() -> generate(type, owner)));
    String publicKey = imported.orElseGet(() -> generated.orElseThrow().publicKey());
    String fingerprint = PublicKey.fingerprint(type, publicKey);
    Keypair keypair = insert(request.context(), owner, name, type, publicKey, fingerprint);
    ObjectNode view = created(request, keypair);
    generated.ifPresent(key -> view.put("private_key", key.privateKey()));
    ObjectNode answer = Json.object();
    answer.set("keypair", view);
    return ApiResponse.json(request.atLeast("2.2") ? 201 : 200, answer);
  }

  private Keypair insert(
      RequestContext context,
      String owner,
      String name,
      String type,
      String publicKey,
      String fingerprint) {
    try {
      return database.transact(handle -> {
        requireRoom(handle, context, keypairs.countForInsert(handle, owner));
        Keypair made = keypairs.insert(handle, owner, name, type, publicKey, fingerprint);
        tell(handle, "create", made.userId(), made.name(), context);
        return made;
      });
    } catch (RuntimeException failure) {
      if (Database.violated(failure).orElse("").equals("keypair_user_id_name_key")) {
        throw ApiException.conflict("Key pair '" + name + "' already exists.");
      }
      throw failure;
    }
  }

  /** All of the owner's count, in whichever project; the limit is that of the caller's. */
  private void requireRoom(Handle handle, RequestContext context, int present) {
    long limit = quotas.limit(handle, context.caller().projectId().orElse(""), "key_pairs");
    if (present >= limit && limit >= 0) {
      throw ApiException.forbidden("Quota exceeded, too many key pairs.");
    }
  }

  private void tell(Handle handle, String what, String owner, String name, RequestContext context) {
    events.happened(handle, "keypair", what, name, context, Json.object().put("user_id", owner));
  }

  /** A key pair that was made here, whatever its type. */
  private record Generated(String publicKey, String privateKey) {}

  private Generated generate(String type, String owner) {
    if (type.equals("x509")) {
      GeneratedCertificate made = GeneratedCertificate.create(owner, clock.instant());
      return new Generated(made.certificate(), made.privateKey());
    }
    GeneratedKey made = GeneratedKey.create();
    return new Generated(made.publicKey(), made.privateKey());
  }

  private static String name(ApiRequest request, Fields.Value value) {
    String name = Inputs.name(value);
    Pattern pattern = request.atLeast("2.92") ? NAME_292 : NAME;
    if (!pattern.matcher(name).matches()) {
      throw value.invalid("'" + name + "' does not match '^" + pattern.pattern() + "$'");
    }
    return name;
  }

  private static String type(Fields.Value value) {
    String type = value.text(0, 255);
    if (!type.equals("ssh") && !type.equals("x509")) {
      throw value.invalid("'" + type + "' is not one of ['ssh', 'x509']");
    }
    return type;
  }

  private ApiResponse show(ApiRequest request) {
    String owner = owner(request, ComputePolicies.KEYPAIRS_SHOW, request.query("user_id"));
    Inputs.rejectUnknownQuery(request, Set.of("user_id"));
    String name = request.path("name");
    Keypair keypair =
        database
            .read(handle -> keypairs.find(handle, owner, name))
            .orElseThrow(() -> notFound(owner, name));
    ObjectNode view = created(request, keypair);
    view.put("created_at", Timestamps.microsWithoutZone(keypair.createdAt()));
    view.put("deleted", false);
    view.putNull("deleted_at");
    view.putNull("updated_at");
    view.put("id", keypair.number());
    ObjectNode answer = Json.object();
    answer.set("keypair", view);
    return ApiResponse.ok(answer);
  }

  private ApiResponse delete(ApiRequest request) {
    String owner = owner(request, ComputePolicies.KEYPAIRS_DELETE, request.query("user_id"));
    Inputs.rejectUnknownQuery(request, Set.of("user_id"));
    String name = request.path("name");
    database.change(handle -> {
      if (!keypairs.delete(handle, owner, name)) {
        throw notFound(owner, name);
      }
      tell(handle, "delete", owner, name, request.context());
    });
    return ApiResponse.empty(request.atLeast("2.2") ? 204 : 202);
  }

  private static ObjectNode brief(ApiRequest request, Keypair keypair) {
    ObjectNode view = Json.object();
    view.put("name", keypair.name());
    view.put("public_key", keypair.publicKey());
    view.put("fingerprint", keypair.fingerprint());
    if (request.atLeast("2.2")) {
      view.put("type", keypair.type());
    }
    return view;
  }

  private static ObjectNode created(ApiRequest request, Keypair keypair) {
    return brief(request, keypair).put("user_id", keypair.userId());
  }

  private static ApiException notFound(String owner, String name) {
    return ApiException.notFound("Keypair " + name + " not found for user " + owner);
  }
}
