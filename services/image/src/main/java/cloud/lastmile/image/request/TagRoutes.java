package cloud.lastmile.image.request;

import cloud.lastmile.image.common.AttributeRules;
import cloud.lastmile.image.record.ImageAccess;
import cloud.lastmile.image.record.ImageAccess.Seen;
import cloud.lastmile.image.record.ImageAttributes;
import cloud.lastmile.image.record.ImageEvents;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v2/images/{id}/tags/{tag}}. */
public final class TagRoutes {
  private final Database database;
  private final ImageAccess access;
  private final ImageStore images;
  private final ImageEvents events;

  public TagRoutes(Database database, ImageAccess access, ImageStore images, ImageEvents events) {
    this.events = events;
    this.database = database;
    this.access = access;
    this.images = images;
  }

  public List<Route> routes() {
    return List.of(
        Route.put("/v2/images/{image_id}/tags/{tag}", ImageRules.MODIFY, this::add)
            .enforcedByHandler(),
        Route.delete("/v2/images/{image_id}/tags/{tag}", ImageRules.MODIFY, this::remove)
            .enforcedByHandler());
  }

  private ApiResponse add(ApiRequest request) {
    String tag = request.path("tag");
    AttributeRules.check("tags", Json.strings(List.of(tag)));
    Seen seen = access.see(request);
    request.enforce(seen.target());
    change(request, seen, tags -> tags.add(tag));
    return ApiResponse.empty(204);
  }

  private ApiResponse remove(ApiRequest request) {
    String tag = request.path("tag");
    Seen seen = access.see(request);
    request.enforce(seen.target());
    change(
        request,
        seen,
        tags -> {
          if (!tags.remove(tag)) {
            throw ApiException.notFound("The resource could not be found.");
          }
          return true;
        });
    return ApiResponse.empty(204);
  }

  /**
   * @param edit tells whether it changed the set
   */
  private void change(ApiRequest request, Seen seen, Predicate<Set<String>> edit) {
    database.change(handle -> {
      ImageRecord image =
          images
              .lock(handle, seen.id())
              .orElseThrow(() -> ImageRules.noImage(seen.id().toString()));
      Set<String> tags = new TreeSet<>(image.attributes().tags());
      if (!edit.test(tags)) {
        return;
      }
      ObjectNode tree = Json.object();
      image.attributes().writeTo(tree);
      tree.set("tags", Json.strings(tags));
      AttributeRules.checkWhole(tree);
      images.update(handle, seen.id(), ImageAttributes.of(tree));
      events.image(
          handle,
          "update",
          images.find(handle, seen.id()).orElseThrow(),
          request.context().requestId());
    });
  }
}
