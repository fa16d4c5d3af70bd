package cloud.lastmile.compute.action;

import static cloud.lastmile.platform.database.ListColumn.integer;
import static cloud.lastmile.platform.database.ListColumn.text;

import cloud.lastmile.compute.common.Paging;
import cloud.lastmile.platform.database.Condition;
import cloud.lastmile.platform.database.ListDialect;
import cloud.lastmile.platform.database.ListPage;
import cloud.lastmile.platform.database.ListQuery;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** Reads the log of what was done to servers. */
public final class ActionStore {

  /** An action that somebody asked for. */
  record Action(
      long number,
      UUID server,
      String action,
      String requestId,
      String projectId,
      String userId,
      Instant started,
      Instant updated,
      Optional<String> message) {}

  /** A part of an action. */
  record Event(
      String event,
      Instant started,
      Optional<Instant> finished,
      Optional<String> result,
      Optional<String> details,
      Optional<String> host) {}

  private static final String COLUMNS =
      "a.number, a.server_id, a.action, a.request_id, a.project_id, a.user_id, a.start_time,"
          + " a.updated_at, a.message";

  private static final ListQuery<Action> LIST =
      ListQuery.of("compute.server_action a", COLUMNS, ActionStore::action)
          .column(text("request_id", "a.request_id").sortOnly())
          .column(integer("number", "a.number").sortOnly())
          .sortedBy("number", false);

  ListPage<Action> list(
      Handle handle, UUID server, Map<String, List<String>> paging, List<Condition> conditions) {
    ListQuery.Asked<Action> asked =
        LIST.asked(paging, ListDialect.paged(Paging.MAX_LIMIT))
            .within(Condition.of("a.server_id = {}", server));
    for (Condition condition : conditions) {
      asked = asked.where(condition);
    }
    return asked.run(handle);
  }

  Optional<Action> find(Handle handle, UUID server, String requestId) {
    return handle
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM compute.server_action a"
                + " WHERE a.server_id = :server AND a.request_id = :request")
        .bind("server", server)
        .bind("request", requestId)
        .map(ActionStore::action)
        .findOne();
  }

  /** The latest first. */
  List<Event> events(Handle handle, long action) {
    return handle
        .createQuery(
            """
            SELECT event, start_time, finish_time, result, details, host
            FROM compute.server_action_event WHERE action = :action ORDER BY number DESC\
            """)
        .bind("action", action)
        .map(ActionStore::event)
        .list();
  }

  private static Action action(ResultSet row, StatementContext context) throws SQLException {
    return new Action(
        row.getLong("number"),
        row.getObject("server_id", UUID.class),
        row.getString("action"),
        row.getString("request_id"),
        row.getString("project_id"),
        row.getString("user_id"),
        Utc.at(row, "start_time"),
        Utc.at(row, "updated_at"),
        Optional.ofNullable(row.getString("message")));
  }

  private static Event event(ResultSet row, StatementContext context) throws SQLException {
    return new Event(
        row.getString("event"),
        Utc.at(row, "start_time"),
        Utc.find(row, "finish_time"),
        Optional.ofNullable(row.getString("result")),
        Optional.ofNullable(row.getString("details")),
        Optional.ofNullable(row.getString("host")));
  }
}
