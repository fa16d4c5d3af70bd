package cloud.lastmile.compute.common;

import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.work.Event;
import cloud.lastmile.platform.work.Events;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/** Tells the rest of the cloud of changes, in the transaction that makes them. */
public final class ComputeEvents {
  private final Events events;

  public ComputeEvents(Events events) {
    this.events = events;
  }

  /** Of what belongs to the cloud. */
  public void happened(
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
  public void happened(
      Handle handle,
      String noun,
      String what,
      Optional<String> project,
      String id,
      RequestContext context,
      JsonNode payload) {
    events.append(handle, event(noun, what, project, id, context.requestId(), payload));
  }

  public static Event event(
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
