package cloud.lastmile.image.request;

import cloud.lastmile.image.common.AttributeRules;
import cloud.lastmile.image.record.ImageAccess;
import cloud.lastmile.image.record.ImageAccess.Seen;
import cloud.lastmile.image.record.ImageAttributes;
import cloud.lastmile.image.record.ImageJson;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListPieces;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.Urls;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** {@code /v2/images}: create, list, show, update, delete. */
public final class ImageRoutes {
  /** Rows that are read together. */
  private static final int PIECE = 100;

  /** Of one answer; a thousand usual images have a tenth of it. */
  private static final int MOST_CHARACTERS = 16 << 20;

  private final Database database;
  private final ImageAccess access;
  private final ImageCreate create;
  private final ImageUpdate update;
  private final ImageDelete delete;
  private final ImageJson json;
  private final List<String> importMethods;
  private final List<String> storeNames;

  public ImageRoutes(
      Database database,
      ImageAccess access,
      ImageCreate create,
      ImageUpdate update,
      ImageDelete delete,
      ImageJson json,
      List<String> importMethods,
      List<String> storeNames) {
    this.database = database;
    this.access = access;
    this.create = create;
    this.json = json;
    this.importMethods = List.copyOf(importMethods);
    this.storeNames = List.copyOf(storeNames);
    this.update = update;
    this.delete = delete;
  }

  public List<Route> routes() {
    return List.of(
        Route.post("/v2/images", ImageRules.ADD, this::create).enforcedByHandler(),
        Route.get("/v2/images", ImageRules.LIST, this::list),
        Route.delete("/v2/images", ImageRules.DELETE, ImageRoutes::deleteNone),
        Route.get("/v2/images/{image_id}", ImageRules.GET, this::show).enforcedByHandler(),
        Route.patch("/v2/images/{image_id}", ImageRules.MODIFY, this::update).enforcedByHandler(),
        Route.delete("/v2/images/{image_id}", ImageRules.DELETE, this::delete).enforcedByHandler());
  }

  private ApiResponse create(ApiRequest request) {
    JsonNode body = request.json();
    if (!(body instanceof ObjectNode tree)) {
      throw ApiException.badRequest("The body must be a JSON object.");
    }
    UUID id = chosenId(tree);
    ImageAttributes attributes = attributes(request, tree);
    ImageRecord image = create.run(id, attributes, request.context().requestId());
    ApiResponse answer =
        ApiResponse.json(201, json.render(image, request.caller()))
            .header("Location", "/v2/images/" + id);
    return importMethods.isEmpty()
        ? answer
        : answer
            .header("OpenStack-image-import-methods", String.join(",", importMethods))
            .header("OpenStack-image-store-ids", String.join(",", storeNames));
  }

  private static UUID chosenId(ObjectNode tree) {
    JsonNode id = tree.remove("id");
    if (id == null) {
      return UUID.randomUUID();
    }
    if (!id.isString() || id.asString().length() != 36) {
      throw ApiException.invalidField("id", id.toString(), id + " is not a UUID");
    }
    return Ids.parseUuid(id.asString())
        .orElseThrow(() -> ApiException.invalidField("id", id.toString(), id + " is not a UUID"));
  }

  /**
   * What a new image is to be like.
   *
   * @throws ApiException if the caller may not make it
   */
  public static ImageAttributes attributes(ApiRequest request, ObjectNode tree) {
    check(tree);
    if (tree.path("owner").isMissingNode() || tree.path("owner").isNull()) {
      tree.put("owner", request.caller().requireProjectId());
    }
    ImageAttributes attributes = ImageAttributes.of(tree);
    enforceCreate(request, attributes);
    return attributes;
  }

  private static void check(ObjectNode tree) {
    for (Map.Entry<String, JsonNode> field : tree.properties()) {
      AttributeRules.requireSettable(field.getKey());
      if (field.getKey().equals(ImagePatch.LOCATIONS)) {
        throw ApiException.forbidden("Attribute 'locations' is reserved.");
      }
      AttributeRules.check(field.getKey(), field.getValue());
    }
    AttributeRules.checkWhole(tree);
  }

  private static void enforceCreate(ApiRequest request, ImageAttributes attributes) {
    Map<String, String> target =
        Map.of(
            "project_id", attributes.owner(),
            "owner", attributes.owner(),
            "visibility", attributes.visibility());
    if (!request.allows(ImageRules.ADD, target)
        && !attributes.owner().equals(request.caller().projectId().orElse(""))) {
      throw ApiException.forbidden(
          "You are not permitted to create images owned by '" + attributes.owner() + "'.");
    }
    request.enforce(ImageRules.ADD, target);
    ImageRules.enforceVisibility(request, attributes.visibility(), target);
  }

  private ApiResponse list(ApiRequest request) {
    requireNoEmptyId(request);
    Map<String, List<String>> query = request.query();
    if (ImageList.limit(query) > PIECE) {
      return longList(request, query);
    }
    ListPage<ImageRecord> page =
        database.readPlanned(handle -> ImageList.run(handle, request.caller(), query));
    ArrayNode shown = Json.array();
    page.rows().forEach(image -> shown.add(json.render(image, request.caller())));
    return listed(
        query, shown, page.hasMore() ? Optional.of(page.rows().getLast().id()) : Optional.empty());
  }

  /** Images may have much to say: the page ends early before it is too much. */
  private ApiResponse longList(ApiRequest request, Map<String, List<String>> query) {
    ListPieces<ImageRecord> pieces = ImageList.pieces(request.caller(), query, PIECE);
    int most = ImageList.limit(query);
    ArrayNode shown = Json.array();
    long length = 0;
    Optional<UUID> last = Optional.empty();
    while (!pieces.isDone()) {
      for (ImageRecord image : database.readPlanned(pieces::next)) {
        if (shown.size() == most || length > MOST_CHARACTERS) {
          return listed(query, shown, last);
        }
        String view = json.render(image, request.caller()).toString();
        length += view.length();
        shown.addRawValue(new RawValue(view));
        last = Optional.of(image.id());
      }
    }
    return listed(query, shown, Optional.empty());
  }

  /**
   * @param last if more follow
   */
  private static ApiResponse listed(
      Map<String, List<String>> query, ArrayNode shown, Optional<UUID> last) {
    ObjectNode answer = Json.object();
    answer.set("images", shown);
    Map<String, List<String>> parameters = new LinkedHashMap<>(query);
    parameters.remove("marker");
    answer.put("first", "/v2/images" + Urls.query(parameters));
    last.ifPresent(id -> {
      parameters.put("marker", List.of(id.toString()));
      answer.put("next", "/v2/images" + Urls.query(parameters));
    });
    answer.put("schema", "/v2/schemas/images");
    return ApiResponse.ok(answer);
  }

  /** To the reference {@code /v2/images/} is an image with an empty id, not the list. */
  private static void requireNoEmptyId(ApiRequest request) {
    if (request.rawPath().endsWith("/")) {
      throw ImageRules.noImage("");
    }
  }

  private static ApiResponse deleteNone(ApiRequest request) {
    requireNoEmptyId(request);
    throw ApiException.of(
        Kind.METHOD_NOT_ALLOWED, "The method DELETE is not allowed for this resource.");
  }

  private ApiResponse show(ApiRequest request) {
    Seen seen = access.see(request);
    request.enforce(seen.target());
    return ApiResponse.ok(json.render(seen.image(), request.caller()));
  }

  private ApiResponse update(ApiRequest request) {
    List<ImagePatch.Change> changes =
        ImagePatch.parse(request.header("Content-Type").orElse(""), request::json);
    Seen seen = access.see(request);
    return ApiResponse.ok(json.render(update.run(request, seen, changes), request.caller()));
  }

  private ApiResponse delete(ApiRequest request) {
    Seen seen = access.see(request);
    request.enforce(seen.target());
    delete.run(seen.id(), request.context().requestId());
    return ApiResponse.empty(204);
  }
}
