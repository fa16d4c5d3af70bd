package cloud.lastmile.platform.work;

import cloud.lastmile.platform.core.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Something that happened, as audit, metering and other services want to know it.
 *
 * @param id grows; assigned when the event is appended, 0 before
 * @param type such as {@code server.create.end}
 * @param projectId whose resource it is; null for what belongs to the cloud
 * @param at when it was appended
 */
public record Event(
    long id,
    String type,
    @Nullable String projectId,
    String resourceType,
    String resourceId,
    String requestId,
    JsonNode payload,
    Instant at) {

  /** From a row of the outbox. */
  static Event of(ResultSet row) throws SQLException {
    return new Event(
        row.getLong("id"),
        row.getString("type"),
        row.getString("project_id"),
        row.getString("resource_type"),
        row.getString("resource_id"),
        row.getString("request_id"),
        Json.mapper().readTree(row.getString("payload")),
        row.getTimestamp("created_at").toInstant());
  }

  public static Event of(
      String type,
      @Nullable String projectId,
      String resourceType,
      String resourceId,
      String requestId,
      JsonNode payload) {
    return new Event(
        0, type, projectId, resourceType, resourceId, requestId, payload, Instant.EPOCH);
  }
}
