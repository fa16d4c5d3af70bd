package cloud.lastmile.placement;

import cloud.lastmile.placement.allocation.AllocationRoutes;
import cloud.lastmile.placement.allocation.AllocationStore;
import cloud.lastmile.placement.allocation.CandidateRoutes;
import cloud.lastmile.placement.allocation.CandidateSearch;
import cloud.lastmile.placement.allocation.ConsumerStore;
import cloud.lastmile.placement.api.Placement;
import cloud.lastmile.placement.common.PlacementFaults;
import cloud.lastmile.placement.common.Versions;
import cloud.lastmile.placement.inventory.InventoryRoutes;
import cloud.lastmile.placement.inventory.InventoryStore;
import cloud.lastmile.placement.inventory.ResourceClassRoutes;
import cloud.lastmile.placement.inventory.UsageRoutes;
import cloud.lastmile.placement.inventory.UsageStore;
import cloud.lastmile.placement.provider.AggregateRoutes;
import cloud.lastmile.placement.provider.LabelStore;
import cloud.lastmile.placement.provider.PlacementEvents;
import cloud.lastmile.placement.provider.ProviderRoutes;
import cloud.lastmile.placement.provider.ProviderStore;
import cloud.lastmile.placement.provider.TraitRoutes;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.Microversion;
import cloud.lastmile.platform.http.Microversions;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.service.Service;
import cloud.lastmile.platform.service.ServiceProfile;
import cloud.lastmile.platform.work.Events;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The placement service, put together. */
public final class PlacementService implements Service {
  private static final String PREFIX = "/placement";
  public static final ServiceProfile PROFILE = ServiceProfile.of("placement", "placement", PREFIX);

  private static final int MAX_BODY = 4 << 20;

  private final ServiceApi api;
  private final Placement placement;

  public PlacementService(Database database, Events outbox) {
    PlacementEvents events = new PlacementEvents(outbox);
    ProviderStore providers = new ProviderStore();
    LabelStore labels = new LabelStore();
    InventoryStore inventories = new InventoryStore();
    ConsumerStore consumers = new ConsumerStore();
    AllocationStore allocations = new AllocationStore(providers, inventories);
    this.placement =
        new InProcessPlacement(
            database, providers, labels, inventories, allocations, consumers, events);

    List<Route> routes = new ArrayList<>(VersionRoutes.routes());
    routes.addAll(new ProviderRoutes(database, providers, events).routes());
    routes.addAll(new InventoryRoutes(database, providers, inventories, events).routes());
    routes.addAll(new TraitRoutes(database, providers, labels, events).routes());
    routes.addAll(new AggregateRoutes(database, providers, labels, events).routes());
    routes.addAll(new ResourceClassRoutes(database, inventories, events).routes());
    routes.addAll(new UsageRoutes(database, providers, inventories, new UsageStore()).routes());
    routes.addAll(
        new AllocationRoutes(database, providers, consumers, allocations, events).routes());
    routes.addAll(
        new CandidateRoutes(database, new CandidateSearch(providers, labels, inventories))
            .routes());
    this.api =
        new ServiceApi(
            PROFILE.name(),
            PREFIX,
            new PlacementFaults(),
            Optional.of(
                new Microversions(
                    "placement",
                    Optional.empty(),
                    Microversion.of(Versions.MIN),
                    Microversion.of(Versions.MAX))),
            MAX_BODY,
            routes,
            List.of());
  }

  @Override
  public ServiceProfile profile() {
    return PROFILE;
  }

  @Override
  public ServiceApi api() {
    return api;
  }

  /** For compute. */
  public Placement placement() {
    return placement;
  }
}
