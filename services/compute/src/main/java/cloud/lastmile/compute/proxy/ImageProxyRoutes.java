package cloud.lastmile.compute.proxy;

import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Links;
import cloud.lastmile.image.api.ImageInfo;
import cloud.lastmile.image.api.Images;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /v2.1/images}, by which clients older than microversion 2.36 see and delete images; those
 * after it ask the image service. There is no list.
 */
public final class ImageProxyRoutes {
  private static final String LAST = "2.35";
  private static final String IMAGE = "/v2.1/images/{image_id}";

  private final Images images;

  public ImageProxyRoutes(Images images) {
    this.images = images;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(IMAGE, ComputePolicies.IMAGES_SHOW, this::show).upTo(LAST),
        Route.delete(IMAGE, ComputePolicies.IMAGES_DELETE, this::delete)
            .enforcedByHandler()
            .upTo(LAST));
  }

  private ImageInfo find(ApiRequest request) {
    return Ids.parseUuid(request.path("image_id"))
        .flatMap(id -> images.find(request.caller(), id))
        .orElseThrow(() -> ApiException.notFound("Image not found."));
  }

  private ApiResponse show(ApiRequest request) {
    ObjectNode body = Json.object();
    body.set("image", render(request, find(request)));
    return ApiResponse.ok(body);
  }

  private ApiResponse delete(ApiRequest request) {
    ImageInfo image = find(request);
    request.enforce(Map.of("project_id", image.owner()));
    images.delete(image.id());
    return ApiResponse.empty(204);
  }

  private static ObjectNode render(ApiRequest request, ImageInfo image) {
    String id = image.id().toString();
    ObjectNode shown = Json.object();
    shown.put("id", id);
    shown.put("name", image.name());
    shown.put("minRam", image.minRamMib());
    shown.put("minDisk", image.minDiskGib());
    ObjectNode metadata = shown.putObject("metadata");
    image.properties().forEach(metadata::put);
    shown.put("created", Timestamps.seconds(image.createdAt()));
    shown.put("updated", Timestamps.seconds(image.updatedAt()));
    shown.put("status", status(image));
    shown.put("progress", progress(image));
    shown.put("OS-EXT-IMG-SIZE:size", image.size());
    ArrayNode links = Links.of(request, "images", id);
    links
        .addObject()
        .put("rel", "alternate")
        .put("type", "application/vnd.openstack.image")
        .put("href", request.baseUrl() + "/image/images/" + id);
    shown.set("links", links);
    String server = image.properties().get("instance_uuid");
    if (server != null) {
      shown
          .putObject("server")
          .put("id", server)
          .set("links", Links.of(request, "servers", server));
    }
    return shown;
  }

  private static String status(ImageInfo image) {
    return switch (image.status()) {
      case "active" -> "ACTIVE";
      case "queued", "saving" -> "SAVING";
      case "killed" -> "ERROR";
      case "deleted", "pending_delete" -> "DELETED";
      default -> "UNKNOWN";
    };
  }

  /** Coarse, as in the reference. */
  private static int progress(ImageInfo image) {
    return switch (image.status()) {
      case "queued" -> 25;
      case "saving" -> 50;
      case "active" -> 100;
      default -> 0;
    };
  }
}
