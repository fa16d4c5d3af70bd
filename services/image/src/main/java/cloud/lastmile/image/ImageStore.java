package cloud.lastmile.image;

import cloud.lastmile.platform.http.Json;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Images in the database. */
final class ImageStore {
  static final String PRIMARY_KEY = "image_pkey";

  Optional<ImageRecord> find(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT * FROM image.image WHERE id = :id")
        .bind("id", id)
        .map((row, _) -> read(row))
        .findOne();
  }

  /** Locks the image until the transaction's end. */
  Optional<ImageRecord> lock(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT * FROM image.image WHERE id = :id FOR UPDATE")
        .bind("id", id)
        .map((row, _) -> read(row))
        .findOne();
  }

  /** Makes a queued image. Fails on {@link #PRIMARY_KEY} if the id is taken. */
  void insert(Handle handle, UUID id, ImageAttributes attributes) {
    bind(
            handle.createUpdate(
                """
                INSERT INTO image.image (id, status, name, visibility, owner, container_format,
                  disk_format, min_ram, min_disk, protected, os_hidden, tags, properties)
                VALUES (:id, 'queued', :name, :visibility, :owner, :container_format,
                  :disk_format, :min_ram, :min_disk, :protected, :os_hidden, :tags,
                  :properties::jsonb)\
                """),
            attributes)
        .bind("id", id)
        .execute();
  }

  void update(Handle handle, UUID id, ImageAttributes attributes) {
    bind(
            handle.createUpdate(
                """
                UPDATE image.image SET name = :name, visibility = :visibility, owner = :owner,
                  container_format = :container_format, disk_format = :disk_format,
                  min_ram = :min_ram, min_disk = :min_disk, protected = :protected,
                  os_hidden = :os_hidden, tags = :tags, properties = :properties::jsonb,
                  updated_at = now()
                WHERE id = :id\
                """),
            attributes)
        .bind("id", id)
        .execute();
  }

  private static <S extends SqlStatement<S>> S bind(S statement, ImageAttributes attributes) {
    ObjectNode properties = Json.object();
    attributes.properties().forEach(properties::put);
    return statement
        .bind("name", attributes.name())
        .bind("visibility", attributes.visibility())
        .bind("owner", attributes.owner())
        .bind("container_format", attributes.containerFormat())
        .bind("disk_format", attributes.diskFormat())
        .bind("min_ram", attributes.minRam())
        .bind("min_disk", attributes.minDisk())
        .bind("protected", attributes.isProtected())
        .bind("os_hidden", attributes.hidden())
        .bindArray("tags", String.class, attributes.tags())
        .bind("properties", properties.toString());
  }

  /** Whether the image was in {@code from}, and now is in {@code to}. */
  boolean changeStatus(Handle handle, UUID id, String from, String to) {
    return handle
            .createUpdate(
                """
                UPDATE image.image SET status = :to, updated_at = now()
                WHERE id = :id AND status = :from\
                """)
            .bind("id", id)
            .bind("from", from)
            .bind("to", to)
            .execute()
        == 1;
  }

  /** Reserves a queued image for one upload; false if it is not queued. */
  boolean startSaving(Handle handle, UUID id, UUID upload, UUID store) {
    return handle
            .createUpdate(
                """
                UPDATE image.image
                SET status = 'saving', upload_id = :upload, store_id = :store, updated_at = now()
                WHERE id = :id AND status = 'queued'\
                """)
            .bind("id", id)
            .bind("upload", upload)
            .bind("store", store)
            .execute()
        == 1;
  }

  /** Makes the image active with its bytes; false if it is gone or no longer this upload's. */
  boolean finishSaving(Handle handle, UUID id, UUID upload, ImageRecord.Data data) {
    return handle
            .createUpdate(
                """
                UPDATE image.image
                SET status = 'active', upload_id = NULL, size = :size,
                  virtual_size = :virtual_size, checksum = :checksum, os_hash_algo = :algorithm,
                  os_hash_value = :hash, location = :location, updated_at = now()
                WHERE id = :id AND status = 'saving' AND upload_id = :upload\
                """)
            .bind("id", id)
            .bind("upload", upload)
            .bind("size", data.size())
            .bind("virtual_size", data.virtualSize())
            .bind("checksum", data.checksum())
            .bind("algorithm", ImageRecord.HASH_ALGORITHM)
            .bind("hash", data.hash())
            .bind("location", data.location())
            .execute()
        == 1;
  }

  /** Undoes {@link #startSaving}. */
  void stopSaving(Handle handle, UUID id, UUID upload) {
    handle
        .createUpdate(
            """
            UPDATE image.image
            SET status = 'queued', upload_id = NULL, store_id = NULL, updated_at = now()
            WHERE id = :id AND status = 'saving' AND upload_id = :upload\
            """)
        .bind("id", id)
        .bind("upload", upload)
        .execute();
  }

  /** Undoes every {@link #startSaving} into this store: those who saved have died. */
  int stopAllSaving(Handle handle, UUID store) {
    return handle
        .createUpdate(
            """
            UPDATE image.image
            SET status = 'queued', upload_id = NULL, store_id = NULL, updated_at = now()
            WHERE status = 'saving' AND store_id = :store\
            """)
        .bind("store", store)
        .execute();
  }

  void delete(Handle handle, UUID id) {
    handle.createUpdate("DELETE FROM image.image WHERE id = :id").bind("id", id).execute();
  }

  /** Which bytes of a store belong to an image. */
  Set<String> locations(Handle handle, UUID store) {
    return Set.copyOf(
        handle
            .createQuery(
                """
                SELECT location FROM image.image
                WHERE store_id = :store AND location IS NOT NULL\
                """)
            .bind("store", store)
            .mapTo(String.class)
            .list());
  }

  /** Whether this database has images in the store, or had any. */
  boolean knowsStore(Handle handle, UUID store) {
    return handle
        .createQuery("SELECT 1 FROM image.store WHERE id = :store")
        .bind("store", store)
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  void addStore(Handle handle, UUID store) {
    handle
        .createUpdate("INSERT INTO image.store (id) VALUES (:store) ON CONFLICT DO NOTHING")
        .bind("store", store)
        .execute();
  }

  static ImageRecord read(ResultSet row) throws SQLException {
    return new ImageRecord(
        row.getObject("id", UUID.class),
        row.getString("status"),
        attributes(row),
        data(row),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }

  private static ImageAttributes attributes(ResultSet row) throws SQLException {
    TreeMap<String, String> properties = new TreeMap<>();
    JsonNode tree = Json.mapper().readTree(row.getString("properties"));
    for (Map.Entry<String, JsonNode> property : tree.properties()) {
      properties.put(property.getKey(), property.getValue().asString());
    }
    Array tags = row.getArray("tags");
    return new ImageAttributes(
        Optional.ofNullable(row.getString("name")),
        row.getString("visibility"),
        row.getString("owner"),
        Optional.ofNullable(row.getString("container_format")),
        Optional.ofNullable(row.getString("disk_format")),
        row.getInt("min_ram"),
        row.getInt("min_disk"),
        row.getBoolean("protected"),
        row.getBoolean("os_hidden"),
        List.of((String[]) tags.getArray()),
        properties);
  }

  private static Optional<ImageRecord.Data> data(ResultSet row) throws SQLException {
    String location = row.getString("location");
    return location == null
        ? Optional.empty()
        : Optional.of(
            new ImageRecord.Data(
                row.getLong("size"),
                row.getLong("virtual_size"),
                row.getString("checksum"),
                row.getString("os_hash_value"),
                row.getObject("store_id", UUID.class),
                location));
  }
}
