package cloud.lastmile.image;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.List;

/**
 * {@code /v2/cache}: answered as the reference does at a site without a cache of its image service.
 * Hosts keep images by themselves.
 */
final class CacheRoutes {
  private static final PolicyRule LIST = PolicyRule.admin("cache_list");
  private static final PolicyRule NODES = PolicyRule.admin("list_cached_nodes");
  private static final PolicyRule QUEUE = PolicyRule.admin("cache_image");
  private static final PolicyRule DELETE = PolicyRule.admin("cache_delete");
  private static final PolicyRule CLEAN = PolicyRule.admin("cache_clean");
  private static final PolicyRule PRUNE = PolicyRule.admin("cache_prune");

  private CacheRoutes() {}

  static List<Route> routes() {
    return List.of(
        Route.get("/v2/cache", LIST, CacheRoutes::disabled),
        Route.delete("/v2/cache", DELETE, CacheRoutes::disabled),
        Route.put("/v2/cache/{image_id}", QUEUE, CacheRoutes::disabled),
        Route.delete("/v2/cache/{image_id}", DELETE, CacheRoutes::disabled),
        Route.get("/v2/cache/nodes/{image_id}", NODES, CacheRoutes::disabled),
        Route.post("/v2/cache/clean", CLEAN, CacheRoutes::disabled),
        Route.post("/v2/cache/prune", PRUNE, CacheRoutes::disabled));
  }

  private static ApiResponse disabled(ApiRequest request) {
    throw ApiException.notFound("Caching via API is not supported at this site.");
  }
}
