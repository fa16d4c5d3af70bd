package cloud.lastmile.placement;

import cloud.lastmile.placement.allocation.AllocationStore;
import cloud.lastmile.placement.allocation.ConsumerStore;
import cloud.lastmile.placement.allocation.SimpleCandidates;
import cloud.lastmile.placement.api.Placement;
import cloud.lastmile.placement.common.StandardNames;
import cloud.lastmile.placement.inventory.InventoryStore;
import cloud.lastmile.placement.provider.LabelStore;
import cloud.lastmile.placement.provider.PlacementEvents;
import cloud.lastmile.placement.provider.Provider;
import cloud.lastmile.placement.provider.ProviderStore;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.database.Database;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;

/** Placement for compute, in the same process. */
final class InProcessPlacement implements Placement {
  private static final String INSTANCE = "INSTANCE";

  private final Database database;
  private final ProviderStore providers;
  private final LabelStore labels;
  private final InventoryStore inventories;
  private final AllocationStore allocations;
  private final ConsumerStore consumers;
  private final PlacementEvents events;
  private final SimpleCandidates candidates;

  InProcessPlacement(
      Database database,
      ProviderStore providers,
      LabelStore labels,
      InventoryStore inventories,
      AllocationStore allocations,
      ConsumerStore consumers,
      PlacementEvents events) {
    this.database = database;
    this.providers = providers;
    this.labels = labels;
    this.inventories = inventories;
    this.allocations = allocations;
    this.consumers = consumers;
    this.events = events;
    this.candidates = new SimpleCandidates(inventories);
  }

  @Override
  public void putProvider(
      UUID id, String name, Map<String, Placement.Inventory> wanted, Set<String> traits) {
    Map<String, cloud.lastmile.placement.inventory.Inventory> stock = new HashMap<>();
    wanted.forEach(
        (resourceClass, inventory) -> stock.put(resourceClass, stock(resourceClass, inventory)));
    try {
      database.change(handle -> putProvider(handle, id, name, stock, traits));
    } catch (RuntimeException failure) {
      String constraint = Database.violated(failure).orElse("");
      throw switch (constraint) {
        case ProviderStore.NAME ->
            ApiException.conflict("Conflicting resource provider name: " + name + " exists.");
        case "allocation_inventory" ->
            ApiException.conflict("An inventory of " + name + " is in use and cannot be removed.");
        default -> failure;
      };
    }
  }

  private static cloud.lastmile.placement.inventory.Inventory stock(
      String resourceClass, Placement.Inventory inventory) {
    StandardNames.requireResourceClass(resourceClass);
    return new cloud.lastmile.placement.inventory.Inventory(
        resourceClass,
        inventory.total(),
        inventory.reserved(),
        1,
        Math.max(1, inventory.total()),
        1,
        inventory.allocationRatio(),
        0);
  }

  private void putProvider(
      Handle handle,
      UUID id,
      String name,
      Map<String, cloud.lastmile.placement.inventory.Inventory> stock,
      Set<String> traits) {
    providers.insert(handle, id, name, id, null);
    Provider provider = providers.lock(handle, id).orElseThrow();
    if (!provider.name().equals(name)) {
      providers.rename(handle, id, name);
    }
    List<cloud.lastmile.placement.inventory.Inventory> changed = new ArrayList<>(stock.values());
    Set<String> gone = new TreeSet<>();
    for (cloud.lastmile.placement.inventory.Inventory present : inventories.list(handle, id)) {
      cloud.lastmile.placement.inventory.Inventory next = stock.get(present.resourceClass());
      if (next == null) {
        gone.add(present.resourceClass());
      } else if (next.sameAs(present)) {
        changed.remove(next);
      }
    }
    Set<String> before = labels.traits(handle, id);
    Set<String> after = new TreeSet<>(traits);
    // Those with names of their own an operator gave it; they stay, as in the reference.
    before.stream().filter(trait -> trait.startsWith("CUSTOM_")).forEach(after::add);
    if (changed.isEmpty() && gone.isEmpty() && before.equals(after)) {
      return;
    }
    inventories.put(handle, id, provider.root(), changed);
    inventories.delete(handle, id, gone);
    labels.setTraits(handle, id, after);
    providers.bump(handle, Set.of(id));
    events.ofProvider(
        handle,
        "resource_provider",
        "update",
        providers.find(handle, id).orElseThrow(),
        Ids.requestId());
  }

  @Override
  public void joinAggregate(Handle handle, UUID provider, UUID aggregate) {
    changeAggregates(handle, provider, aggregates -> aggregates.add(aggregate));
  }

  @Override
  public void leaveAggregate(Handle handle, UUID provider, UUID aggregate) {
    changeAggregates(handle, provider, aggregates -> aggregates.remove(aggregate));
  }

  private void changeAggregates(Handle handle, UUID id, Predicate<Set<UUID>> change) {
    // A host that was taken away has no provider any more.
    if (providers.lock(handle, id).isEmpty()) {
      return;
    }
    Set<UUID> aggregates = labels.aggregates(handle, id);
    if (change.test(aggregates)) {
      labels.setAggregates(handle, id, aggregates);
      providers.bump(handle, Set.of(id));
      Provider changed = providers.find(handle, id).orElseThrow();
      events.ofProvider(handle, "aggregates", "update", changed, Ids.requestId());
    }
  }

  @Override
  public List<Candidate> candidates(Request request) {
    return database.read(handle -> candidates.find(handle, request));
  }

  @Override
  public boolean claim(
      Handle handle,
      UUID consumer,
      UUID provider,
      Map<String, Long> resources,
      String projectId,
      String userId) {
    Optional<Boolean> given =
        allocations.giveNew(
            handle,
            new ConsumerStore.Consumer(consumer, 0, projectId, userId, Optional.of(INSTANCE), true),
            provider,
            resources);
    if (given.isPresent()) {
      if (!given.get()) {
        consumers.forgetEmpty(handle, Set.of(consumer));
      }
      return given.get();
    }
    consumers.ensure(handle, consumer, projectId, userId, INSTANCE);
    Map<UUID, Map<String, Long>> wanted = Map.of(provider, Map.copyOf(resources));
    if (AllocationStore.byProvider(allocations.list(handle, Set.of(consumer))).equals(wanted)) {
      return true;
    }
    boolean refused =
        allocations
            .replace(handle, List.of(new AllocationStore.Wanted(consumer, wanted)))
            .isPresent();
    if (refused) {
      consumers.forgetEmpty(handle, Set.of(consumer));
      return false;
    }
    consumers.update(handle, consumer, projectId, userId, INSTANCE);
    return true;
  }

  @Override
  public void release(Handle handle, UUID consumer) {
    if (consumers.lock(handle, consumer)) {
      allocations.release(handle, consumer);
      consumers.forgetEmpty(handle, Set.of(consumer));
    }
  }

  @Override
  public Set<UUID> claimants() {
    return database.read(handle -> consumers.ofType(handle, INSTANCE));
  }

  @Override
  public Map<UUID, Map<String, Long>> usages() {
    return database.read(inventories::usages);
  }
}
