package cloud.lastmile.identity.access;

import cloud.lastmile.identity.common.Views;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.core.Timestamps;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Utc;
import cloud.lastmile.platform.http.ApiRequest;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.policy.PolicyRule;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /v3/OS-REVOKE/events}: which tokens are refused although they have not expired. Validation
 * never reads this list; it is for programs that keep one of their own.
 */
public final class RevocationRoutes {
  private static final PolicyRule LIST =
      new PolicyRule("identity:list_revoke_events", "rule:service_or_admin");

  private static final String EVENTS =
      """
      SELECT * FROM (
        SELECT 'audit_id' AS name, audit_id AS value, revoked_at FROM identity.revocation
        WHERE expires_at > :now
        UNION ALL SELECT 'user_id', id, tokens_valid_after FROM identity.account
        UNION ALL SELECT CASE WHEN is_domain THEN 'domain_id' ELSE 'project_id' END, id,
          tokens_valid_after
        FROM identity.project
      ) e WHERE revoked_at > :oldest AND revoked_at >= :since ORDER BY revoked_at, name, value
      """;

  private final Database database;
  private final Duration longest;
  private final InstantSource clock;

  /**
   * @param longest how long a token can matter after it was made
   */
  public RevocationRoutes(Database database, Duration longest, InstantSource clock) {
    this.database = database;
    this.longest = longest;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(Route.get("/v3/OS-REVOKE/events", LIST, this::list));
  }

  private ApiResponse list(ApiRequest request) {
    Instant since =
        request
            .query("since")
            .filter(text -> !text.isEmpty())
            .map(text ->
                Timestamps.parse(text)
                    .orElseThrow(() -> ApiException.badRequest("invalidate date format " + text)))
            .orElse(Instant.EPOCH);
    List<ObjectNode> events = database.read(handle -> events(handle, since));
    return Views.collection(request, "events", events);
  }

  private List<ObjectNode> events(Handle handle, Instant since) {
    Instant now = clock.instant();
    return handle
        .createQuery(EVENTS)
        .bind("now", Utc.of(now))
        .bind("oldest", Utc.of(now.minus(longest)))
        .bind("since", Utc.of(since))
        .map((row, _) -> event(row))
        .list();
  }

  private static ObjectNode event(ResultSet row) throws SQLException {
    String moment = Timestamps.micros(Utc.at(row, "revoked_at"));
    return Json.object()
        .put(row.getString("name"), row.getString("value"))
        .put("issued_before", moment)
        .put("revoked_at", moment);
  }
}
