package cloud.lastmile.image.task;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Notices;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Tasks in the database: what users are shown of imports. */
public final class TaskStore {
  /** What {@code POST /v2/tasks} makes. */
  public static final String IMPORT = "import";

  /** What {@code POST /v2/images/{id}/import} makes. */
  public static final String IMAGE_IMPORT = "api_image_import";

  /** On which is told which task changed. */
  static final String CHANNEL = "lastmile_image_task";

  private final Notices notices;

  public TaskStore(Database database) {
    this.notices = new Notices(database, CHANNEL);
  }

  /**
   * A task.
   *
   * @param status {@code pending}, {@code processing}, {@code success} or {@code failure}
   * @param result null until it succeeded
   * @param copied bytes so far
   * @param expiresAt once it has ended
   */
  public record Task(
      UUID id,
      Optional<UUID> image,
      String owner,
      String userId,
      String requestId,
      String type,
      String status,
      JsonNode input,
      @Nullable JsonNode result,
      String message,
      long copied,
      Instant createdAt,
      Instant updatedAt,
      Optional<Instant> expiresAt) {

    boolean hasEnded() {
      return status.equals("success") || status.equals("failure");
    }
  }

  /**
   * A task that nobody has begun.
   *
   * @param image none if it is refused before it makes one
   */
  public record NewTask(
      UUID id,
      Optional<UUID> image,
      String owner,
      String userId,
      String requestId,
      String type,
      JsonNode input) {}

  public void insert(Handle handle, NewTask task) {
    handle
        .createUpdate(
            """
            INSERT INTO image.task (id, image_id, owner, user_id, request_id, type, status, input)
            VALUES (:id, :image, :owner, :user, :request, :type, 'pending', :input::jsonb)\
            """)
        .bind("id", task.id())
        .bind("image", task.image().orElse(null))
        .bind("owner", task.owner())
        .bind("user", task.userId())
        .bind("request", task.requestId())
        .bind("type", task.type())
        .bind("input", task.input().toString())
        .execute();
  }

  public void begin(Handle handle, UUID id) {
    handle
        .createUpdate(
            """
            UPDATE image.task SET status = 'processing', updated_at = now()
            WHERE id = :id AND status = 'pending'\
            """)
        .bind("id", id)
        .execute();
    tell(handle, id);
  }

  public void progress(Handle handle, UUID id, long copied) {
    handle
        .createUpdate(
            """
            UPDATE image.task SET copied = :copied, message = :message, updated_at = now()
            WHERE id = :id\
            """)
        .bind("id", id)
        .bind("copied", copied)
        .bind("message", "Copied " + (copied >> 20) + " MiB")
        .execute();
    tell(handle, id);
  }

  /** Ends it; the reference keeps ended tasks for two days. */
  public void end(
      Handle handle, UUID id, boolean success, String message, @Nullable JsonNode result) {
    handle
        .createUpdate(
            """
            UPDATE image.task SET status = :status, message = :message, result = :result::jsonb,
              updated_at = now(), expires_at = now() + interval '48 hours'
            WHERE id = :id\
            """)
        .bind("id", id)
        .bind("status", success ? "success" : "failure")
        .bind("message", message)
        .bind("result", result == null ? null : result.toString())
        .execute();
    tell(handle, id);
  }

  private void tell(Handle handle, UUID id) {
    notices.afterCommit(handle, id.toString());
  }

  public void trim(Handle handle) {
    handle.execute("DELETE FROM image.task WHERE expires_at < now()");
  }

  public Optional<Task> find(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT * FROM image.task WHERE id = :id")
        .bind("id", id)
        .map((row, _) -> read(row))
        .findOne();
  }

  public List<Task> ofImage(Handle handle, UUID image) {
    return handle
        .createQuery("SELECT * FROM image.task WHERE image_id = :image ORDER BY created_at, id")
        .bind("image", image)
        .map((row, _) -> read(row))
        .list();
  }

  public static Task read(ResultSet row) throws SQLException {
    String result = row.getString("result");
    return new Task(
        row.getObject("id", UUID.class),
        Optional.ofNullable(row.getObject("image_id", UUID.class)),
        row.getString("owner"),
        row.getString("user_id"),
        row.getString("request_id"),
        row.getString("type"),
        row.getString("status"),
        Json.mapper().readTree(row.getString("input")),
        result == null ? null : Json.mapper().readTree(result),
        row.getString("message"),
        row.getLong("copied"),
        Utc.at(row, "created_at"),
        Utc.at(row, "updated_at"),
        Utc.find(row, "expires_at"));
  }
}
