package cloud.lastmile.image.data;

import cloud.lastmile.image.api.ImageConfig;
import cloud.lastmile.image.record.ImageQuotas;
import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.image.store.FileStore;
import cloud.lastmile.image.store.S3Store;
import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2/info}: ways to import, stores, and what a project uses. */
public final class InfoRoutes {
  private final Database database;
  private final StoreSet stores;
  private final List<ImageConfig.Store> configured;
  private final ImageQuotas quotas;
  private final ImageConfig.Imports imports;

  public InfoRoutes(Database database, StoreSet stores, ImageQuotas quotas, ImageConfig config) {
    this.database = database;
    this.stores = stores;
    this.configured = config.stores();
    this.quotas = quotas;
    this.imports = config.imports();
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v2/info/import", ImageRules.ANYONE, this::importMethods),
        Route.get("/v2/info/stores", ImageRules.ANYONE, this::stores),
        Route.get("/v2/info/stores/detail", ImageRules.STORES_DETAIL, this::storesInDetail),
        Route.get("/v2/info/usage", ImageRules.ANYONE, this::usage));
  }

  private ApiResponse importMethods(ApiRequest request) {
    ObjectNode answer = Json.object();
    ObjectNode methods = answer.putObject("import-methods");
    methods.put("description", "Import methods available.");
    methods.put("type", "array");
    methods.set("value", Json.strings(imports.methods()));
    return ApiResponse.ok(answer);
  }

  private ApiResponse stores(ApiRequest request) {
    return ApiResponse.ok(render(false));
  }

  private ApiResponse storesInDetail(ApiRequest request) {
    return ApiResponse.ok(render(true));
  }

  private ObjectNode render(boolean inDetail) {
    ObjectNode answer = Json.object();
    ArrayNode shown = answer.putArray("stores");
    for (StoreSet.Named named : stores.all()) {
      ObjectNode store = shown.addObject().put("id", named.name());
      if (!named.description().isEmpty()) {
        store.put("description", named.description());
      }
      if (named.name().equals(stores.first().name())) {
        store.put("default", "true");
      }
      if (inDetail) {
        store.put("type", named.type());
        store.put("weight", 0);
        store.set("properties", properties(named.name()));
      }
    }
    return answer;
  }

  /** What the reference's stores of the same kind say of themselves. */
  private ObjectNode properties(String name) {
    ImageConfig.Store store =
        configured.stream()
            .filter(candidate -> candidate.name().equals(name))
            .findFirst()
            .orElseThrow();
    return switch (store) {
      case ImageConfig.Files files ->
          Json.object()
              .put("data_dir", files.directory().toString())
              .put("chunk_size", FileStore.BLOCK)
              .put("thin_provisioning", true);
      case ImageConfig.S3 _ ->
          Json.object()
              .put("s3_store_large_object_size", S3Store.SMALLEST_PART)
              .put("s3_store_large_object_chunk_size", S3Store.SMALLEST_PART)
              .put("s3_store_thread_pools", 1);
    };
  }

  private ApiResponse usage(ApiRequest request) {
    String project = request.caller().requireProjectId();
    ObjectNode answer = Json.object();
    answer.set("usage", database.read(handle -> quotas.render(handle, project)));
    return ApiResponse.ok(answer);
  }
}
