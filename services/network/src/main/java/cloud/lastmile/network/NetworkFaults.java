package cloud.lastmile.network;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.ServiceApi;
import tools.jackson.databind.node.ObjectNode;

/** The Networking API's faults: {@code {"NeutronError": {"type", "message", "detail"}}}. */
final class NetworkFaults implements ServiceApi.FaultFormat {

  @Override
  public ApiResponse render(ApiException failure, String requestId) {
    ObjectNode body = Json.object();
    body.putObject("NeutronError")
        .put("type", type(failure))
        .put("message", failure.message())
        .put("detail", "");
    return ApiResponse.json(failure.kind().status(), body);
  }

  private static String type(ApiException failure) {
    if (!failure.code().isEmpty()) {
      return failure.code();
    }
    return switch (failure.kind()) {
      case BAD_REQUEST -> "HTTPBadRequest";
      case FORBIDDEN -> "PolicyNotAuthorized";
      case NOT_FOUND -> "HTTPNotFound";
      case METHOD_NOT_ALLOWED -> "HTTPMethodNotAllowed";
      case CONFLICT -> "Conflict";
      case NOT_IMPLEMENTED -> "HTTPNotImplemented";
      case UNAVAILABLE -> "ServiceUnavailable";
      case INTERNAL -> "HTTPInternalServerError";
      default -> "HTTPError";
    };
  }

  @Override
  public String forbidden(String rule) {
    return "rule:" + rule + " is disallowed by policy";
  }

  @Override
  public String invalidField(ApiException.InvalidField field) {
    return "Invalid input for " + field.name() + ". Reason: " + field.reason() + ".";
  }
}
