package cloud.lastmile.placement;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** Resource providers, their traits and aggregates. */
final class ProviderStore {
  static final String NAME = "resource_provider_name";
  static final String PRIMARY_KEY = "resource_provider_pkey";
  static final String PARENT = "resource_provider_parent";

  private static final String COLUMNS =
      "id, name, generation, root_id, parent_id, created_at, updated_at";

  Optional<Provider> find(Handle handle, UUID id) {
    return select(handle, "WHERE id = :id").bind("id", id).map((row, _) -> read(row)).findOne();
  }

  /** Locks the provider until the transaction's end: its inventories and allocations are ours. */
  Optional<Provider> lock(Handle handle, UUID id) {
    return select(handle, "WHERE id = :id FOR UPDATE")
        .bind("id", id)
        .map((row, _) -> read(row))
        .findOne();
  }

  /** As {@link #lock}, always in the same order, so that two who lock several do not deadlock. */
  List<Provider> lockAll(Handle handle, Collection<UUID> ids) {
    return select(handle, "WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
        .bindArray("ids", UUID.class, List.copyOf(new TreeSet<>(ids)))
        .map((row, _) -> read(row))
        .list();
  }

  private static Query select(Handle handle, String rest) {
    return handle.createQuery("SELECT " + COLUMNS + " FROM placement.resource_provider " + rest);
  }

  /** Whether it was added; not if one with this id is there. */
  boolean insert(Handle handle, UUID id, String name, UUID root, @Nullable UUID parent) {
    return handle
            .createUpdate(
                """
                INSERT INTO placement.resource_provider (id, name, root_id, parent_id)
                VALUES (:id, :name, :root, :parent) ON CONFLICT (id) DO NOTHING\
                """)
            .bind("id", id)
            .bind("name", name)
            .bind("root", root)
            .bindByType("parent", parent, UUID.class)
            .execute()
        == 1;
  }

  void rename(Handle handle, UUID id, String name) {
    handle
        .createUpdate(
            """
            UPDATE placement.resource_provider SET name = :name, updated_at = now()
            WHERE id = :id\
            """)
        .bind("id", id)
        .bind("name", name)
        .execute();
  }

  /** The next generation of these providers; the caller holds their locks. */
  void bump(Handle handle, Collection<UUID> ids) {
    handle
        .createUpdate(
            """
            UPDATE placement.resource_provider
            SET generation = generation + 1, updated_at = now()
            WHERE id = ANY(:ids)\
            """)
        .bindArray("ids", UUID.class, List.copyOf(ids))
        .execute();
  }

  Set<String> traits(Handle handle, UUID id) {
    return new TreeSet<>(
        handle
            .createQuery("SELECT trait FROM placement.provider_trait WHERE provider_id = :id")
            .bind("id", id)
            .mapTo(String.class)
            .list());
  }

  void setTraits(Handle handle, UUID id, Collection<String> traits) {
    handle
        .createUpdate(
            """
            WITH gone AS (
              DELETE FROM placement.provider_trait
              WHERE provider_id = :id AND trait <> ALL(:traits))
            INSERT INTO placement.provider_trait (provider_id, trait)
            SELECT :id, trait FROM unnest(:traits) AS trait
            ON CONFLICT DO NOTHING\
            """)
        .bind("id", id)
        .bindArray("traits", String.class, List.copyOf(traits))
        .execute();
  }

  static Provider read(ResultSet row) throws SQLException {
    return new Provider(
        row.getObject("id", UUID.class),
        row.getString("name"),
        row.getInt("generation"),
        row.getObject("root_id", UUID.class),
        Optional.ofNullable(row.getObject("parent_id", UUID.class)),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }

  /** The standing usage of one provider by class. */
  Map<String, Long> usages(Handle handle, UUID id) {
    return handle
        .createQuery(
            """
            SELECT resource_class, used FROM placement.inventory
            WHERE provider_id = :id ORDER BY resource_class\
            """)
        .bind("id", id)
        .reduceRows(
            new java.util.LinkedHashMap<>(),
            (usages, row) -> {
              usages.put(
                  row.getColumn("resource_class", String.class), row.getColumn("used", Long.class));
              return usages;
            });
  }
}
