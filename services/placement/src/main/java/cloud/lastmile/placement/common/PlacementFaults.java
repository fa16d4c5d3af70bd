package cloud.lastmile.placement.common;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.ApiException.Kind;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.ServiceApi.FaultFormat;
import tools.jackson.databind.node.ObjectNode;

/** Errors in the form of the API special interest group's guideline, with placement's codes. */
public final class PlacementFaults implements FaultFormat {
  static final String UNDEFINED = "placement.undefined_code";
  public static final String CONCURRENT_UPDATE = "placement.concurrent_update";
  public static final String DUPLICATE_NAME = "placement.duplicate_name";
  public static final String INVENTORY_IN_USE = "placement.inventory.inuse";
  public static final String PROVIDER_IN_USE = "placement.resource_provider.inuse";
  public static final String CANNOT_DELETE_PARENT =
      "placement.resource_provider.cannot_delete_parent";
  static final String PROVIDER_NOT_FOUND = "placement.resource_provider.not_found";
  public static final String BAD_QUERY_VALUE = "placement.query.bad_value";
  public static final String MISSING_QUERY_VALUE = "placement.query.missing_value";

  @Override
  public ApiResponse render(ApiException failure, String requestId) {
    Kind kind = failure.kind();
    ObjectNode body = Json.object();
    ObjectNode error = body.putArray("errors").addObject();
    error.put("status", kind.status());
    error.put("title", kind.title());
    error.put("detail", explanation(kind) + "\n\n " + failure.message() + "  ");
    error.put("code", failure.code().isEmpty() ? UNDEFINED : failure.code());
    error.put("request_id", requestId);
    if (kind == Kind.NOT_ACCEPTABLE) {
      error.put("max_version", Versions.MAX);
      error.put("min_version", Versions.MIN);
    }
    return ApiResponse.json(kind.status(), body);
  }

  /** The sentence that the reference's web library puts before every message. */
  private static String explanation(Kind kind) {
    return switch (kind) {
      case BAD_REQUEST ->
          "The server could not comply with the request since it is either malformed or otherwise"
              + " incorrect.";
      case FORBIDDEN -> "Access was denied to this resource.";
      case NOT_FOUND -> "The resource could not be found.";
      case CONFLICT -> "There was a conflict when trying to complete your request.";
      case UNSUPPORTED_MEDIA_TYPE -> "The request media type is not supported by this server.";
      case NOT_ACCEPTABLE ->
          "The resource could not be generated that was acceptable to your browser.";
      default -> kind.title() + ".";
    };
  }

  @Override
  public String forbidden(String rule) {
    return "Policy does not allow " + rule + " to be performed.";
  }

  @Override
  public String invalidField(ApiException.InvalidField field) {
    return "JSON does not validate: " + field.reason() + ": field " + field.name();
  }
}
