package cloud.lastmile.image.task;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import java.time.Instant;
import tools.jackson.databind.node.ObjectNode;

/** Tasks as the API shows them. */
public final class TaskJson {
  private TaskJson() {}

  /** In a list of tasks: without what is long. */
  public static ObjectNode stub(TaskStore.Task task) {
    ObjectNode tree = Json.object();
    tree.put("id", task.id().toString());
    tree.put("type", task.type());
    tree.put("status", task.status());
    tree.put("owner", task.owner());
    tree.put("created_at", Timestamps.seconds(task.createdAt()));
    tree.put("updated_at", Timestamps.seconds(task.updatedAt()));
    task.expiresAt().ifPresent(at -> tree.put("expires_at", Timestamps.seconds(at)));
    tree.put("self", "/v2/tasks/" + task.id());
    tree.put("schema", "/v2/schemas/task");
    return tree;
  }

  public static ObjectNode whole(TaskStore.Task task) {
    ObjectNode tree = stub(task);
    tree.set("input", task.input());
    tree.set("result", task.result());
    tree.put("message", task.message());
    task.image().ifPresent(image -> tree.put("image_id", image.toString()));
    tree.put("request_id", task.requestId());
    tree.put("user_id", task.userId());
    return tree;
  }

  /** Among an image's tasks: the reference shows its table's row. */
  public static ObjectNode ofImage(TaskStore.Task task) {
    ObjectNode tree = whole(task);
    tree.remove("self");
    tree.remove("schema");
    tree.put(
        "expires_at", task.expiresAt().map((Instant at) -> Timestamps.seconds(at)).orElse(null));
    tree.put("deleted", false);
    tree.putNull("deleted_at");
    return tree;
  }
}
