package cloud.lastmile.image.record;

import cloud.lastmile.image.common.Bytes;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.database.Utc;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Images in the database. */
public final class ImageStore {
  public static final String PRIMARY_KEY = "image_pkey";

  /** What {@link #read} reads; the table's alias is {@code i}. */
  public static final String COLUMNS =
      """
      i.*, (SELECT array_agg(l.store_id || ' ' || l.location ORDER BY l.position)
        FROM image.location l WHERE l.image_id = i.id) AS places\
      """;

  public Optional<ImageRecord> find(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT " + COLUMNS + " FROM image.image i WHERE i.id = :id")
        .bind("id", id)
        .map((row, _) -> read(row))
        .findOne();
  }

  /** Locks the image until the transaction's end. */
  public Optional<ImageRecord> lock(Handle handle, UUID id) {
    // In a statement of its own, so that the next one sees what those did who held the lock.
    handle
        .createQuery("SELECT 1 FROM image.image WHERE id = :id FOR UPDATE")
        .bind("id", id)
        .mapTo(Integer.class)
        .findOne();
    return find(handle, id);
  }

  /** Makes a queued image. Fails on {@link #PRIMARY_KEY} if the id is taken. */
  public void insert(Handle handle, UUID id, ImageAttributes attributes) {
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

  public void update(Handle handle, UUID id, ImageAttributes attributes) {
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
  public boolean changeStatus(Handle handle, UUID id, String from, String to) {
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
  public boolean startSaving(Handle handle, UUID id, UUID upload) {
    return handle
            .createUpdate(
                """
                UPDATE image.image
                SET status = 'saving', upload_id = :upload, updated_at = now()
                WHERE id = :id AND status = 'queued'\
                """)
            .bind("id", id)
            .bind("upload", upload)
            .execute()
        == 1;
  }

  /** Whether the image is there and belongs to this upload; then it is active with these bytes. */
  public boolean finishSaving(Handle handle, UUID id, UUID upload, Bytes bytes, long virtualSize) {
    return handle
                .createUpdate(
                    """
                    UPDATE image.image SET status = 'active', upload_id = NULL
                    WHERE id = :id AND status = 'saving' AND upload_id = :upload\
                    """)
                .bind("id", id)
                .bind("upload", upload)
                .execute()
            == 1
        && describe(handle, id, bytes, virtualSize);
  }

  /** Says of an image what its bytes are. */
  public boolean describe(Handle handle, UUID id, Bytes bytes, long virtualSize) {
    return handle
            .createUpdate(
                """
                UPDATE image.image SET size = :size, virtual_size = :virtual_size,
                  checksum = :checksum, os_hash_algo = :algorithm, os_hash_value = :hash,
                  updated_at = now()
                WHERE id = :id\
                """)
            .bind("id", id)
            .bind("size", bytes.size())
            .bind("virtual_size", virtualSize)
            .bind("checksum", bytes.checksum())
            .bind("algorithm", ImageRecord.HASH_ALGORITHM)
            .bind("hash", bytes.hash())
            .execute()
        == 1;
  }

  /** Forgets what its bytes were. */
  public void forget(Handle handle, UUID id) {
    handle
        .createUpdate(
            """
            UPDATE image.image SET size = NULL, virtual_size = NULL, checksum = NULL,
              os_hash_algo = NULL, os_hash_value = NULL
            WHERE id = :id\
            """)
        .bind("id", id)
        .execute();
  }

  /** Undoes {@link #startSaving}. */
  public void stopSaving(Handle handle, UUID id, UUID upload) {
    handle
        .createUpdate(
            """
            UPDATE image.image SET status = 'queued', upload_id = NULL, updated_at = now()
            WHERE id = :id AND status = 'saving' AND upload_id = :upload\
            """)
        .bind("id", id)
        .bind("upload", upload)
        .execute();
  }

  /** Adds a place where the bytes are. */
  public void addPlace(Handle handle, UUID id, ImageRecord.Place place, @Nullable UUID task) {
    handle
        .createUpdate(
            """
            INSERT INTO image.location (image_id, store_id, location, task_id)
            VALUES (:id, :store, :location, :task)\
            """)
        .bind("id", id)
        .bind("store", place.store())
        .bind("location", place.location())
        .bind("task", task)
        .execute();
  }

  public void removePlace(Handle handle, UUID id, UUID store) {
    handle
        .createUpdate("DELETE FROM image.location WHERE image_id = :id AND store_id = :store")
        .bind("id", id)
        .bind("store", store)
        .execute();
  }

  /** Takes back what an import added; the places. */
  public List<ImageRecord.Place> removePlacesOf(Handle handle, UUID task) {
    return handle
        .createQuery(
            """
            DELETE FROM image.location WHERE task_id = :task RETURNING store_id, location\
            """)
        .bind("task", task)
        .map((row, _) ->
            new ImageRecord.Place(row.getObject("store_id", UUID.class), row.getString("location")))
        .list();
  }

  /** Makes what an import added stay. */
  public void keepPlacesOf(Handle handle, UUID task) {
    handle
        .createUpdate("UPDATE image.location SET task_id = NULL WHERE task_id = :task")
        .bind("task", task)
        .execute();
  }

  /** Another image's bytes in the store that are the same. */
  public Optional<String> twin(Handle handle, UUID store, Bytes bytes) {
    return handle
        .createQuery(
            """
            SELECT l.location FROM image.image i JOIN image.location l ON l.image_id = i.id
            WHERE i.os_hash_value = :hash AND i.size = :size AND l.store_id = :store LIMIT 1\
            """)
        .bind("hash", bytes.hash())
        .bind("size", bytes.size())
        .bind("store", store)
        .mapTo(String.class)
        .findOne();
  }

  public void setImporting(Handle handle, UUID id, ImageRecord.Importing importing) {
    handle
        .createUpdate(
            """
            UPDATE image.image SET import_task = :task, importing_stores = :stores,
              failed_stores = :failed, updated_at = now()
            WHERE id = :id\
            """)
        .bind("id", id)
        .bind("task", importing.task().orElse(null))
        .bindArray("stores", String.class, importing.stores().orElse(List.of()))
        .bindArray("failed", String.class, importing.failed().orElse(List.of()))
        .execute();
  }

  public boolean delete(Handle handle, UUID id) {
    return handle.execute("DELETE FROM image.image WHERE id = ?", id) == 1;
  }

  /** Which bytes of a store belong to an image. */
  public Set<String> locations(Handle handle, UUID store) {
    return Set.copyOf(
        handle
            .createQuery(
                """
                SELECT location FROM image.location WHERE store_id = :store
                UNION ALL SELECT location FROM image.transfer WHERE store_id = :store\
                """)
            .bind("store", store)
            .mapTo(String.class)
            .list());
  }

  /** Whether this database has images in the store, or had any. */
  public boolean knowsStore(Handle handle, UUID store) {
    return handle
        .createQuery("SELECT 1 FROM image.store WHERE id = :store")
        .bind("store", store)
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  public void addStore(Handle handle, UUID store) {
    handle
        .createUpdate("INSERT INTO image.store (id) VALUES (:store) ON CONFLICT DO NOTHING")
        .bind("store", store)
        .execute();
  }

  public static ImageRecord read(ResultSet row) throws SQLException {
    return new ImageRecord(
        row.getObject("id", UUID.class),
        row.getString("status"),
        attributes(row),
        data(row),
        importing(row),
        Utc.at(row, "created_at"),
        Utc.at(row, "updated_at"));
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
    Array places = row.getArray("places");
    return places == null
        ? Optional.empty()
        : Optional.of(
            new ImageRecord.Data(
                row.getLong("size"),
                row.getLong("virtual_size"),
                row.getString("checksum"),
                row.getString("os_hash_value"),
                Arrays.stream((String[]) places.getArray()).map(ImageStore::place).toList()));
  }

  private static ImageRecord.Place place(String text) {
    String[] words = text.split(" ", 2);
    return new ImageRecord.Place(UUID.fromString(words[0]), words[1]);
  }

  private static ImageRecord.Importing importing(ResultSet row) throws SQLException {
    return new ImageRecord.Importing(
        Optional.ofNullable(row.getObject("import_task", UUID.class)),
        names(row.getArray("importing_stores")),
        names(row.getArray("failed_stores")));
  }

  private static Optional<List<String>> names(@Nullable Array names) throws SQLException {
    return names == null ? Optional.empty() : Optional.of(List.of((String[]) names.getArray()));
  }
}
