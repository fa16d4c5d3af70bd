package cloud.lastmile.image.schema;

import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.List;

/** {@code /v2/schemas}: what the API shows, as JSON schemas. */
public final class SchemaRoutes {
  private SchemaRoutes() {}

  public static List<Route> routes() {
    return Schemas.all().entrySet().stream()
        .map(schema ->
            Route.get(
                "/v2/schemas/" + schema.getKey(),
                ImageRules.ANYONE,
                _ -> ApiResponse.ok(schema.getValue())))
        .toList();
  }
}
