package cloud.lastmile.identity.common;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.ServiceApi.FaultFormat;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** Keystone's errors: {@code {"error": {"code", "message", "title"}}}. */
public final class Faults implements FaultFormat {

  @Override
  public ApiResponse render(ApiException failure, String requestId) {
    ObjectNode body = Json.object();
    body.putObject("error")
        .put("code", failure.kind().status())
        .put("message", failure.message())
        .put("title", failure.kind().title());
    return ApiResponse.json(failure.kind().status(), body);
  }

  @Override
  public String forbidden(String rule) {
    return "You are not authorized to perform the requested action: " + rule + ".";
  }

  /** Names the field by its last part only, as the reference does. */
  @Override
  public String invalidField(ApiException.InvalidField field) {
    String name = field.name().substring(field.name().lastIndexOf('.') + 1);
    return "Invalid input for field/attribute "
        + name
        + ". Value: "
        + field.value()
        + ". "
        + field.reason();
  }

  /** {@code Could not find user: 42.}, in the reference's words. */
  public static ApiException notFound(String noun, String id) {
    return ApiException.notFound("Could not find " + noun + ": " + id + ".");
  }

  public static ApiException conflict(String noun, String details) {
    return ApiException.conflict(
        "Conflict occurred attempting to store " + noun + " - " + details + ".");
  }

  /** {@code Expecting to find domain in project. ...}. */
  public static ApiException expecting(String attribute, String target) {
    return ApiException.badRequest(
        "Expecting to find "
            + attribute
            + " in "
            + target
            + ". The server could not comply with the request since it is either malformed or"
            + " otherwise incorrect. The client is assumed to be in error.");
  }

  /** Runs a write and turns the violation of a uniqueness constraint into a conflict. */
  public static <T> T unique(
      String constraint, Supplier<T> write, Supplier<ApiException> conflict) {
    try {
      return write.get();
    } catch (RuntimeException failure) {
      if (Database.violated(failure).filter(constraint::equals).isPresent()) {
        throw conflict.get();
      }
      throw failure;
    }
  }
}
