package cloud.lastmile.image.data;

import cloud.lastmile.image.common.Bytes;
import cloud.lastmile.image.record.ImageQuotas;
import cloud.lastmile.image.record.ImageRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Transfers in the database. Who removes a row gives back what it holds of the quotas. */
public final class TransferStore {
  private final ImageQuotas quotas;

  TransferStore(ImageQuotas quotas) {
    this.quotas = quotas;
  }

  /**
   * Announces bytes and reserves for them.
   *
   * @param node who receives them and says so from time to time; null for a durable job's
   */
  public void insert(Handle handle, Transfer transfer, @Nullable String node) {
    handle
        .createUpdate(
            """
            INSERT INTO image.transfer (id, image_id, task_id, kind, project_id, store_id, location,
              uploading, size_mib, stage_mib, node, alive_until)
            VALUES (:id, :image, :task, :kind, :project, :store, :location,
              :uploading, :size_mib, :stage_mib, :node, now() + interval '60 seconds')\
            """)
        .bind("id", transfer.id())
        .bind("image", transfer.image())
        .bind("task", transfer.task().orElse(null))
        .bind("kind", transfer.kind())
        .bind("project", transfer.project())
        .bind("store", transfer.place().store())
        .bind("location", transfer.place().location())
        .bind("uploading", transfer.held().uploading())
        .bind("size_mib", transfer.held().sizeMib())
        .bind("stage_mib", transfer.held().stageMib())
        .bind("node", node)
        .execute();
    quotas.reserve(handle, transfer.project(), transfer.held());
  }

  /** Removes it; false if it is gone already. */
  public boolean remove(Handle handle, Transfer transfer) {
    return removeWhere(handle, "id = :key", transfer.id()).size() == 1;
  }

  /** Those that were removed. */
  public List<Transfer> removeOfImage(Handle handle, UUID image) {
    return removeWhere(handle, "image_id = :key AND kind = 'stage'", image);
  }

  public List<Transfer> removeOfTask(Handle handle, UUID task) {
    return removeWhere(handle, "task_id = :key", task);
  }

  /** Those of whom nobody has said for long that they live, and this node's of an earlier life. */
  List<Transfer> removeDead(Handle handle, String nodeName, String boot) {
    return released(
        handle,
        handle
            .createQuery(
                """
                DELETE FROM image.transfer
                WHERE node IS NOT NULL
                  AND (alive_until < now() OR (node <> :boot AND starts_with(node, :name)))
                RETURNING *\
                """)
            .bind("boot", boot)
            .bind("name", nodeName + "/")
            .map((row, _) -> read(row))
            .list());
  }

  private List<Transfer> removeWhere(Handle handle, String condition, UUID key) {
    return released(
        handle,
        handle
            .createQuery("DELETE FROM image.transfer WHERE " + condition + " RETURNING *")
            .bind("key", key)
            .map((row, _) -> read(row))
            .list());
  }

  private List<Transfer> released(Handle handle, List<Transfer> removed) {
    removed.forEach(transfer -> quotas.release(handle, transfer.project(), transfer.held()));
    return removed;
  }

  /** Says that they live. */
  void beat(Handle handle, Set<UUID> running) {
    handle
        .createUpdate(
            """
            UPDATE image.transfer SET alive_until = now() + interval '60 seconds'
            WHERE id = ANY (:running) AND node IS NOT NULL\
            """)
        .bindArray("running", UUID.class, running)
        .execute();
  }

  /** How often {@link #beat} must be called. */
  static Duration beatInterval() {
    return Duration.ofSeconds(15);
  }

  /** The bytes are staged and rest until an import wants them; false if they are given up. */
  public boolean rest(Handle handle, Transfer transfer, Bytes bytes) {
    boolean rests =
        handle
                .createUpdate(
                    """
                    UPDATE image.transfer SET node = NULL, alive_until = NULL, size = :size,
                      checksum = :checksum, hash = :hash, stage_mib = :stage_mib
                    WHERE id = :id\
                    """)
                .bind("id", transfer.id())
                .bind("size", bytes.size())
                .bind("checksum", bytes.checksum())
                .bind("hash", bytes.hash())
                .bind("stage_mib", bytes.mebibytes())
                .execute()
            == 1;
    if (rests) {
      long more = bytes.mebibytes() - transfer.held().stageMib();
      quotas.reserve(handle, transfer.project(), new ImageQuotas.Held(0, 0, 0, more));
    }
    return rests;
  }

  /** Gives staged bytes to an import. */
  public void claim(Handle handle, UUID transfer, UUID task) {
    handle
        .createUpdate("UPDATE image.transfer SET task_id = :task WHERE id = :id")
        .bind("id", transfer)
        .bind("task", task)
        .execute();
  }

  /** What is staged for an image, or being so. */
  public Optional<Transfer> staged(Handle handle, UUID image) {
    return handle
        .createQuery("SELECT * FROM image.transfer WHERE image_id = :image AND kind = 'stage'")
        .bind("image", image)
        .map((row, _) -> read(row))
        .findOne();
  }

  public List<Transfer> ofTask(Handle handle, UUID task) {
    return handle
        .createQuery("SELECT * FROM image.transfer WHERE task_id = :task")
        .bind("task", task)
        .map((row, _) -> read(row))
        .list();
  }

  private static Transfer read(ResultSet row) throws SQLException {
    String hash = row.getString("hash");
    return new Transfer(
        row.getObject("id", UUID.class),
        row.getObject("image_id", UUID.class),
        Optional.ofNullable(row.getObject("task_id", UUID.class)),
        row.getString("kind"),
        row.getString("project_id"),
        new ImageRecord.Place(row.getObject("store_id", UUID.class), row.getString("location")),
        new ImageQuotas.Held(
            0, row.getLong("uploading"), row.getLong("size_mib"), row.getLong("stage_mib")),
        hash == null
            ? Optional.empty()
            : Optional.of(new Bytes(row.getLong("size"), row.getString("checksum"), hash)));
  }
}
