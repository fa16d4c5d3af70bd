package cloud.lastmile.compute.host;

import cloud.lastmile.compute.common.JsonColumns;
import cloud.lastmile.platform.database.Utc;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** Aggregates and who is in them. */
public final class AggregateStore {
  private static final String SELECT =
      """
      SELECT a.number, a.id, a.name, a.metadata::text AS metadata, a.created_at, a.updated_at,
        ARRAY(SELECT ah.host FROM compute.aggregate_host ah
          WHERE ah.aggregate = a.number ORDER BY ah.host) AS hosts
      FROM compute.aggregate a\
      """;

  /**
   * Until the transaction ends nobody else changes an aggregate or who is in it: no host gets two
   * zones. They are few and rarely change.
   */
  void lock(Handle handle) {
    handle.execute("LOCK TABLE compute.aggregate IN SHARE ROW EXCLUSIVE MODE");
  }

  List<Aggregate> all(Handle handle) {
    return handle.createQuery(SELECT + " ORDER BY a.number").map(AggregateStore::map).list();
  }

  Optional<Aggregate> find(Handle handle, long number) {
    return handle
        .createQuery(SELECT + " WHERE a.number = :number")
        .bind("number", number)
        .map(AggregateStore::map)
        .findOne();
  }

  /** Fails on {@code aggregate_name_key} if the name is taken; gives its number. */
  long insert(Handle handle, String name, Map<String, String> metadata) {
    return handle
        .createQuery(
            """
            INSERT INTO compute.aggregate (name, metadata)
            VALUES (:name, CAST(:metadata AS jsonb)) RETURNING number\
            """)
        .bind("name", name)
        .bind("metadata", JsonColumns.text(metadata))
        .mapTo(Long.class)
        .one();
  }

  /** Fails on {@code aggregate_name_key} if the name is taken. */
  void update(Handle handle, long number, String name, Map<String, String> metadata) {
    handle.execute(
        """
        UPDATE compute.aggregate
        SET name = ?, metadata = CAST(? AS jsonb), updated_at = clock_timestamp()
        WHERE number = ?\
        """,
        name,
        JsonColumns.text(metadata),
        number);
  }

  boolean delete(Handle handle, long number) {
    return handle.execute("DELETE FROM compute.aggregate WHERE number = ?", number) == 1;
  }

  void addHost(Handle handle, long number, String host) {
    handle.execute(
        "INSERT INTO compute.aggregate_host (aggregate, host) VALUES (?, ?)", number, host);
  }

  void removeHost(Handle handle, long number, String host) {
    handle.execute(
        "DELETE FROM compute.aggregate_host WHERE aggregate = ? AND host = ?", number, host);
  }

  /** The zones that other aggregates give to these hosts. */
  List<String> otherZones(Handle handle, long number, Collection<String> hosts) {
    return handle
        .createQuery(
            """
            SELECT DISTINCT a.metadata ->> 'availability_zone' AS zone
            FROM compute.aggregate_host ah JOIN compute.aggregate a ON a.number = ah.aggregate
            WHERE a.number <> :number AND ah.host = ANY (:hosts)
              AND a.metadata ->> 'availability_zone' IS NOT NULL
            ORDER BY zone\
            """)
        .bind("number", number)
        .bindArray("hosts", String.class, hosts)
        .mapTo(String.class)
        .list();
  }

  int serversOn(Handle handle, Collection<String> hosts) {
    return handle
        .createQuery(
            "SELECT count(*) FROM compute.server WHERE host = ANY (:hosts) AND deleted_at IS NULL")
        .bindArray("hosts", String.class, hosts)
        .mapTo(Integer.class)
        .one();
  }

  private static Aggregate map(ResultSet row, StatementContext context) throws SQLException {
    return new Aggregate(
        row.getLong("number"),
        row.getObject("id", UUID.class),
        row.getString("name"),
        JsonColumns.strings(row.getString("metadata")),
        List.of((String[]) row.getArray("hosts").getArray()),
        Utc.at(row, "created_at"),
        Utc.find(row, "updated_at"));
  }
}
