package cloud.lastmile.image.data;

import cloud.lastmile.image.record.ImageAccess;
import cloud.lastmile.image.record.ImageAccess.Seen;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.image.record.ImageStatus;
import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Fields;
import cloud.lastmile.platform.http.Route;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /v2/images/{id}/locations}: where an image's bytes are, told to other services only. None
 * is taken from outside, for bytes that others keep can change after they were inspected.
 */
public final class LocationRoutes {
  private static final List<String> ALGORITHMS = List.of("sha1", "sha256", "sha512", "md5");

  private final ImageAccess access;
  private final StoreSet stores;

  public LocationRoutes(ImageAccess access, StoreSet stores) {
    this.access = access;
    this.stores = stores;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v2/images/{image_id}/locations", ImageRules.FETCH_LOCATION, this::list)
            .enforcedByHandler(),
        Route.post("/v2/images/{image_id}/locations", ImageRules.ADD_LOCATION, this::add)
            .enforcedByHandler());
  }

  private ApiResponse list(ApiRequest request) {
    Seen seen = access.see(request);
    request.enforce(seen.target());
    ArrayNode shown = Json.mapper().createArrayNode();
    for (ImageRecord.Place place :
        seen.image().data().map(ImageRecord.Data::places).orElse(List.of())) {
      Optional<StoreSet.Named> named = stores.of(place.store());
      if (named.isPresent()) {
        ObjectNode location = shown.addObject();
        location.put("url", named.get().store().url(place.location()).toString());
        location.putObject("metadata").put("store", named.get().name());
      }
    }
    return ApiResponse.ok(shown);
  }

  private ApiResponse add(ApiRequest request) {
    String url = url(request.body());
    Seen seen = access.see(request);
    String status = seen.image().status();
    if (!status.equals(ImageStatus.QUEUED)) {
      throw ApiException.conflict(
          "It's not allowed to add locations if image status is " + status + ".");
    }
    request.enforce(seen.target());
    if (!request.caller().hasRole("service")) {
      throw ApiException.forbidden(
          "http store must be enabled to use location API by normal user.");
    }
    throw ApiException.badRequest(
        "No store of this cloud takes bytes that are kept elsewhere: " + url);
  }

  private static String url(Fields body) {
    String url = body.string("url", 1, 8192);
    body.optional("validation_data")
        .ifPresent(data -> {
          Fields fields = data.object();
          Optional<String> algorithm =
              fields.optional("os_hash_algo").map(value -> value.text(1, 64));
          Optional<String> hash = fields.optional("os_hash_value").map(value -> value.text(1, 128));
          fields.rejectUnknown();
          if (algorithm.isPresent() != hash.isPresent()) {
            throw fields.invalid("os_hash_value", "it needs os_hash_algo, and the reverse");
          }
          if (algorithm.isPresent() && !ALGORITHMS.contains(algorithm.get())) {
            throw fields.invalid("os_hash_algo", "it is not one of " + ALGORITHMS);
          }
        });
    return url;
  }
}
