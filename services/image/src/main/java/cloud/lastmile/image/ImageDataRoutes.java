package cloud.lastmile.image;

import cloud.lastmile.image.ImageAccess.Seen;
import cloud.lastmile.image.store.DataStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code /v2/images/{id}/file}: an image's bytes, in and out. */
final class ImageDataRoutes {
  private static final String OCTETS = "application/octet-stream";
  private static final int BUFFER = 256 * 1024;

  private final ImageAccess access;
  private final ImageUpload upload;
  private final DataStore store;

  ImageDataRoutes(ImageAccess access, ImageUpload upload, DataStore store) {
    this.access = access;
    this.upload = upload;
    this.store = store;
  }

  List<Route> routes() {
    return List.of(
        Route.put("/v2/images/{image_id}/file", ImageRules.UPLOAD, this::upload)
            .enforcedByHandler(),
        Route.get("/v2/images/{image_id}/file", ImageRules.DOWNLOAD, this::download)
            .enforcedByHandler());
  }

  private ApiResponse upload(ApiRequest request) throws IOException {
    String type = request.header("Content-Type").orElse("");
    if (!type.split(";", 2)[0].strip().equalsIgnoreCase(OCTETS)) {
      throw ApiException.of(Kind.UNSUPPORTED_MEDIA_TYPE, "Invalid content type " + type);
    }
    OptionalLong declared = declaredSize(request);
    Seen seen = access.see(request);
    request.enforce(seen.target());
    try (InputStream input = request.stream()) {
      upload.run(seen.id(), input, declared);
    }
    return ApiResponse.empty(204);
  }

  private static OptionalLong declaredSize(ApiRequest request) {
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
    Optional<ImageRecord.Data> data = image.data();
    if (data.isEmpty()) {
      return ApiResponse.empty(204);
    }
    ImageRecord.Data stored = data.get();
    if (!stored.store().equals(store.id()) || !store.has(stored.location())) {
      throw ApiException.unavailable("The image's bytes are not available here.", null);
    }
    Optional<ByteRange> range = ByteRange.parse(request.header("Range"), stored.size());
    ByteRange part = range.orElse(new ByteRange(0, stored.size() - 1));
    ApiResponse answer =
        ApiResponse.stream(
                range.isPresent() ? 206 : 200,
                OCTETS,
                part.length(),
                output -> copy(stored.location(), part, output))
            .header("Content-MD5", stored.checksum());
    return range.isEmpty()
        ? answer
        : answer.header(
            "Content-Range", "bytes " + part.first() + "-" + part.last() + "/" + stored.size());
  }

  private void copy(String location, ByteRange part, OutputStream output) throws IOException {
    try (InputStream input = store.open(location, part.first())) {
      byte[] buffer = new byte[BUFFER];
      long left = part.length();
      while (left > 0) {
        int count = input.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          throw new EOFException(location + " is shorter than it was");
        }
        output.write(buffer, 0, count);
        left -= count;
      }
    }
  }
}
