package cloud.lastmile.compute.server;

import cloud.lastmile.platform.core.RequestContext;
import cloud.lastmile.platform.database.Sql;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Writes what was done to servers and by whom; the rows that {@code os-instance-actions} shows. */
public final class ActionLog {
  private static final Sql START =
      Sql.of(
          """
          WITH started AS (
            INSERT INTO compute.server_action
              (server_id, action, request_id, project_id, user_id)
            SELECT unnest(:servers), :action, :request, :project, :user
            ON CONFLICT (server_id, request_id) DO NOTHING
            RETURNING number)
          INSERT INTO compute.server_action_event (action, event)
          SELECT number, :event FROM started\
          """);

  private static final Sql FINISH =
      Sql.of(
          """
          WITH ended AS (
            UPDATE compute.server_action
            SET updated_at = clock_timestamp(),
              message = CASE WHEN :error::text IS NULL THEN message ELSE 'Error' END
            WHERE server_id = :server AND request_id = :request
            RETURNING number)
          UPDATE compute.server_action_event e
          SET finish_time = clock_timestamp(), host = :host, details = :error,
            result = CASE WHEN :error::text IS NULL THEN 'Success' ELSE 'Error' END
          FROM ended WHERE e.action = ended.number AND e.finish_time IS NULL\
          """);

  /** Notes that the caller asked for an action, and that its only event begins. */
  public void start(
      Handle handle, List<UUID> servers, String action, String event, RequestContext context) {
    START
        .on(handle)
        .bind("servers", servers.toArray(UUID[]::new))
        .bind("action", action)
        .bind("request", context.requestId())
        .bind("project", context.caller().projectId().orElse(""))
        .bind("user", context.caller().userId())
        .bind("event", event)
        .execute();
  }

  public void succeed(Handle handle, UUID server, String requestId, Optional<String> host) {
    finish(handle, server, requestId, host, null);
  }

  public void fail(
      Handle handle, UUID server, String requestId, Optional<String> host, String error) {
    finish(handle, server, requestId, host, error);
  }

  private static void finish(
      Handle handle, UUID server, String requestId, Optional<String> host, @Nullable String error) {
    FINISH
        .on(handle)
        .bind("server", server)
        .bind("request", requestId)
        .bind("host", host.orElse(null))
        .bind("error", error)
        .execute();
  }
}
