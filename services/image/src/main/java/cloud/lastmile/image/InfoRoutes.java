package cloud.lastmile.image;

import cloud.lastmile.image.ImageAccess.Seen;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Json;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What this image service can do beyond uploads: for now no imports and only one store. */
final class InfoRoutes {
  private final ImageAccess access;

  InfoRoutes(ImageAccess access) {
    this.access = access;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v2/info/import", ImageRules.ANYONE, InfoRoutes::importMethods),
        Route.get("/v2/info/stores", ImageRules.ANYONE, InfoRoutes::stores),
        Route.get("/v2/images/{image_id}/tasks", ImageRules.GET, this::tasks).enforcedByHandler(),
        Route.put("/v2/images/{image_id}/stage", ImageRules.MODIFY, InfoRoutes::stage),
        Route.post("/v2/images/{image_id}/import", ImageRules.MODIFY, InfoRoutes::startImport));
  }

  private static ApiResponse importMethods(ApiRequest request) {
    ObjectNode answer = Json.object();
    ObjectNode methods = answer.putObject("import-methods");
    methods.put("description", "Import methods available.");
    methods.put("type", "array");
    methods.putArray("value");
    return ApiResponse.ok(answer);
  }

  private static ApiResponse stores(ApiRequest request) {
    throw ApiException.notFound("Multi backend is not supported at this site.");
  }

  private ApiResponse tasks(ApiRequest request) {
    Seen seen = access.see(request);
    request.enforce(seen.target());
    ObjectNode answer = Json.object();
    answer.putArray("tasks");
    return ApiResponse.ok(answer);
  }

  private static ApiResponse stage(ApiRequest request) {
    throw ApiException.notFound("'glance-direct' method is not available at this site.");
  }

  private static ApiResponse startImport(ApiRequest request) {
    JsonNode name = request.json().path("method").path("name");
    if (name.isMissingNode()) {
      throw ApiException.badRequest("Import request requires a 'method' field.");
    }
    throw ApiException.badRequest("Unknown import method name '" + name.asString("") + "'.");
  }
}
