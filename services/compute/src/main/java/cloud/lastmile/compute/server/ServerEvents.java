package cloud.lastmile.compute.server;

import cloud.lastmile.compute.common.ComputeEvents;
import cloud.lastmile.compute.flavor.ServerFlavor;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.work.Events;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** Tells the rest of the cloud of servers, in the transaction that changes them. */
public final class ServerEvents {
  private final Events events;

  public ServerEvents(Events events) {
    this.events = events;
  }

  /**
   * {@code compute.instance.create} and the like.
   *
   * @param what {@code create} and {@code delete}, which begin and end what is paid for; {@code
   *     active}, {@code update} and {@code error} when a job ends; the name of an action when it is
   *     accepted
   * @param server as it is now; as it was, for {@code delete}
   */
  public void server(Handle handle, String what, Server server, String requestId) {
    servers(handle, what, List.of(server), requestId);
  }

  public void servers(Handle handle, String what, Collection<Server> servers, String requestId) {
    events.append(
        handle,
        servers.stream()
            .map(server ->
                ComputeEvents.event(
                    "instance",
                    what,
                    Optional.of(server.projectId()),
                    server.id().toString(),
                    requestId,
                    payload(server)))
            .toList());
  }

  /** The payload holds no secret of the server: no password, user data or metadata. */
  private static ObjectNode payload(Server server) {
    ServerFlavor flavor = server.flavor();
    ObjectNode payload =
        Json.object()
            .put("name", server.name())
            .put("user_id", server.userId())
            .put("state", server.state().vm().text())
            .put("host", server.where().host().orElse(null))
            .put("image_id", server.image().map(image -> image.id().toString()).orElse(null));
    payload
        .putObject("flavor")
        .put("id", flavor.id())
        .put("name", flavor.name())
        .put("vcpus", flavor.vcpus())
        .put("ram", flavor.ramMib())
        .put("disk", flavor.diskGib())
        .put("ephemeral", flavor.ephemeralGib());
    return payload;
  }
}
