package cloud.lastmile.platform.work;

import cloud.lastmile.platform.database.Sql;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The SQL of {@code work.job}. Every change of a running job demands that the lease still holds.
 */
final class JobStore {

  /**
   * A dead node's work is taken over after this; a live one extends its leases thrice meanwhile.
   */
  static final Duration LEASE = Duration.ofSeconds(30);

  /** A job as leased. */
  record Row(
      long id,
      String kind,
      String key,
      String state,
      int step,
      boolean undoing,
      int attempts,
      double secondsInStep,
      String requestId,
      @Nullable String error,
      @Nullable String projectId) {

    /** Whose share it takes. */
    String project() {
      return projectId == null ? "" : projectId;
    }
  }

  /** What came of a submission. */
  record Submitted(long id, boolean leased) {}

  private static final Sql TAKE_TURNS =
      Sql.of("SELECT pg_advisory_xact_lock(hashtextextended(:key, 119))");

  private static final Sql INSERT =
      Sql.of(
          """
          INSERT INTO work.job
            (kind, key, state, request_id, project_id, lease_owner, lease_until)
          SELECT :kind, :key, CAST(:state AS jsonb), :request, :project,
            CASE WHEN :lease AND NOT EXISTS (
                SELECT FROM work.job other WHERE other.key = :key AND other.status = 'live')
              THEN :owner END,
            now() + make_interval(secs => :seconds)
          RETURNING id, lease_owner IS NOT NULL AS leased\
          """);

  private static final Sql ADVANCE =
      Sql.of(
          """
          UPDATE work.job SET state = CAST(:state AS jsonb), step = :step, attempts = 0,
            step_since = now()
          WHERE id = :id AND lease_owner = :owner\
          """);

  private static final Sql FINISH =
      Sql.of(
          """
          DELETE FROM work.job WHERE id = :id AND lease_owner = :owner
          RETURNING EXISTS (
            SELECT FROM work.job next
            WHERE next.key = job.key AND next.id > job.id AND next.status = 'live')\
          """);

  private static final Sql NUDGE =
      Sql.of(
          """
          UPDATE work.job SET nudged = TRUE, run_at = least(run_at, now())
          WHERE key = ANY (:keys) AND status = 'live' AND attempts = 0\
          """);

  private final String owner;

  JobStore(String owner) {
    this.owner = owner;
  }

  /** With the lease if {@code lease} and no other job of the key is under way. */
  Submitted insert(
      Handle handle,
      String kind,
      String key,
      String state,
      String requestId,
      @Nullable String projectId,
      boolean lease) {
    // Submitters of one key take turns until they commit: ids follow the order of commits, and
    // the next statement sees all earlier jobs of the key.
    TAKE_TURNS.on(handle).bind("key", key).first(_ -> key);
    return INSERT
        .on(handle)
        .bind("kind", kind)
        .bind("key", key)
        .bind("state", state)
        .bind("request", requestId)
        .bind("project", projectId)
        .bind("lease", lease)
        .bind("owner", owner)
        .bind("seconds", LEASE.toSeconds())
        .one(row -> new Submitted(row.getLong("id"), row.getBoolean("leased")));
  }

  /**
   * Leases due jobs, the first of each key, no more of a kind than it has room for.
   *
   * @param full kinds and projects, {@code kind/project}, of which no more are wanted
   */
  List<Row> claim(Handle handle, Map<String, Integer> room, Set<String> full) {
    return handle
        .createQuery(
            """
            WITH due AS (
              SELECT picked.id
              FROM unnest(:kinds, :rooms) AS wanted (kind, room)
              CROSS JOIN LATERAL (
                SELECT job.id FROM work.job
                WHERE job.kind = wanted.kind AND job.status = 'live'
                  AND job.lease_owner IS NULL AND job.run_at <= now()
                  AND NOT job.kind || '/' || coalesce(job.project_id, '') = ANY (:full)
                  AND NOT EXISTS (
                    SELECT FROM work.job earlier
                    WHERE earlier.key = job.key AND earlier.id < job.id
                      AND earlier.status = 'live')
                ORDER BY job.run_at, job.id
                LIMIT wanted.room
                FOR UPDATE SKIP LOCKED) AS picked)
            UPDATE work.job SET lease_owner = :owner, nudged = FALSE,
              lease_until = now() + make_interval(secs => :seconds)
            FROM due WHERE job.id = due.id
            RETURNING job.id, kind, key, state::text AS state, step, direction, attempts,
              request_id, error, project_id,
              extract(epoch FROM clock_timestamp() - step_since)::float8 AS seconds\
            """)
        .bind("kinds", room.keySet().toArray(String[]::new))
        .bind("full", full.toArray(String[]::new))
        .bind("rooms", room.values().toArray(Integer[]::new))
        .bind("owner", owner)
        .bind("seconds", LEASE.toSeconds())
        .map((row, context) ->
            new Row(
                row.getLong("id"),
                row.getString("kind"),
                row.getString("key"),
                row.getString("state"),
                row.getInt("step"),
                row.getString("direction").equals("undo"),
                row.getInt("attempts"),
                row.getDouble("seconds"),
                row.getString("request_id"),
                row.getString("error"),
                row.getString("project_id")))
        .list();
  }

  /** The next step begins. False if the lease is lost. */
  boolean advance(Handle handle, long id, String state, int step) {
    return ADVANCE
            .on(handle)
            .bind("state", state)
            .bind("step", step)
            .bind("id", id)
            .bind("owner", owner)
            .execute()
        == 1;
  }

  /** From now on, the steps before and with this one are undone. */
  boolean turnBack(Handle handle, long id, int step, String error) {
    return handle.execute(
            """
            UPDATE work.job SET direction = 'undo', step = ?, attempts = 0, error = ?,
              step_since = now()
            WHERE id = ? AND lease_owner = ?\
            """,
            step,
            error,
            id,
            owner)
        == 1;
  }

  /**
   * Gives the lease back until the pause is over. Tells whether the job is due at once, for a nudge
   * came meanwhile; empty if the lease is lost.
   */
  Optional<Boolean> pause(
      Handle handle, long id, Duration pause, int attempts, @Nullable String error) {
    return handle
        .createQuery(
            """
            UPDATE work.job SET lease_owner = NULL, attempts = :attempts, nudged = FALSE,
              error = coalesce(CAST(:error AS text), error),
              run_at = now() + CASE WHEN nudged THEN interval '0'
                ELSE make_interval(secs => :seconds) END
            WHERE id = :id AND lease_owner = :owner
            RETURNING run_at <= now()\
            """)
        .bind("attempts", attempts)
        .bind("error", error)
        .bind("seconds", pause.toMillis() / 1000.0)
        .bind("id", id)
        .bind("owner", owner)
        .mapTo(Boolean.class)
        .findOne();
  }

  /** The job is done. Tells whether another one of its key waits; empty if the lease is lost. */
  Optional<Boolean> finish(Handle handle, long id) {
    return FINISH.on(handle).bind("id", id).bind("owner", owner).first(row -> row.getBoolean(1));
  }

  /** The job failed and is undone; it stays for operators to see. */
  boolean fail(Handle handle, long id) {
    return handle.execute(
            """
            UPDATE work.job SET status = 'failed', lease_owner = NULL, run_at = now()
            WHERE id = ? AND lease_owner = ?\
            """,
            id,
            owner)
        == 1;
  }

  /** Makes the waiting jobs of the keys look again. */
  boolean nudge(Handle handle, List<String> keys) {
    return NUDGE.on(handle).bind("keys", keys.toArray(String[]::new)).execute() > 0;
  }

  void extendLeases(Handle handle, Set<Long> held) {
    handle.execute(
        """
        UPDATE work.job SET lease_until = now() + make_interval(secs => ?)
        WHERE lease_owner = ? AND id = ANY (?)\
        """,
        LEASE.toSeconds(),
        owner,
        held.toArray(Long[]::new));
  }

  /** Frees what dead processes hold: at once those of this node, others after their time. */
  void freeLeases(Handle handle, String allBoots) {
    handle.execute(
        """
        UPDATE work.job SET lease_owner = NULL
        WHERE lease_owner IS NOT NULL AND (lease_until < now()
          OR (lease_owner <> ? AND starts_with(lease_owner, ?)))\
        """,
        owner,
        allBoots);
  }

  void releaseLeases(Handle handle) {
    handle.execute("UPDATE work.job SET lease_owner = NULL WHERE lease_owner = ?", owner);
  }

  void trim(Handle handle, Duration age) {
    handle.execute(
        """
        DELETE FROM work.job WHERE status = 'failed'
          AND run_at < now() - make_interval(secs => ?)\
        """,
        age.toSeconds());
  }

  int live(Handle handle, String key) {
    return handle
        .createQuery("SELECT count(*) FROM work.job WHERE key = :key AND status = 'live'")
        .bind("key", key)
        .mapTo(Integer.class)
        .one();
  }
}
