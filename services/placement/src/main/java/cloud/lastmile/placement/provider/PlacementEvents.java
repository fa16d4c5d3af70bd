package cloud.lastmile.placement.provider;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.work.Event;
import cloud.lastmile.platform.work.Events;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/**
 * Tells the rest of the cloud of changes, in the transaction that makes them. What compute claims
 * and releases in process for its servers is not told here: its own events of the servers say it.
 */
public final class PlacementEvents {
  private final Events events;

  public PlacementEvents(Events events) {
    this.events = events;
  }

  /** {@code placement.trait.create}, of something that is its name. */
  public void named(Handle handle, String noun, String what, String name, String requestId) {
    append(handle, noun, what, name, requestId, Json.object());
  }

  /**
   * {@code placement.resource_provider.create}, and of what a provider has: {@code
   * placement.inventory.update}, with the provider's id.
   */
  public void ofProvider(
      Handle handle, String noun, String what, Provider provider, String requestId) {
    append(
        handle,
        noun,
        what,
        provider.id().toString(),
        requestId,
        Json.object().put("name", provider.name()).put("generation", provider.generation()));
  }

  /** {@code placement.allocation.update}, with the consumer's id. */
  public void ofConsumer(
      Handle handle, String what, UUID consumer, String requestId, JsonNode payload) {
    append(handle, "allocation", what, consumer.toString(), requestId, payload);
  }

  private void append(
      Handle handle, String noun, String what, String id, String requestId, JsonNode payload) {
    events.append(
        handle, Event.of("placement." + noun + "." + what, null, noun, id, requestId, payload));
  }
}
