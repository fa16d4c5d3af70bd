package cloud.lastmile.placement;

import cloud.lastmile.placement.common.Versions;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The version document. */
final class VersionRoutes {
  private VersionRoutes() {}

  static List<Route> routes() {
    return List.of(Route.get("/", PolicyRule.PUBLIC, VersionRoutes::home));
  }

  private static ApiResponse home(ApiRequest request) {
    ObjectNode answer = Json.object();
    ObjectNode version = answer.putArray("versions").addObject();
    version.put("id", "v" + Versions.MIN);
    version.put("max_version", Versions.MAX);
    version.put("min_version", Versions.MIN);
    version.put("status", "CURRENT");
    version.putArray("links").addObject().put("rel", "self").put("href", "");
    return Versions.stampedNow(request, ApiResponse.ok(answer));
  }
}
