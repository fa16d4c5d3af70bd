package cloud.lastmile.compute;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.work.Event;
import cloud.lastmile.platform.work.Events;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tells the rest of the cloud of changes, in the transaction that makes them. */
final class ComputeEvents {
  private final Events events;

  ComputeEvents(Events events) {
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
  void server(Handle handle, String what, Server server, String requestId) {
    servers(handle, what, List.of(server), requestId);
  }

  void servers(Handle handle, String what, Collection<Server> servers, String requestId) {
    events.append(
        handle,
        servers.stream()
            .map(server ->
                event(
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

  /** Of what belongs to the cloud. */
  void happened(
      Handle handle,
      String noun,
      String what,
      String id,
      RequestContext context,
      JsonNode payload) {
    happened(handle, noun, what, Optional.empty(), id, context, payload);
  }

  /**
   * Of anything but servers: {@code compute.flavor.create}.
   *
   * @param project whose it is
   * @param payload what it is now, or what it was when it is deleted
   */
  void happened(
      Handle handle,
      String noun,
      String what,
      Optional<String> project,
      String id,
      RequestContext context,
      JsonNode payload) {
    events.append(handle, event(noun, what, project, id, context.requestId(), payload));
  }

  private static Event event(
      String noun,
      String what,
      Optional<String> project,
      String id,
      String requestId,
      JsonNode payload) {
    return Event.of(
        "compute." + noun + "." + what, project.orElse(null), noun, id, requestId, payload);
  }
}
