package cloud.lastmile.compute.server;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.policy.PolicyRule;
import java.util.Optional;
import java.util.UUID;

/** Finds the server that a request is about. Other projects' servers do not exist for it. */
public final class ServerFinder {
  private final Database database;
  private final ServerStore servers;

  public ServerFinder(Database database, ServerStore servers) {
    this.database = database;
    this.servers = servers;
  }

  /**
   * The server of the path, if the caller may do {@code rule} to it.
   *
   * @throws ApiException not found if there is none or it is another project's, forbidden if the
   *     policy says so
   */
  public Server find(ApiRequest request, PolicyRule rule) {
    return find(request, rule, false);
  }

  /** As {@link #find(ApiRequest, PolicyRule)}, also a deleted one. */
  public Server findEvenDeleted(ApiRequest request, PolicyRule rule) {
    return find(request, rule, true);
  }

  private Server find(ApiRequest request, PolicyRule rule, boolean evenDeleted) {
    UUID id = id(request);
    Optional<Server> found = database.read(handle -> servers.find(handle, id));
    Server server =
        found
            .filter(row -> evenDeleted || !row.isDeleted())
            .filter(row -> mayKnow(request, row))
            .orElseThrow(() -> notFound(request.path("server_id")));
    request.enforce(rule, server.target());
    return server;
  }

  static UUID id(ApiRequest request) {
    String id = request.path("server_id");
    return Ids.parseUuid(id).orElseThrow(() -> notFound(id));
  }

  private static boolean mayKnow(ApiRequest request, Server server) {
    return request.caller().hasRole("admin")
        || request.caller().projectId().filter(server.projectId()::equals).isPresent();
  }

  public static ApiException notFound(String id) {
    return ApiException.notFound("Instance " + id + " could not be found.");
  }
}
