package cloud.lastmile.compute.host;

import cloud.lastmile.agent.HostFacts;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** The hosts that ever were, with what administrators say of them. */
public final class HostStore {
  public static final String DEFAULT_ZONE = "nova";

  private static final String SELECT =
      """
      SELECT h.id, h.number, h.name, h.facts, h.address, h.disabled, h.disabled_reason,
        h.forced_down, h.seen_at, h.created_at,
        coalesce((
          SELECT min(a.metadata ->> 'availability_zone')
          FROM compute.aggregate_host ah JOIN compute.aggregate a ON a.number = ah.aggregate
          WHERE ah.host = h.name), '\
      """
          + DEFAULT_ZONE
          + """
          ') AS zone
          FROM compute.host h\
          """;

  /** Makes or updates the host; gives its id. */
  UUID put(Handle handle, HostFacts facts, String address) {
    return handle
        .createQuery(
            """
            INSERT INTO compute.host (name, facts, address)
            VALUES (:name, CAST(:facts AS jsonb), :address)
            ON CONFLICT (name) DO UPDATE
              SET facts = EXCLUDED.facts, address = EXCLUDED.address, seen_at = clock_timestamp()
            RETURNING id\
            """)
        .bind("name", facts.hostname())
        .bind("facts", Json.mapper().writeValueAsString(facts))
        .bind("address", address)
        .mapTo(UUID.class)
        .one();
  }

  void seen(Handle handle, Collection<String> names) {
    handle
        .createUpdate("UPDATE compute.host SET seen_at = clock_timestamp() WHERE name IN (<names>)")
        .bindList("names", List.copyOf(names))
        .execute();
  }

  public List<HostRecord> all(Handle handle) {
    return handle.createQuery(SELECT + " ORDER BY h.number").map(HostStore::map).list();
  }

  Optional<HostRecord> find(Handle handle, String name) {
    return handle
        .createQuery(SELECT + " WHERE h.name = :name")
        .bind("name", name)
        .map(HostStore::map)
        .findOne();
  }

  boolean disable(Handle handle, String name, Optional<String> reason) {
    return handle.execute(
            "UPDATE compute.host SET disabled = true, disabled_reason = ? WHERE name = ?",
            reason.orElse(null),
            name)
        == 1;
  }

  boolean enable(Handle handle, String name) {
    return handle.execute(
            "UPDATE compute.host SET disabled = false, disabled_reason = NULL WHERE name = ?", name)
        == 1;
  }

  boolean forceDown(Handle handle, String name, boolean down) {
    return handle.execute("UPDATE compute.host SET forced_down = ? WHERE name = ?", down, name)
        == 1;
  }

  boolean delete(Handle handle, UUID id) {
    return handle.execute("DELETE FROM compute.host WHERE id = ?", id) == 1;
  }

  private static HostRecord map(ResultSet row, StatementContext context) throws SQLException {
    return new HostRecord(
        row.getObject("id", UUID.class),
        row.getLong("number"),
        row.getString("name"),
        Json.mapper().readValue(row.getString("facts"), HostFacts.class),
        row.getString("address"),
        row.getBoolean("disabled"),
        Optional.ofNullable(row.getString("disabled_reason")),
        row.getBoolean("forced_down"),
        Utc.at(row, "seen_at"),
        Utc.at(row, "created_at"),
        row.getString("zone"));
  }
}
