package cloud.lastmile.network;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The documents that say which versions there are and what they hold. */
final class VersionRoutes {
  private static final PolicyRule RESOURCES =
      new PolicyRule("get_api_resources", PolicyRule.ANY_TOKEN);

  /** Singular names; paths have hyphens where names have underscores. */
  private static final List<String> NOUNS =
      List.of(
          "network",
          "subnet",
          "subnetpool",
          "port",
          "router",
          "floatingip",
          "security_group",
          "security_group_rule",
          "quota",
          "extension");

  private final String prefix;

  VersionRoutes(String prefix) {
    this.prefix = prefix;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/", PolicyRule.PUBLIC, this::versions),
        Route.get("/v2.0", RESOURCES, this::resources));
  }

  private ApiResponse versions(ApiRequest request) {
    ObjectNode body = Json.object();
    ObjectNode version = body.putArray("versions").addObject();
    version.put("id", "v2.0").put("status", "CURRENT");
    version
        .putArray("links")
        .addObject()
        .put("rel", "self")
        .put("href", request.baseUrl() + prefix + "/v2.0/");
    return ApiResponse.ok(body);
  }

  private ApiResponse resources(ApiRequest request) {
    ObjectNode body = Json.object();
    ArrayNode resources = body.putArray("resources");
    for (String noun : NOUNS) {
      String plural = noun + "s";
      ObjectNode resource = resources.addObject().put("name", noun).put("collection", plural);
      resource
          .putArray("links")
          .addObject()
          .put("rel", "self")
          .put("href", request.baseUrl() + prefix + "/v2.0/" + plural.replace('_', '-'));
    }
    return ApiResponse.ok(body);
  }
}
