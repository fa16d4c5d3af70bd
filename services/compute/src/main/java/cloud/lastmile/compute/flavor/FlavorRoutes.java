package cloud.lastmile.compute.flavor;

import cloud.lastmile.compute.common.ComputeEvents;
import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Inputs;
import cloud.lastmile.compute.common.Links;
import cloud.lastmile.compute.common.Paging;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Flavors: list, show, and for administrators create, describe and delete. */
public final class FlavorRoutes {
  private static final Set<String> KNOWN_QUERY =
      Set.of("limit", "marker", "is_public", "minRam", "minDisk", "sort_key", "sort_dir");

  private final Database database;
  private final FlavorStore flavors;
  private final ComputeEvents events;

  public FlavorRoutes(Database database, FlavorStore flavors, ComputeEvents events) {
    this.database = database;
    this.flavors = flavors;
    this.events = events;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v2.1/flavors", ComputePolicies.FLAVORS_LIST, this::list),
        Route.get("/v2.1/flavors/detail", ComputePolicies.FLAVORS_LIST, this::detail),
        Route.get("/v2.1/flavors/{flavor_id}", ComputePolicies.FLAVORS_LIST, this::show),
        Route.post("/v2.1/flavors", ComputePolicies.FLAVOR_CREATE, this::create),
        Route.put("/v2.1/flavors/{flavor_id}", ComputePolicies.FLAVOR_UPDATE, this::update)
            .from("2.55"),
        Route.delete("/v2.1/flavors/{flavor_id}", ComputePolicies.FLAVOR_DELETE, this::delete));
  }

  static ApiException notFound(String id) {
    return ApiException.notFound("Flavor " + id + " could not be found.");
  }

  private ApiResponse list(ApiRequest request) {
    return page(request, "flavors", FlavorView::brief);
  }

  private ApiResponse detail(ApiRequest request) {
    return page(request, "flavors/detail", FlavorView::full);
  }

  private ApiResponse page(
      ApiRequest request, String path, BiFunction<ApiRequest, Flavor, ObjectNode> view) {
    Inputs.rejectUnknownQuery(request, KNOWN_QUERY);
    List<Condition> conditions = conditions(request);
    ListPage<Flavor> page =
        database.read(handle -> flavors.list(handle, request.query(), conditions));
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray("flavors");
    page.rows().forEach(flavor -> array.add(view.apply(request, flavor)));
    if (Paging.isFull(request, page.rows().size())) {
      Links.next(body, request, "flavors", path, page.rows().getLast().id());
    }
    return ApiResponse.ok(body);
  }

  private static List<Condition> conditions(ApiRequest request) {
    List<Condition> conditions = new ArrayList<>();
    if (request.caller().hasRole("admin")) {
      isPublic(request)
          .ifPresent(wanted -> conditions.add(Condition.of("f.is_public = {}", wanted)));
    } else {
      conditions.add(FlavorStore.visibleTo(request.caller().projectId().orElse("")));
      conditions.add(Condition.of("NOT f.disabled"));
    }
    Inputs.integer(request, "minRam")
        .ifPresent(ram -> conditions.add(Condition.of("f.ram_mib >= {}", ram)));
    Inputs.integer(request, "minDisk")
        .ifPresent(disk -> conditions.add(Condition.of("f.disk_gib >= {}", disk)));
    return conditions;
  }

  /** Administrators see public flavors unless they ask otherwise; {@code none} means all. */
  private static Optional<Boolean> isPublic(ApiRequest request) {
    String asked = request.query("is_public").orElse("true");
    if (asked.equalsIgnoreCase("none")) {
      return Optional.empty();
    }
    if (Inputs.isTrue(asked)) {
      return Optional.of(true);
    }
    if (Inputs.isFalse(asked)) {
      return Optional.of(false);
    }
    throw ApiException.badRequest("Invalid is_public filter [" + asked + "]");
  }

  private ApiResponse show(ApiRequest request) {
    String id = request.path("flavor_id");
    Flavor flavor =
        database
            .read(handle ->
                request.caller().hasRole("admin")
                    ? flavors.find(handle, id)
                    : flavors.findUsable(handle, id, request.caller().projectId().orElse("")))
            .orElseThrow(() -> notFound(id));
    return one(request, flavor);
  }

  private ApiResponse create(ApiRequest request) {
    Fields root = request.body();
    Fields body = root.object("flavor");
    FlavorStore.Draft draft = draft(request, body);
    body.rejectUnknown();
    root.rejectUnknown();
    try {
      return one(
          request,
          database.transact(
              handle -> told(handle, "create", flavors.insert(handle, draft), request)));
    } catch (RuntimeException failure) {
      throw switch (Database.violated(failure).orElse("")) {
        case "flavor_id_key" ->
            ApiException.conflict("Flavor with ID " + draft.id() + " already exists.");
        case "flavor_name_key" ->
            ApiException.conflict("Flavor with name " + draft.name() + " already exists.");
        default -> failure;
      };
    }
  }

  private Flavor told(Handle handle, String what, Flavor flavor, ApiRequest request) {
    ObjectNode payload = FlavorView.full(request, flavor);
    // They are of the way that this client came by; whoever reads of it may come by another.
    payload.remove("links");
    events.happened(handle, "flavor", what, flavor.id(), request.context(), payload);
    return flavor;
  }

  private static FlavorStore.Draft draft(ApiRequest request, Fields body) {
    int max = Integer.MAX_VALUE;
    return new FlavorStore.Draft(
        body.optional("id").map(FlavorRoutes::id).orElseGet(() -> UUID.randomUUID().toString()),
        Inputs.name(body.required("name")),
        (int) body.integer("ram", 1, max),
        (int) body.integer("vcpus", 1, max),
        (int) body.integer("disk", 0, max),
        body.optional("OS-FLV-EXT-DATA:ephemeral").map(v -> (int) v.integer(0, max)).orElse(0),
        body.optional("swap").map(v -> (int) v.integer(0, max)).orElse(0),
        body.optional("rxtx_factor").map(FlavorRoutes::factor).orElse(1.0),
        body.bool("os-flavor-access:is_public", true),
        request.atLeast("2.55")
            ? body.optional("description").map(v -> Inputs.description(v, 65535))
            : Optional.empty());
  }

  private static String id(Fields.Value value) {
    String id = value.node().isNumber() ? value.node().asString() : value.text(1, 255);
    if (id.equals("auto")) {
      return UUID.randomUUID().toString();
    }
    if (!id.matches("(?! )[a-zA-Z0-9. _-]+(?<! )")) {
      throw value.invalid("'" + id + "' does not match '^(?! )[a-zA-Z0-9. _-]+(?<! )$'");
    }
    return id;
  }

  private static double factor(Fields.Value value) {
    String text = value.node().isNumber() ? value.node().asString() : value.text(1, 40);
    double factor =
        text.matches("\\d+(\\.\\d+)?([eE]\\+?\\d{1,2})?") ? Double.parseDouble(text) : 0;
    if (factor <= 0 || factor > 3.40282e+38) {
      throw value.invalid(text + " is not a positive number");
    }
    return factor;
  }

  private ApiResponse update(ApiRequest request) {
    Fields root = request.body();
    Fields body = root.object("flavor");
    Optional<String> description =
        body.isNull("description")
            ? Optional.empty()
            : Optional.of(Inputs.description(body.required("description"), 65535));
    body.rejectUnknown();
    root.rejectUnknown();
    String id = request.path("flavor_id");
    return one(
        request,
        database
            .transact(handle ->
                flavors
                    .describe(handle, id, description)
                    .map(flavor -> told(handle, "update", flavor, request)))
            .orElseThrow(() -> notFound(id)));
  }

  private ApiResponse delete(ApiRequest request) {
    String id = request.path("flavor_id");
    database.change(handle -> {
      if (!flavors.delete(handle, id)) {
        throw notFound(id);
      }
      events.happened(handle, "flavor", "delete", id, request.context(), Json.object());
    });
    return ApiResponse.empty(202);
  }

  private static ApiResponse one(ApiRequest request, Flavor flavor) {
    ObjectNode body = Json.object();
    body.set("flavor", FlavorView.full(request, flavor));
    return ApiResponse.ok(body);
  }
}
