package cloud.lastmile.compute;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.ServiceApi;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Nova's faults: {@code {"itemNotFound": {"code": 404, "message": "..."}}}. */
final class ComputeFaults implements ServiceApi.FaultFormat {

  @Override
  public ApiResponse render(ApiException failure, String requestId) {
    int status = failure.kind().status();
    ObjectNode body = Json.object();
    body.putObject(name(failure.kind())).put("code", status).put("message", failure.message());
    return ApiResponse.json(status, body);
  }

  @Override
  public Optional<String> requestIdHeader() {
    return Optional.of("X-Compute-Request-Id");
  }

  private static String name(ApiException.Kind kind) {
    return switch (kind) {
      case BAD_REQUEST -> "badRequest";
      case UNAUTHORIZED -> "unauthorized";
      case FORBIDDEN -> "forbidden";
      case NOT_FOUND -> "itemNotFound";
      case METHOD_NOT_ALLOWED -> "badMethod";
      case CONFLICT -> "conflictingRequest";
      case TOO_LARGE, TOO_MANY_REQUESTS -> "overLimit";
      case UNSUPPORTED_MEDIA_TYPE -> "badMediaType";
      case NOT_IMPLEMENTED -> "notImplemented";
      case UNAVAILABLE -> "serviceUnavailable";
      default -> "computeFault";
    };
  }
}
