package cloud.lastmile.platform.work;

import cloud.lastmile.platform.database.Sql;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** The SQL of {@code work.dirty}. A row is leased by the node that marked it first. */
final class DirtyStore {

  /** A marked key; each further mark gives it a higher generation. */
  record Row(String key, long generation, boolean ours) {}

  private static final Sql MARK =
      Sql.of(
          """
          INSERT INTO work.dirty AS dirty (kind, key, generation, lease_owner, lease_until)
          SELECT :kind, key, nextval('work.dirty_generation'), :owner,
            now() + make_interval(secs => :seconds)
          FROM unnest(:keys) AS marked (key) ORDER BY key
          ON CONFLICT (kind, key) DO UPDATE SET
            generation = nextval('work.dirty_generation'),
            lease_owner = CASE WHEN dirty.lease_until > now() THEN dirty.lease_owner
              ELSE excluded.lease_owner END,
            lease_until = CASE WHEN dirty.lease_until > now() THEN dirty.lease_until
              ELSE excluded.lease_until END
          RETURNING key, generation, lease_owner = :owner AS ours\
          """);

  private static final Sql SETTLE =
      Sql.of(
          """
          DELETE FROM work.dirty USING
            unnest(:keys, :generations) AS done (key, generation),
            (SELECT set_config('synchronous_commit', 'off', TRUE) OFFSET 0) AS unhurried
          WHERE dirty.kind = :kind AND dirty.key = done.key AND dirty.generation = done.generation\
          """);

  private static final String ADOPT =
      """
      UPDATE work.dirty SET lease_owner = :owner,
        lease_until = now() + make_interval(secs => :seconds)
      WHERE kind = :kind AND (lease_owner = :owner OR starts_with(lease_owner, :boots)
        OR lease_until < now())
      RETURNING key, generation, TRUE AS ours\
      """;

  private final String kind;
  private final Node node;

  DirtyStore(String kind, Node node) {
    this.kind = kind;
    this.node = node;
  }

  List<Row> mark(Handle handle, Collection<String> keys) {
    return MARK.on(handle)
        .bind("kind", kind)
        .bind("keys", keys.stream().distinct().toArray(String[]::new))
        .bind("owner", node.owner())
        .bind("seconds", JobStore.LEASE.toSeconds())
        .list(row ->
            new Row(row.getString("key"), row.getLong("generation"), row.getBoolean("ours")));
  }

  /** All rows that are ours or nobody's, leased anew. */
  List<Row> adopt(Handle handle) {
    return handle
        .createQuery(ADOPT)
        .bind("kind", kind)
        .bind("owner", node.owner())
        .bind("boots", node.allBoots())
        .bind("seconds", JobStore.LEASE.toSeconds())
        .map((row, context) -> new Row(row.getString("key"), row.getLong("generation"), true))
        .list();
  }

  /** Removes the marks that were not renewed meanwhile. Losing this in a crash does no harm. */
  int settle(Handle handle, Map<String, Long> reconciled) {
    return SETTLE
        .on(handle)
        .bind("keys", reconciled.keySet().toArray(String[]::new))
        .bind("generations", reconciled.values().toArray(Long[]::new))
        .bind("kind", kind)
        .execute();
  }

  /** Whether this mark, made on another node's row, is gone or renewed. */
  boolean isSettled(Handle handle, String key, long generation) {
    return handle
        .createQuery(
            """
            SELECT NOT EXISTS (SELECT FROM work.dirty
              WHERE kind = :kind AND key = :key AND generation <= :generation)\
            """)
        .bind("kind", kind)
        .bind("key", key)
        .bind("generation", generation)
        .mapTo(Boolean.class)
        .one();
  }

  void release(Handle handle) {
    handle.execute(
        "UPDATE work.dirty SET lease_until = now() WHERE kind = ? AND lease_owner = ?",
        kind,
        node.owner());
  }
}
