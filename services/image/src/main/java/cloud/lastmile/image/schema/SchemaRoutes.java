package cloud.lastmile.image;

import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.List;

/** {@code /v2/schemas}: what the API shows, as JSON schemas. */
final class SchemaRoutes {
  private SchemaRoutes() {}

  static List<Route> routes() {
    return Schemas.all().entrySet().stream()
        .map(schema ->
            Route.get(
                "/v2/schemas/" + schema.getKey(),
                ImageRules.ANYONE,
                _ -> ApiResponse.ok(schema.getValue())))
        .toList();
  }
}
