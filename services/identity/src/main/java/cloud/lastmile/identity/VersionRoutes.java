package cloud.lastmile.identity;

import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The version documents at the service's root and at {@code /v3}. */
final class VersionRoutes {
  private VersionRoutes() {}

  static List<Route> routes() {
    return List.of(
        Route.get("/", PolicyRule.PUBLIC, VersionRoutes::versions),
        Route.get("/v3", PolicyRule.PUBLIC, VersionRoutes::version));
  }

  /** 300, for a client must choose; there is one to choose. */
  private static ApiResponse versions(ApiRequest request) {
    ObjectNode body = Json.object();
    body.putObject("versions").putArray("values").add(v3(request));
    return ApiResponse.json(300, body).header("Location", Views.root(request) + "/");
  }

  private static ApiResponse version(ApiRequest request) {
    ObjectNode body = Json.object();
    body.set("version", v3(request));
    return ApiResponse.ok(body);
  }

  private static ObjectNode v3(ApiRequest request) {
    ObjectNode version = Json.object();
    version.put("id", "v3.14").put("status", "stable").put("updated", "2020-04-07T00:00:00Z");
    version.putArray("links").addObject().put("rel", "self").put("href", Views.root(request) + "/");
    version
        .putArray("media-types")
        .addObject()
        .put("base", "application/json")
        .put("type", "application/vnd.openstack.identity-v3+json");
    return version;
  }
}
