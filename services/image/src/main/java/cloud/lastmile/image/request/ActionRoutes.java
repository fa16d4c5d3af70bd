package cloud.lastmile.image.request;

import cloud.lastmile.image.record.ImageAccess;
import cloud.lastmile.image.record.ImageAccess.Seen;
import cloud.lastmile.image.record.ImageEvents;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.image.record.ImageStatus;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.List;

/** {@code /v2/images/{id}/actions}: taking an image out of use and back. */
public final class ActionRoutes {
  private final Database database;
  private final ImageAccess access;
  private final ImageStore images;
  private final ImageEvents events;

  public ActionRoutes(
      Database database, ImageAccess access, ImageStore images, ImageEvents events) {
    this.events = events;
    this.database = database;
    this.access = access;
    this.images = images;
  }

  public List<Route> routes() {
    return List.of(
        Route.post(
                "/v2/images/{image_id}/actions/deactivate", ImageRules.DEACTIVATE, this::deactivate)
            .enforcedByHandler(),
        Route.post(
                "/v2/images/{image_id}/actions/reactivate", ImageRules.REACTIVATE, this::reactivate)
            .enforcedByHandler());
  }

  private ApiResponse deactivate(ApiRequest request) {
    return change(request, "deactivate", ImageStatus.ACTIVE, ImageStatus.DEACTIVATED);
  }

  private ApiResponse reactivate(ApiRequest request) {
    return change(request, "reactivate", ImageStatus.DEACTIVATED, ImageStatus.ACTIVE);
  }

  private ApiResponse change(ApiRequest request, String action, String from, String to) {
    Seen seen = access.see(request);
    request.enforce(seen.target());
    database.change(handle -> {
      ImageRecord image =
          images
              .lock(handle, seen.id())
              .orElseThrow(() -> ImageRules.noImage(seen.id().toString()));
      if (!image.status().equals(to) && !images.changeStatus(handle, seen.id(), from, to)) {
        throw ApiException.forbidden(
            "Not allowed to " + action + " image in status '" + image.status() + "'");
      }
      events.image(
          handle,
          action,
          images.find(handle, seen.id()).orElseThrow(),
          request.context().requestId());
    });
    return ApiResponse.empty(204);
  }
}
