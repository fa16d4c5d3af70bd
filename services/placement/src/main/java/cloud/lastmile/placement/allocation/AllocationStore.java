package cloud.lastmile.placement.allocation;

import cloud.lastmile.placement.allocation.ConsumerStore.Consumer;
import cloud.lastmile.placement.common.Refusal;
import cloud.lastmile.placement.inventory.Inventory;
import cloud.lastmile.placement.inventory.InventoryStore;
import cloud.lastmile.placement.provider.ProviderStore;
import cloud.lastmile.platform.database.Sql;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Who uses how much of what. Every writer locks first the consumers, then the providers, each in
 * the order of their ids; under these locks it checks the room and writes, so that nothing is ever
 * sold twice.
 */
public final class AllocationStore {
  private final ProviderStore providers;
  private final InventoryStore inventories;

  public AllocationStore(ProviderStore providers, InventoryStore inventories) {
    this.providers = providers;
    this.inventories = inventories;
  }

  /** One allocation. */
  record Allocation(UUID consumer, UUID provider, String resourceClass, long amount) {}

  /** What a consumer shall have, by provider and resource class; empty for nothing. */
  public record Wanted(UUID consumer, Map<UUID, Map<String, Long>> byProvider) {}

  /** An allocation with what answers show beside it. */
  record Detail(
      Consumer consumer,
      UUID provider,
      int providerGeneration,
      String resourceClass,
      long amount) {}

  private static final String DETAILS =
      """
      SELECT c.id, c.generation, c.project_id, c.user_id, c.consumer_type, a.provider_id,
        p.generation AS provider_generation, a.resource_class, a.used
      FROM placement.allocation a
      JOIN placement.consumer c ON c.id = a.consumer_id
      JOIN placement.resource_provider p ON p.id = a.provider_id \
      """;

  private static final Sql GIVE_NEW =
      Sql.of(
          """
          WITH wanted AS (
            SELECT * FROM unnest(:classes, :amounts) AS wanted (class, amount)),
          made AS (
            INSERT INTO placement.consumer (id, generation, project_id, user_id, consumer_type)
            VALUES (:consumer, 1, :project, :user, :type)
            ON CONFLICT (id) DO NOTHING RETURNING id),
          giver AS (
            SELECT id FROM placement.resource_provider
            WHERE id = :provider AND EXISTS (SELECT FROM made) FOR UPDATE),
          stock AS (
            SELECT i.resource_class, wanted.amount
            FROM giver JOIN placement.inventory i ON i.provider_id = giver.id
            JOIN wanted ON wanted.class = i.resource_class
            WHERE wanted.amount BETWEEN i.min_unit AND i.max_unit
              AND wanted.amount % i.step_size = 0
              AND i.used + wanted.amount <= trunc((i.total - i.reserved) * i.allocation_ratio)
            FOR UPDATE OF i),
          fitting AS (
            SELECT * FROM stock
            WHERE (SELECT count(*) FROM stock) = (SELECT count(*) FROM wanted)),
          taken AS (
            UPDATE placement.inventory i SET used = i.used + fitting.amount FROM fitting
            WHERE i.provider_id = :provider AND i.resource_class = fitting.resource_class),
          given AS (
            INSERT INTO placement.allocation (consumer_id, provider_id, resource_class, used)
            SELECT :consumer, :provider, resource_class, amount FROM fitting),
          bumped AS (
            UPDATE placement.resource_provider
            SET generation = generation + 1, updated_at = now()
            WHERE id = :provider AND EXISTS (SELECT FROM fitting))
          SELECT EXISTS (SELECT FROM made) AS made, EXISTS (SELECT FROM fitting) AS fits\
          """);

  List<Detail> ofConsumer(Handle handle, UUID consumer) {
    return details(handle, "WHERE a.consumer_id = :id", consumer);
  }

  List<Detail> ofProvider(Handle handle, UUID provider) {
    return details(handle, "WHERE a.provider_id = :id", provider);
  }

  private static List<Detail> details(Handle handle, String where, UUID id) {
    return handle
        .createQuery(DETAILS + where + " ORDER BY a.consumer_id, a.provider_id, a.resource_class")
        .bind("id", id)
        .map((row, _) ->
            new Detail(
                ConsumerStore.read(row, false),
                row.getObject("provider_id", UUID.class),
                row.getInt("provider_generation"),
                row.getString("resource_class"),
                row.getLong("used")))
        .list();
  }

  /**
   * Makes a consumer and gives it this, all or nothing, in the order that every writer locks in.
   *
   * @return whether it fits; empty if there is such a consumer already, and nothing was done. One
   *     that got nothing is there all the same, with nothing.
   */
  public Optional<Boolean> giveNew(
      Handle handle, Consumer consumer, UUID provider, Map<String, Long> resources) {
    Map<String, Long> sorted = new TreeMap<>(resources);
    return GIVE_NEW
        .on(handle)
        .bind("consumer", consumer.id())
        .bind("project", consumer.projectId())
        .bind("user", consumer.userId())
        .bind("type", consumer.type().orElse(null))
        .bind("provider", provider)
        .bind("classes", sorted.keySet().toArray(String[]::new))
        .bind("amounts", sorted.values().toArray(Long[]::new))
        .one(
            row -> row.getBoolean("made") ? Optional.of(row.getBoolean("fits")) : Optional.empty());
  }

  /** Takes everything from a consumer, which the caller has locked. */
  public void release(Handle handle, UUID consumer) {
    Optional<Refusal> refusal = replace(handle, List.of(new Wanted(consumer, Map.of())));
    if (refusal.isPresent()) {
      throw new IllegalStateException("a release was refused: " + refusal.get());
    }
  }

  /** The consumers' allocations, which the caller has locked. */
  public List<Allocation> list(Handle handle, Collection<UUID> consumers) {
    return handle
        .createQuery(
            """
            SELECT consumer_id, provider_id, resource_class, used FROM placement.allocation
            WHERE consumer_id = ANY(:consumers)\
            """)
        .bindArray("consumers", UUID.class, List.copyOf(consumers))
        .map((row, _) ->
            new Allocation(
                row.getObject("consumer_id", UUID.class),
                row.getObject("provider_id", UUID.class),
                row.getString("resource_class"),
                row.getLong("used")))
        .list();
  }

  /**
   * Gives each consumer exactly what is wanted, all or nothing. The caller has locked the
   * consumers.
   *
   * @return why not; then nothing was changed
   */
  public Optional<Refusal> replace(Handle handle, List<Wanted> all) {
    List<UUID> consumers = all.stream().map(Wanted::consumer).toList();
    List<Allocation> before = list(handle, consumers);
    List<Allocation> after = new ArrayList<>();
    Set<UUID> touched = new TreeSet<>();
    before.forEach(allocation -> touched.add(allocation.provider()));
    for (Wanted wanted : all) {
      touched.addAll(wanted.byProvider().keySet());
      wanted
          .byProvider()
          .forEach((provider, resources) ->
              resources.forEach((resourceClass, amount) ->
                  after.add(new Allocation(wanted.consumer(), provider, resourceClass, amount))));
    }
    if (touched.isEmpty()) {
      return Optional.empty();
    }
    Set<UUID> locked = new TreeSet<>();
    providers.lockAll(handle, touched).forEach(provider -> locked.add(provider.id()));
    for (UUID provider : touched) {
      if (!locked.contains(provider)) {
        return Optional.of(new Refusal.NoProvider(provider));
      }
    }
    Map<UUID, Map<String, Inventory>> stock = inventories.byProvider(handle, touched);
    Map<UUID, Map<String, Long>> change = change(before, after);
    Optional<Refusal> refusal = check(after, stock, change);
    if (refusal.isEmpty()) {
      write(handle, consumers, after, change);
      providers.bump(handle, touched);
    }
    return refusal;
  }

  private static Map<UUID, Map<String, Long>> change(
      List<Allocation> before, List<Allocation> after) {
    Map<UUID, Map<String, Long>> change = new TreeMap<>();
    before.forEach(allocation -> add(change, allocation, -allocation.amount()));
    after.forEach(allocation -> add(change, allocation, allocation.amount()));
    return change;
  }

  private static void add(Map<UUID, Map<String, Long>> change, Allocation allocation, long amount) {
    change
        .computeIfAbsent(allocation.provider(), _ -> new TreeMap<>())
        .merge(allocation.resourceClass(), amount, Long::sum);
  }

  private static Optional<Refusal> check(
      List<Allocation> after,
      Map<UUID, Map<String, Inventory>> stock,
      Map<UUID, Map<String, Long>> change) {
    for (Allocation allocation : after) {
      UUID provider = allocation.provider();
      String resourceClass = allocation.resourceClass();
      Inventory inventory = stock.getOrDefault(provider, Map.of()).get(resourceClass);
      if (inventory == null) {
        return Optional.of(new Refusal.NoInventory(provider, resourceClass));
      }
      if (!inventory.takes(allocation.amount())) {
        return Optional.of(new Refusal.WrongAmount(provider, resourceClass));
      }
      long growth = change.getOrDefault(provider, Map.of()).getOrDefault(resourceClass, 0L);
      // A change that makes an overfull provider no fuller is let through.
      if (growth > 0 && inventory.used() + growth > inventory.capacity()) {
        return Optional.of(new Refusal.CapacityExceeded(provider, resourceClass));
      }
    }
    return Optional.empty();
  }

  private static void write(
      Handle handle,
      List<UUID> consumers,
      List<Allocation> after,
      Map<UUID, Map<String, Long>> change) {
    handle
        .createUpdate("DELETE FROM placement.allocation WHERE consumer_id = ANY(:consumers)")
        .bindArray("consumers", UUID.class, consumers)
        .execute();
    if (!after.isEmpty()) {
      PreparedBatch batch =
          handle.prepareBatch(
              """
              INSERT INTO placement.allocation (consumer_id, provider_id, resource_class, used)
              VALUES (:consumer, :provider, :class, :amount)\
              """);
      for (Allocation allocation : after) {
        batch
            .bind("consumer", allocation.consumer())
            .bind("provider", allocation.provider())
            .bind("class", allocation.resourceClass())
            .bind("amount", allocation.amount())
            .add();
      }
      batch.execute();
    }
    PreparedBatch usage =
        handle.prepareBatch(
            """
            UPDATE placement.inventory SET used = used + :change
            WHERE provider_id = :provider AND resource_class = :class\
            """);
    change.forEach((provider, classes) ->
        classes.forEach((resourceClass, amount) ->
            usage
                .bind("change", amount)
                .bind("provider", provider)
                .bind("class", resourceClass)
                .add()));
    usage.execute();
  }

  /** A consumer's allocations by provider and resource class. */
  public static Map<UUID, Map<String, Long>> byProvider(List<Allocation> allocations) {
    Map<UUID, Map<String, Long>> grouped = new HashMap<>();
    for (Allocation allocation : allocations) {
      grouped
          .computeIfAbsent(allocation.provider(), _ -> new HashMap<>())
          .put(allocation.resourceClass(), allocation.amount());
    }
    return grouped;
  }
}
