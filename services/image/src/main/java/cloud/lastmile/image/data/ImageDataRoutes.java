package cloud.lastmile.image.data;

import cloud.lastmile.image.record.ImageAccess;
import cloud.lastmile.image.record.ImageAccess.Seen;
import cloud.lastmile.image.record.ImageRecord;
import cloud.lastmile.image.record.ImageRules;
import cloud.lastmile.image.record.ImageStatus;
import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.image.store.StoreSet;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code /v2/images/{id}/file}: an image's bytes, in and out. */
public final class ImageDataRoutes {
  private static final String OCTETS = "application/octet-stream";
  private static final int BUFFER = 256 * 1024;

  private final ImageAccess access;
  private final ImageUpload upload;
  private final StoreSet stores;

  public ImageDataRoutes(ImageAccess access, ImageUpload upload, StoreSet stores) {
    this.access = access;
    this.upload = upload;
    this.stores = stores;
  }

  public List<Route> routes() {
    return List.of(
        Route.put("/v2/images/{image_id}/file", ImageRules.UPLOAD, this::upload)
            .enforcedByHandler(),
        Route.get("/v2/images/{image_id}/file", ImageRules.DOWNLOAD, this::download)
            .enforcedByHandler());
  }

  private ApiResponse upload(ApiRequest request) throws IOException {
    requireOctets(request);
    OptionalLong declared = declaredSize(request);
    StoreSet.Named store = store(request);
    Seen seen = access.see(request);
    request.enforce(seen.target());
    try (InputStream input = request.stream()) {
      upload.run(
          seen.id(), store, new ImageIngest.Source(input, declared), request.context().requestId());
    }
    return ApiResponse.empty(204);
  }

  /** The store that {@code X-Image-Meta-Store} names. */
  private StoreSet.Named store(ApiRequest request) {
    Optional<String> name = request.header("X-Image-Meta-Store");
    return name.isEmpty()
        ? stores.first()
        : stores
            .named(name.get())
            .orElseThrow(
                () -> ApiException.badRequest("Unknown scheme '" + name.get() + "' found in URI"));
  }

  public static void requireOctets(ApiRequest request) {
    String type = request.header("Content-Type").orElse("");
    if (!type.split(";", 2)[0].strip().equalsIgnoreCase(OCTETS)) {
      throw ApiException.of(Kind.UNSUPPORTED_MEDIA_TYPE, "Invalid content type " + type);
    }
  }

  public static OptionalLong declaredSize(ApiRequest request) {
    Optional<String> header =
        request.header("x-openstack-image-size").or(() -> request.header("Content-Length"));
    if (header.isEmpty()) {
      return OptionalLong.empty();
    }
    if (!header.get().matches("\\d{1,18}")) {
      throw ApiException.badRequest("Invalid or missing image size in request headers.");
    }
    return OptionalLong.of(Long.parseLong(header.get()));
  }

  private ApiResponse download(ApiRequest request) {
    Seen seen = access.see(request);
    ImageRecord image = seen.image();
    if (image.status().equals(ImageStatus.DEACTIVATED) && !request.caller().hasRole("admin")) {
      throw ApiException.forbidden(
          "The requested image has been deactivated. Image data download is forbidden.");
    }
    request.enforce(seen.target());
    List<StoreSet.Named> preferred = preferred(request, seen);
    Optional<ImageRecord.Data> data = image.data();
    if (data.isEmpty()) {
      return ApiResponse.empty(204);
    }
    ImageRecord.Data stored = data.get();
    InPlace place = place(stored, preferred);
    Optional<ByteRange> range =
        ByteRange.parse(request.header("Range"), request.header("Content-Range"), stored.size());
    ByteRange part = range.orElse(new ByteRange(0, stored.size() - 1));
    ApiResponse answer =
        ApiResponse.stream(
                range.isPresent() ? 206 : 200,
                OCTETS,
                part.length(),
                output -> copy(place, part, output))
            .header("Content-MD5", stored.checksum());
    return range.isEmpty()
        ? answer
        : answer.header(
            "Content-Range", "bytes " + part.first() + "-" + part.last() + "/" + stored.size());
  }

  private record InPlace(DataStore store, String location) {}

  /** The stores that {@code prefer} names, in its order. */
  private List<StoreSet.Named> preferred(ApiRequest request, Seen seen) {
    List<String> names =
        Arrays.stream(request.query("prefer").orElse("").split(",", -1))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .toList();
    if (!names.isEmpty()) {
      request.enforce(ImageRules.DOWNLOAD_FROM_STORE, seen.target());
    }
    return names.stream()
        .map(name ->
            stores
                .named(name)
                .orElseThrow(
                    () -> ApiException.badRequest("Store '" + name + "' is not configured.")))
        .toList();
  }

  /** A store that has the bytes: a preferred one, else the nearest, if there are several. */
  private InPlace place(ImageRecord.Data data, List<StoreSet.Named> preferred) {
    @Nullable IOException last = null;
    for (StoreSet.Named named : inOrder(preferred)) {
      for (ImageRecord.Place place : data.places()) {
        if (!place.store().equals(named.store().id())) {
          continue;
        }
        try {
          if (named.store().has(place.location())) {
            return new InPlace(named.store(), place.location());
          }
        } catch (IOException away) {
          last = away;
        }
      }
    }
    throw ApiException.unavailable("The image's bytes are not available here.", last);
  }

  private List<StoreSet.Named> inOrder(List<StoreSet.Named> preferred) {
    List<StoreSet.Named> rest = new ArrayList<>(stores.all());
    rest.removeAll(preferred);
    // Files come first; else the order stays.
    rest.sort(Comparator.comparing(named -> !named.type().equals("file")));
    return Stream.concat(preferred.stream(), rest.stream()).toList();
  }

  private static void copy(InPlace place, ByteRange part, OutputStream output) throws IOException {
    try (InputStream input = place.store().open(place.location(), part.first())) {
      byte[] buffer = new byte[BUFFER];
      long left = part.length();
      while (left > 0) {
        int count = input.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          throw new EOFException(place.location() + " is shorter than it was");
        }
        output.write(buffer, 0, count);
        left -= count;
      }
    }
  }
}
