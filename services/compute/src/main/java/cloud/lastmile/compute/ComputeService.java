package cloud.lastmile.compute;

import cloud.lastmile.agent.Host;
import cloud.lastmile.image.api.Images;
import cloud.lastmile.network.api.Networks;
import cloud.lastmile.placement.api.Placement;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.policy.Quotas;
import cloud.lastmile.platform.work.Jobs;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Wires compute and starts what runs in its background. */
public final class ComputeService implements AutoCloseable {
  private static final int MAX_BODY = 114_688;

  private final ServerPorts ports;
  private final Hosts hosts;
  private final List<Route> routes = new ArrayList<>();

  /**
   * @param jobs not started yet: the constructor registers compute's sagas
   */
  public ComputeService(
      Database database,
      Jobs jobs,
      Images images,
      Networks networks,
      Placement placement,
      ComputeConfig config,
      InstantSource clock) {
    ComputeQuotas quotas = new ComputeQuotas(new Quotas(ComputeQuotas.SET));
    ComputeEvents events = (handle, what, server, requestId) -> {};
    FlavorStore flavors = new FlavorStore();
    KeypairStore keypairs = new KeypairStore();
    ServerStore servers = new ServerStore();
    ServerGroupStore groups = new ServerGroupStore();
    ActionLog actions = new ActionLog();
    hosts = new Hosts(database, new HostStore(), placement, config, clock);
    ports = new ServerPorts(database, servers, networks, jobs);
    ServerView view = new ServerView(hosts::status);
    GuestSpecs specs = new GuestSpecs(images);
    ServerOutcome outcome = new ServerOutcome(servers, actions, events);
    Scheduler scheduler = new Scheduler(database, placement, servers, groups, hosts);
    ServerCreate creation =
        new ServerCreate(
            database,
            servers,
            scheduler,
            placement,
            ports,
            hosts,
            specs,
            outcome,
            config.portTimeout(),
            clock);
    ServerDelete deletion =
        new ServerDelete(
            database, servers, placement, quotas, ports, hosts, actions, events, outcome, clock);
    jobs.register(creation.saga());
    jobs.register(deletion.saga());
    ServerPlanner planner =
        new ServerPlanner(
            database,
            flavors,
            keypairs,
            groups,
            new ImagePlanner(images),
            new NetworkPlanner(networks),
            hosts);
    ServerAccept accept =
        new ServerAccept(
            database, planner, servers, groups, quotas, actions, events, jobs, creation, clock);
    ServerDeletion deletions =
        new ServerDeletion(database, servers, actions, jobs, deletion, hosts);
    routes.addAll(VersionRoutes.routes());
    routes.addAll(new FlavorRoutes(database, flavors).routes());
    routes.addAll(new FlavorExtraSpecRoutes(database, flavors).routes());
    routes.addAll(new FlavorAccessRoutes(database, flavors).routes());
    routes.addAll(new KeypairRoutes(database, keypairs, quotas).routes());
    routes.addAll(new ServerListing(database, servers, new ServerViews(view), hosts).routes());
    routes.addAll(new ServerRoutes(database, servers, view, hosts, accept, deletions).routes());
  }

  /** What the API layer serves under {@code /compute}. */
  public ServiceApi api() {
    return new ServiceApi(
        "compute",
        Links.PREFIX,
        new ComputeFaults(),
        Optional.of(VersionRoutes.MICROVERSIONS),
        MAX_BODY,
        routes,
        ComputePolicies.ASKED_BY_HANDLERS);
  }

  /** Begins to follow ports and hosts. */
  public void start() {
    ports.start();
  }

  /** Makes a host's resources available; the host stays its owner's to close. */
  public void register(Host host) {
    hosts.register(host);
  }

  @Override
  public void close() {
    ports.close();
  }
}
