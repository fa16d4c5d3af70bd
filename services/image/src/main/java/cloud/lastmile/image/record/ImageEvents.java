package cloud.lastmile.image.record;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.work.Event;
import cloud.lastmile.platform.work.Events;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tells of what happens to images, in the transaction in which it happens. */
public final class ImageEvents {
  private final Events events;
  private final ImageJson json;

  public ImageEvents(Events events, ImageJson json) {
    this.events = events;
    this.json = json;
  }

  /**
   * @param what {@code create}, {@code update}, {@code upload}, {@code activate}, {@code delete}
   */
  public void image(Handle handle, String what, ImageRecord image, String requestId) {
    append(handle, "image." + what, image, requestId, json.render(image));
  }

  /**
   * @param what {@code create}, {@code update} or {@code delete}
   */
  public void member(
      Handle handle, String what, ImageRecord image, MemberStore.Member member, String requestId) {
    ObjectNode payload =
        Json.object()
            .put("image_id", member.imageId().toString())
            .put("member_id", member.memberId())
            .put("status", member.status());
    append(handle, "image.member." + what, image, requestId, payload);
  }

  private void append(
      Handle handle, String type, ImageRecord image, String requestId, JsonNode payload) {
    events.append(
        handle, Event.of(type, image.owner(), "image", image.id().toString(), requestId, payload));
  }
}
