package cloud.lastmile.image.data;

import cloud.lastmile.image.common.Bytes;
import cloud.lastmile.image.record.ImageAccess;
import cloud.lastmile.image.record.ImageAccess.Seen;
import cloud.lastmile.image.record.ImageEvents;
import cloud.lastmile.image.record.ImageQuotas;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.image.record.ImageStatus;
import cloud.lastmile.image.record.ImageStore;
import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** {@code /v2/stores/{store}/{image}}: taking an image out of one of several stores. */
public final class StoreRoutes {
  private final Database database;
  private final ImageAccess access;
  private final ImageStore images;
  private final ImageQuotas quotas;
  private final ImageEvents events;
  private final StoreSet stores;
  private final StoreKeeper keeper;

  public StoreRoutes(
      Database database,
      ImageAccess access,
      ImageStore images,
      ImageQuotas quotas,
      ImageEvents events,
      StoreSet stores,
      StoreKeeper keeper) {
    this.database = database;
    this.access = access;
    this.images = images;
    this.quotas = quotas;
    this.events = events;
    this.stores = stores;
    this.keeper = keeper;
  }

  public List<Route> routes() {
    return List.of(
        Route.delete("/v2/stores/{store_id}/{image_id}", ImageRules.DELETE_LOCATION, this::delete)
            .enforcedByHandler());
  }

  private ApiResponse delete(ApiRequest request) {
    String name = request.path("store_id");
    StoreSet.Named store =
        stores
            .named(name)
            .orElseThrow(() ->
                ApiException.conflict(
                    "The selected store " + name + " is not available on this node."));
    Seen seen = access.see(request);
    request.enforce(ImageRules.GET_LOCATION, seen.target());
    request.enforce(seen.target());
    String requestId = request.context().requestId();
    keeper.removeBytes(database.transact(handle -> remove(handle, seen.id(), store, requestId)));
    return ApiResponse.empty(204);
  }

  private ImageRecord.Place remove(Handle handle, UUID id, StoreSet.Named store, String requestId) {
    ImageRecord image =
        images.lock(handle, id).orElseThrow(() -> ImageRules.noImage(id.toString()));
    if (!image.status().equals(ImageStatus.ACTIVE)) {
      throw ApiException.conflict(
          "It's not allowed to remove image data from store if image status is not 'active'");
    }
    ImageRecord.Data data = image.data().orElseThrow();
    if (data.places().size() == 1) {
      throw ApiException.forbidden(
          "Cannot delete image data from the only store containing it. Consider deleting the image"
              + " instead.");
    }
    ImageRecord.Place place =
        data.places().stream()
            .filter(candidate -> candidate.store().equals(store.store().id()))
            .findFirst()
            .orElseThrow(() ->
                ApiException.notFound(
                    "Image " + id + " is not stored in store " + store.name() + "."));
    images.removePlace(handle, id, place.store());
    events.image(handle, "update", images.find(handle, id).orElseThrow(), requestId);
    quotas.release(handle, image.owner(), ImageQuotas.Held.size(Bytes.mebibytes(data.size())));
    return place;
  }
}
