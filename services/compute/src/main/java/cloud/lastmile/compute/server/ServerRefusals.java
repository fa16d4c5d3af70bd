package cloud.lastmile.compute.server;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.http.ApiRequest;

/** What the state of a server forbids, as the reference words it. */
public final class ServerRefusals {
  private ServerRefusals() {}

  public static void requireUnlocked(ApiRequest request, Server server) {
    if (server.lock().isPresent() && !request.caller().hasRole("admin")) {
      throw ApiException.conflict("Instance " + server.id() + " is locked");
    }
  }

  public static ApiException invalidState(
      Server server, String verb, String attribute, String value) {
    return ApiException.conflict(
        "Cannot '"
            + verb
            + "' instance "
            + server.id()
            + " while it is in "
            + attribute
            + " "
            + value);
  }
}
