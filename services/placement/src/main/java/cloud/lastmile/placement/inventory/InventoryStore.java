package cloud.lastmile.placement.inventory;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Inventories. Those who write hold the lock on the provider's row, see {@code ProviderStore.lock}.
 */
public final class InventoryStore {
  private static final String COLUMNS =
      "resource_class, total, reserved, min_unit, max_unit, step_size, allocation_ratio, used";

  /** A provider's inventories by resource class, in order of the class's name. */
  public List<Inventory> list(Handle handle, UUID provider) {
    return handle
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM placement.inventory WHERE provider_id = :provider"
                + " ORDER BY resource_class")
        .bind("provider", provider)
        .map((row, _) -> read(row))
        .list();
  }

  /** The inventories of several providers, by provider and resource class. */
  public Map<UUID, Map<String, Inventory>> byProvider(Handle handle, Collection<UUID> providers) {
    Map<UUID, Map<String, Inventory>> found = new HashMap<>();
    handle
        .createQuery(
            "SELECT provider_id, "
                + COLUMNS
                + " FROM placement.inventory WHERE provider_id = ANY(:providers)"
                + " ORDER BY resource_class")
        .bindArray("providers", UUID.class, new ArrayList<>(providers))
        .map((row, _) -> Map.entry(row.getObject("provider_id", UUID.class), read(row)))
        .forEach(entry ->
            found
                .computeIfAbsent(entry.getKey(), _ -> new HashMap<>())
                .put(entry.getValue().resourceClass(), entry.getValue()));
    return found;
  }

  /** Used amounts of every provider. */
  public Map<UUID, Map<String, Long>> usages(Handle handle) {
    Map<UUID, Map<String, Long>> found = new HashMap<>();
    handle
        .createQuery("SELECT provider_id, resource_class, used FROM placement.inventory")
        .map((row, _) -> Map.entry(row.getObject("provider_id", UUID.class), usage(row)))
        .forEach(entry ->
            found
                .computeIfAbsent(entry.getKey(), _ -> new HashMap<>())
                .put(entry.getValue().getKey(), entry.getValue().getValue()));
    return found;
  }

  /** Used amounts of one provider. */
  Map<String, Long> usages(Handle handle, UUID provider) {
    Map<String, Long> usages = new TreeMap<>();
    list(handle, provider)
        .forEach(inventory -> usages.put(inventory.resourceClass(), inventory.used()));
    return usages;
  }

  boolean usesClass(Handle handle, String resourceClass) {
    return handle
        .createQuery("SELECT 1 FROM placement.inventory WHERE resource_class = :class LIMIT 1")
        .bind("class", resourceClass)
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  private static Map.Entry<String, Long> usage(ResultSet row) throws SQLException {
    return Map.entry(row.getString("resource_class"), row.getLong("used"));
  }

  /** Adds inventories or overwrites those of the same class; what is used stays. */
  public void put(Handle handle, UUID provider, UUID root, Collection<Inventory> inventories) {
    if (inventories.isEmpty()) {
      return;
    }
    PreparedBatch batch =
        handle.prepareBatch(
            """
            INSERT INTO placement.inventory (provider_id, root_id, resource_class, total, reserved,
              min_unit, max_unit, step_size, allocation_ratio)
            VALUES (:provider, :root, :class, :total, :reserved, :min, :max, :step, :ratio)
            ON CONFLICT (provider_id, resource_class) DO UPDATE SET total = excluded.total,
              reserved = excluded.reserved, min_unit = excluded.min_unit,
              max_unit = excluded.max_unit, step_size = excluded.step_size,
              allocation_ratio = excluded.allocation_ratio, updated_at = now()\
            """);
    for (Inventory inventory : inventories) {
      batch
          .bind("provider", provider)
          .bind("root", root)
          .bind("class", inventory.resourceClass())
          .bind("total", inventory.total())
          .bind("reserved", inventory.reserved())
          .bind("min", inventory.minUnit())
          .bind("max", inventory.maxUnit())
          .bind("step", inventory.stepSize())
          .bind("ratio", inventory.allocationRatio())
          .add();
    }
    batch.execute();
  }

  /** Fails on the constraint {@code allocation_inventory} if one of them is in use. */
  public void delete(Handle handle, UUID provider, Collection<String> resourceClasses) {
    handle
        .createUpdate(
            """
            DELETE FROM placement.inventory
            WHERE provider_id = :provider AND resource_class = ANY(:classes)\
            """)
        .bind("provider", provider)
        .bindArray("classes", String.class, new ArrayList<>(resourceClasses))
        .execute();
  }

  static Inventory read(ResultSet row) throws SQLException {
    return new Inventory(
        row.getString("resource_class"),
        row.getLong("total"),
        row.getLong("reserved"),
        row.getLong("min_unit"),
        row.getLong("max_unit"),
        row.getLong("step_size"),
        row.getDouble("allocation_ratio"),
        row.getLong("used"));
  }
}
