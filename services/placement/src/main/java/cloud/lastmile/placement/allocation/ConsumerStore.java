package cloud.lastmile.placement.allocation;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Consumers: those for whom something is allocated. One without allocations does not exist. */
public final class ConsumerStore {

  /**
   * A consumer.
   *
   * @param type {@code INSTANCE} and the like; empty if its maker did not say
   * @param isNew whether this transaction made it
   */
  public record Consumer(
      UUID id,
      int generation,
      String projectId,
      String userId,
      Optional<String> type,
      boolean isNew) {}

  /** Makes the consumer if it is missing, with generation 0, and locks it. */
  public Consumer ensure(
      Handle handle, UUID id, String projectId, String userId, @Nullable String type) {
    return handle
        .createQuery(
            """
            INSERT INTO placement.consumer (id, project_id, user_id, consumer_type)
            VALUES (:id, :project, :user, :type)
            ON CONFLICT (id) DO UPDATE SET id = excluded.id
            RETURNING id, generation, project_id, user_id, consumer_type, xmax = 0 AS is_new\
            """)
        .bind("id", id)
        .bind("project", projectId)
        .bind("user", userId)
        .bindByType("type", type, String.class)
        .map((row, _) -> read(row, row.getBoolean("is_new")))
        .one();
  }

  static Consumer read(ResultSet row, boolean isNew) throws SQLException {
    return new Consumer(
        row.getObject("id", UUID.class),
        row.getInt("generation"),
        row.getString("project_id"),
        row.getString("user_id"),
        Optional.ofNullable(row.getString("consumer_type")),
        isNew);
  }

  public Set<UUID> ofType(Handle handle, String type) {
    return handle
        .createQuery("SELECT id FROM placement.consumer WHERE consumer_type = :type")
        .bind("type", type)
        .mapTo(UUID.class)
        .set();
  }

  /** Whether there was one to lock. */
  public boolean lock(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT 1 FROM placement.consumer WHERE id = :id FOR UPDATE")
        .bind("id", id)
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  /** The next generation, with whom it now belongs to. */
  public void update(
      Handle handle, UUID id, String projectId, String userId, @Nullable String type) {
    handle
        .createUpdate(
            """
            UPDATE placement.consumer SET generation = generation + 1, project_id = :project,
              user_id = :user, consumer_type = coalesce(:type, consumer_type), updated_at = now()
            WHERE id = :id\
            """)
        .bind("id", id)
        .bind("project", projectId)
        .bind("user", userId)
        .bindByType("type", type, String.class)
        .execute();
  }

  /** Forgets those of them that have no allocations. */
  public void forgetEmpty(Handle handle, Collection<UUID> ids) {
    handle
        .createUpdate(
            """
            DELETE FROM placement.consumer c WHERE id = ANY(:ids)
              AND NOT EXISTS (SELECT 1 FROM placement.allocation WHERE consumer_id = c.id)\
            """)
        .bindArray("ids", UUID.class, List.copyOf(ids))
        .execute();
  }
}
