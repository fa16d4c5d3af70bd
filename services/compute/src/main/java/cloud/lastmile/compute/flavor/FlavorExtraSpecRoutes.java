package cloud.lastmile.compute.flavor;

import cloud.lastmile.compute.common.ComputeEvents;
import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.JsonColumns;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** A flavor's extra specs. */
public final class FlavorExtraSpecRoutes {
  private static final String PATH = "/v2.1/flavors/{flavor_id}/os-extra_specs";
  private static final Pattern KEY = Pattern.compile("[a-zA-Z0-9-_:. ]{1,255}");

  private final Database database;
  private final FlavorStore flavors;
  private final ComputeEvents events;

  public FlavorExtraSpecRoutes(Database database, FlavorStore flavors, ComputeEvents events) {
    this.database = database;
    this.flavors = flavors;
    this.events = events;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(PATH, ComputePolicies.EXTRA_SPECS_INDEX, this::list),
        Route.post(PATH, ComputePolicies.EXTRA_SPECS_CREATE, this::create),
        Route.get(PATH + "/{key}", ComputePolicies.EXTRA_SPECS_SHOW, this::show),
        Route.put(PATH + "/{key}", ComputePolicies.EXTRA_SPECS_UPDATE, this::update),
        Route.delete(PATH + "/{key}", ComputePolicies.EXTRA_SPECS_DELETE, this::delete));
  }

  private Flavor flavor(Handle handle, ApiRequest request) {
    String id = request.path("flavor_id");
    return (request.caller().hasRole("admin")
            ? flavors.find(handle, id)
            : flavors.findUsable(handle, id, request.caller().projectId().orElse("")))
        .orElseThrow(() -> FlavorRoutes.notFound(id));
  }

  private ApiResponse list(ApiRequest request) {
    return all(database.read(handle -> flavor(handle, request)).extraSpecs());
  }

  private ApiResponse show(ApiRequest request) {
    Flavor flavor = database.read(handle -> flavor(handle, request));
    String key = request.path("key");
    String value = flavor.extraSpecs().get(key);
    if (value == null) {
      throw missing(flavor, key);
    }
    return ApiResponse.ok(Json.object().put(key, value));
  }

  private ApiResponse create(ApiRequest request) {
    Fields root = request.body();
    Map<String, String> specs = specs(root.required("extra_specs"));
    root.rejectUnknown();
    check(request, specs);
    put(request, specs);
    return all(specs);
  }

  private ApiResponse update(ApiRequest request) {
    String key = request.path("key");
    Fields body = request.body();
    if (!body.has(key) || body.node().size() != 1) {
      throw ApiException.badRequest("Request body and URI mismatch");
    }
    String value = text(body.required(key));
    check(request, Map.of(key, value));
    put(request, Map.of(key, value));
    return ApiResponse.ok(Json.object().put(key, value));
  }

  private ApiResponse delete(ApiRequest request) {
    String key = request.path("key");
    database.change(handle -> {
      Flavor flavor = flavor(handle, request);
      if (!flavors.deleteExtraSpec(handle, flavor.number(), key)) {
        throw missing(flavor, key);
      }
      tell(
          handle,
          "delete",
          flavor,
          Map.of(key, flavor.extraSpecs().getOrDefault(key, "")),
          request);
    });
    return ApiResponse.empty(200);
  }

  private static void check(ApiRequest request, Map<String, String> specs) {
    if (request.atLeast("2.86")) {
      specs.forEach(ExtraSpecs::check);
    }
  }

  private void put(ApiRequest request, Map<String, String> specs) {
    database.change(handle -> {
      Flavor flavor = flavor(handle, request);
      flavors.putExtraSpecs(handle, flavor.number(), specs);
      tell(handle, "update", flavor, specs, request);
    });
  }

  private void tell(
      Handle handle, String what, Flavor flavor, Map<String, String> specs, ApiRequest request) {
    ObjectNode payload = Json.object();
    specs.forEach(payload::put);
    events.happened(handle, "flavor_extra_specs", what, flavor.id(), request.context(), payload);
  }

  private static Map<String, String> specs(Fields.Value value) {
    Fields fields = value.object();
    Map<String, String> specs = new LinkedHashMap<>();
    for (String key : fields.node().propertyNames()) {
      if (!KEY.matcher(key).matches()) {
        throw value.invalid("'" + key + "' is not a valid key");
      }
      specs.put(key, text(fields.required(key)));
    }
    return specs;
  }

  /** A string; numbers are taken as what they are written as. */
  private static String text(Fields.Value value) {
    return value.node().isNumber() ? value.node().asString() : value.text(0, 255);
  }

  private static ApiException missing(Flavor flavor, String key) {
    return ApiException.notFound(
        "Flavor " + flavor.id() + " has no extra specs with key " + key + ".");
  }

  private static ApiResponse all(Map<String, String> specs) {
    ObjectNode body = Json.object();
    body.set("extra_specs", JsonColumns.object(specs));
    return ApiResponse.ok(body);
  }
}
