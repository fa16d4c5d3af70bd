package cloud.lastmile.image;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The version documents. Listed are the minor versions that the reference lists with several stores
 * and without a cache.
 */
final class VersionRoutes {
  private static final List<String> VERSIONS =
      List.of(
          "2.17", "2.15", "2.13", "2.12", "2.11", "2.10", "2.9", "2.8", "2.7", "2.6", "2.5", "2.4",
          "2.3", "2.2", "2.1", "2.0");

  private VersionRoutes() {}

  static List<Route> routes() {
    return List.of(
        Route.get("/", PolicyRule.PUBLIC, VersionRoutes::choices),
        Route.get("/versions", PolicyRule.PUBLIC, VersionRoutes::versions));
  }

  private static ApiResponse choices(ApiRequest request) {
    return list(request, 300);
  }

  private static ApiResponse versions(ApiRequest request) {
    return list(request, 200);
  }

  private static ApiResponse list(ApiRequest request, int status) {
    ObjectNode answer = Json.object();
    ArrayNode versions = answer.putArray("versions");
    for (String version : VERSIONS) {
      boolean isCurrent = version.equals(VERSIONS.getFirst());
      ObjectNode shown = versions.addObject();
      shown.put("id", "v" + version);
      shown.put("status", isCurrent ? "CURRENT" : "SUPPORTED");
      shown
          .putArray("links")
          .addObject()
          .put("rel", "self")
          .put("href", request.baseUrl() + "/image/v2/");
    }
    return ApiResponse.json(status, answer);
  }
}
