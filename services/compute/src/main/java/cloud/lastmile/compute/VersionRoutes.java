package cloud.lastmile.compute;

import cloud.lastmile.compute.common.Links;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Microversion;
import cloud.lastmile.platform.http.Microversions;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The version documents, by which clients find the API and its microversions. */
final class VersionRoutes {
  private static final String MEDIA_TYPE = "application/vnd.openstack.compute+json;version=";
  static final Microversions MICROVERSIONS =
      new Microversions(
          "compute",
          Optional.of("X-OpenStack-Nova-API-Version"),
          Microversion.of("2.1"),
          Microversion.of("2.93"));

  private VersionRoutes() {}

  static List<Route> routes() {
    return List.of(
        Route.get("/", PolicyRule.PUBLIC, VersionRoutes::list),
        Route.get("/v2", PolicyRule.PUBLIC, VersionRoutes::show20),
        Route.get("/v2.1", PolicyRule.PUBLIC, VersionRoutes::show21));
  }

  private static ApiResponse list(ApiRequest request) {
    ArrayNode versions = Json.array();
    versions.add(v20(request));
    versions.add(v21(request));
    ObjectNode body = Json.object();
    body.set("versions", versions);
    return ApiResponse.ok(body);
  }

  private static ApiResponse show20(ApiRequest request) {
    return document(v20(request));
  }

  private static ApiResponse show21(ApiRequest request) {
    return document(v21(request));
  }

  private static ApiResponse document(ObjectNode version) {
    version
        .putArray("media-types")
        .addObject()
        .put("base", "application/json")
        .put("type", MEDIA_TYPE + version.path("id").asString().substring(1));
    ObjectNode body = Json.object();
    body.set("version", version);
    return ApiResponse.ok(body);
  }

  private static ObjectNode v20(ApiRequest request) {
    return version(request, "v2.0", "/v2/", "SUPPORTED", "2011-01-21T11:33:21Z", "", "");
  }

  private static ObjectNode v21(ApiRequest request) {
    return version(
        request,
        "v2.1",
        "/v2.1/",
        "CURRENT",
        "2013-07-23T11:33:21Z",
        MICROVERSIONS.max().toString(),
        MICROVERSIONS.min().toString());
  }

  private static ObjectNode version(
      ApiRequest request,
      String id,
      String path,
      String status,
      String updated,
      String max,
      String min) {
    ObjectNode version = Json.object();
    version.put("id", id);
    version.put("status", status);
    version.put("version", max);
    version.put("min_version", min);
    version.put("updated", updated);
    version
        .putArray("links")
        .addObject()
        .put("rel", "self")
        .put("href", request.baseUrl() + Links.PREFIX + path);
    return version;
  }
}
