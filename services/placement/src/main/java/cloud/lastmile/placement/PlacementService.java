package cloud.lastmile.placement;

import cloud.lastmile.placement.api.Placement;
import cloud.lastmile.platform.database.Database;

/** The placement service, put together. */
public final class PlacementService {
  private final InProcessPlacement placement;

  public PlacementService(Database database) {
    ProviderStore providers = new ProviderStore();
    InventoryStore inventories = new InventoryStore();
    ConsumerStore consumers = new ConsumerStore();
    AllocationStore allocations = new AllocationStore(providers, inventories);
    this.placement =
        new InProcessPlacement(database, providers, inventories, allocations, consumers);
  }

  /** For compute. */
  public Placement placement() {
    return placement;
  }
}
