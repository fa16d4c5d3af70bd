package cloud.lastmile.compute;

import cloud.lastmile.agent.Host;
import cloud.lastmile.compute.action.ActionRoutes;
import cloud.lastmile.compute.action.ActionStore;
import cloud.lastmile.compute.action.AdminAction;
import cloud.lastmile.compute.action.ConsoleAction;
import cloud.lastmile.compute.action.CrashDumpAction;
import cloud.lastmile.compute.action.CreateImageAction;
import cloud.lastmile.compute.action.LockAction;
import cloud.lastmile.compute.action.PowerAction;
import cloud.lastmile.compute.action.RebootAction;
import cloud.lastmile.compute.action.RebuildAction;
import cloud.lastmile.compute.action.ServerAction;
import cloud.lastmile.compute.action.ServerActionRoutes;
import cloud.lastmile.compute.action.UnsupportedActions;
import cloud.lastmile.compute.boot.ImagePlanner;
import cloud.lastmile.compute.boot.ServerAccept;
import cloud.lastmile.compute.boot.ServerPlanner;
import cloud.lastmile.compute.common.ComputeEvents;
import cloud.lastmile.compute.common.ComputePolicies;
import cloud.lastmile.compute.common.Links;
import cloud.lastmile.compute.flavor.FlavorAccessRoutes;
import cloud.lastmile.compute.flavor.FlavorExtraSpecRoutes;
import cloud.lastmile.compute.flavor.FlavorRoutes;
import cloud.lastmile.compute.flavor.FlavorStore;
import cloud.lastmile.compute.group.ServerGroupRoutes;
import cloud.lastmile.compute.group.ServerGroupStore;
import cloud.lastmile.compute.host.AggregateRoutes;
import cloud.lastmile.compute.host.AggregateStore;
import cloud.lastmile.compute.host.HostServiceRoutes;
import cloud.lastmile.compute.host.HostShares;
import cloud.lastmile.compute.host.HostStore;
import cloud.lastmile.compute.host.Hosts;
import cloud.lastmile.compute.host.ZoneRoutes;
import cloud.lastmile.compute.hypervisor.HypervisorRoutes;
import cloud.lastmile.compute.hypervisor.HypervisorView;
import cloud.lastmile.compute.job.GuestSpecs;
import cloud.lastmile.compute.job.InterfaceAttach;
import cloud.lastmile.compute.job.InterfaceDetach;
import cloud.lastmile.compute.job.JobServer;
import cloud.lastmile.compute.job.Scheduler;
import cloud.lastmile.compute.job.ServerCrashDump;
import cloud.lastmile.compute.job.ServerCreate;
import cloud.lastmile.compute.job.ServerDelete;
import cloud.lastmile.compute.job.ServerDeletion;
import cloud.lastmile.compute.job.ServerOutcome;
import cloud.lastmile.compute.job.ServerPower;
import cloud.lastmile.compute.job.ServerReboot;
import cloud.lastmile.compute.job.ServerRebuild;
import cloud.lastmile.compute.job.ServerSnapshot;
import cloud.lastmile.compute.job.ServerTransition;
import cloud.lastmile.compute.keypair.KeypairRoutes;
import cloud.lastmile.compute.keypair.KeypairStore;
import cloud.lastmile.compute.metadata.MetadataServer;
import cloud.lastmile.compute.port.InterfacePlanner;
import cloud.lastmile.compute.port.NetworkPlanner;
import cloud.lastmile.compute.port.ServerPorts;
import cloud.lastmile.compute.proxy.ImageProxyRoutes;
import cloud.lastmile.compute.quota.ComputeQuotas;
import cloud.lastmile.compute.quota.LimitRoutes;
import cloud.lastmile.compute.quota.QuotaRoutes;
import cloud.lastmile.compute.quota.UsageRoutes;
import cloud.lastmile.compute.quota.UsageStore;
import cloud.lastmile.compute.request.InterfaceRoutes;
import cloud.lastmile.compute.request.OtherRoutes;
import cloud.lastmile.compute.request.ServerAddressRoutes;
import cloud.lastmile.compute.request.ServerListing;
import cloud.lastmile.compute.request.ServerMetadataRoutes;
import cloud.lastmile.compute.request.ServerRoutes;
import cloud.lastmile.compute.request.ServerTagRoutes;
import cloud.lastmile.compute.server.ActionLog;
import cloud.lastmile.compute.server.ServerEvents;
import cloud.lastmile.compute.server.ServerFinder;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.compute.view.ServerView;
import cloud.lastmile.compute.view.ServerViews;
import cloud.lastmile.compute.watch.HostWatch;
import cloud.lastmile.compute.watch.Leftovers;
import cloud.lastmile.image.api.Images;
import cloud.lastmile.network.api.Networks;
import cloud.lastmile.placement.api.Placement;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.policy.Quotas;
import cloud.lastmile.platform.service.Service;
import cloud.lastmile.platform.service.ServiceProfile;
import cloud.lastmile.platform.work.Jobs;
import cloud.lastmile.platform.work.WorkNode;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Wires compute and starts what runs in its background. */
public final class ComputeService implements Service {
  public static final ServiceProfile PROFILE =
      ServiceProfile.of("compute", "nova", Links.PREFIX + "/v2.1");

  private static final int MAX_BODY = 114_688;

  private final Database database;
  private final Jobs jobs;
  private final Images images;
  private final Networks networks;
  private final Placement placement;
  private final ComputeConfig config;
  private final InstantSource clock;
  private final ComputeQuotas quotas = new ComputeQuotas(new Quotas(ComputeQuotas.SET));
  private final FlavorStore flavors = new FlavorStore();
  private final KeypairStore keypairs = new KeypairStore();
  private final ServerStore servers = new ServerStore();
  private final ServerGroupStore groups = new ServerGroupStore();
  private final HostStore hostStore = new HostStore();
  private final ActionLog actions = new ActionLog();
  private final ComputeEvents events;
  private final ServerEvents serverEvents;
  private final Hosts hosts;
  private final ServerPorts ports;
  private final ServerView view;
  private final ImagePlanner imagePlanner;
  private final HostWatch watch;
  private final List<Route> routes;
  private Optional<MetadataServer> metadata = Optional.empty();

  /**
   * @param work not started yet: the constructor registers compute's sagas
   */
  public ComputeService(
      Database database,
      WorkNode work,
      Images images,
      Networks networks,
      Placement placement,
      ComputeConfig config,
      InstantSource clock) {
    this.database = database;
    this.jobs = work.jobs();
    this.events = new ComputeEvents(work.events());
    this.serverEvents = new ServerEvents(work.events());
    this.images = images;
    this.networks = networks;
    this.placement = placement;
    this.config = config;
    this.clock = clock;
    this.hosts = new Hosts(database, hostStore, placement, shares(config), clock);
    this.ports = new ServerPorts(database, servers, networks, jobs);
    this.view = new ServerView(hosts::status);
    this.imagePlanner = new ImagePlanner(images, hosts);
    GuestSpecs specs = new GuestSpecs(images);
    Leftovers leftovers = new Leftovers(database, servers, ports, placement, hosts, jobs);
    this.watch =
        new HostWatch(
            database,
            servers,
            hosts,
            specs,
            leftovers,
            jobs,
            serverEvents,
            config.reconcileInterval(),
            clock);
    this.routes = List.copyOf(wire(specs));
  }

  private static HostShares shares(ComputeConfig config) {
    return new HostShares(
        config.hostAddress(),
        config.cpuAllocationRatio(),
        config.memoryAllocationRatio(),
        config.diskAllocationRatio(),
        config.reservedMemoryMib());
  }

  private List<Route> wire(GuestSpecs specs) {
    ServerOutcome outcome = new ServerOutcome(servers, actions, serverEvents);
    ServerDelete delete =
        new ServerDelete(
            database,
            servers,
            placement,
            quotas,
            ports,
            hosts,
            actions,
            serverEvents,
            outcome,
            clock);
    jobs.register(delete.saga());
    ServerDeletion deletion = new ServerDeletion(database, servers, actions, jobs, delete, hosts);
    ServerFinder finder = new ServerFinder(database, servers);
    List<Route> all = new ArrayList<>(VersionRoutes.routes());
    all.addAll(new FlavorRoutes(database, flavors, events).routes());
    all.addAll(new FlavorExtraSpecRoutes(database, flavors, events).routes());
    all.addAll(new FlavorAccessRoutes(database, flavors, events).routes());
    all.addAll(new KeypairRoutes(database, keypairs, quotas, events, clock).routes());
    all.addAll(new ServerListing(database, servers, new ServerViews(view), hosts).routes());
    ServerAccept accept = accept(specs, outcome);
    all.addAll(
        new ServerRoutes(database, servers, view, hosts, accept, deletion, serverEvents).routes());
    all.addAll(serverParts(finder, specs, outcome));
    all.addAll(new ServerActionRoutes(serverActions(finder, specs, outcome, deletion)).routes());
    all.addAll(hostRoutes());
    return all;
  }

  private ServerAccept accept(GuestSpecs specs, ServerOutcome outcome) {
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
    jobs.register(creation.saga());
    ServerPlanner planner =
        new ServerPlanner(
            database, flavors, keypairs, groups, imagePlanner, new NetworkPlanner(networks), hosts);
    return new ServerAccept(
        database, planner, servers, groups, quotas, actions, serverEvents, jobs, creation, clock);
  }

  private List<Route> serverParts(ServerFinder finder, GuestSpecs specs, ServerOutcome outcome) {
    ServerTransition transition =
        new ServerTransition(database, servers, actions, serverEvents, jobs);
    List<Route> parts = new ArrayList<>();
    parts.addAll(new ServerMetadataRoutes(database, finder, transition, quotas).routes());
    parts.addAll(new ServerTagRoutes(finder, transition).routes());
    parts.addAll(new ServerAddressRoutes(finder).routes());
    parts.addAll(interfaces(finder, specs, outcome, transition).routes());
    parts.addAll(new ActionRoutes(database, finder, new ActionStore()).routes());
    parts.addAll(new OtherRoutes(finder).routes());
    return parts;
  }

  private InterfaceRoutes interfaces(
      ServerFinder finder, GuestSpecs specs, ServerOutcome outcome, ServerTransition transition) {
    JobServer jobServer = new JobServer(database, servers, hosts);
    InterfaceAttach attach =
        new InterfaceAttach(database, servers, ports, jobServer, specs, outcome);
    InterfaceDetach detach = new InterfaceDetach(ports, jobServer, specs, outcome);
    jobs.register(attach.saga());
    jobs.register(detach.saga());
    InterfacePlanner planner = new InterfacePlanner(networks);
    return new InterfaceRoutes(finder, planner, ports, transition, attach, detach);
  }

  private List<ServerAction> serverActions(
      ServerFinder finder, GuestSpecs specs, ServerOutcome outcome, ServerDeletion deletion) {
    ServerTransition transition =
        new ServerTransition(database, servers, actions, serverEvents, jobs);
    JobServer jobServer = new JobServer(database, servers, hosts);
    ServerPower power = new ServerPower(jobServer, specs, outcome, clock);
    ServerReboot reboot = new ServerReboot(jobServer, specs, outcome, clock);
    ServerRebuild rebuild = new ServerRebuild(database, servers, jobServer, specs, outcome, clock);
    ServerSnapshot snapshot =
        new ServerSnapshot(database, jobServer, images, config.snapshotDirectory(), outcome, clock);
    ServerCrashDump dump = new ServerCrashDump(jobServer, outcome);
    jobs.register(power.pause());
    jobs.register(power.unpause());
    jobs.register(dump.saga());
    jobs.register(power.start());
    jobs.register(power.stop());
    jobs.register(reboot.saga());
    jobs.register(rebuild.saga());
    jobs.register(snapshot.saga());
    return List.of(
        new PowerAction(finder, transition, power),
        new CrashDumpAction(finder, transition, dump),
        new RebootAction(finder, transition, reboot),
        new RebuildAction(
            database, finder, transition, rebuild, imagePlanner, keypairs, quotas, view, hosts),
        new CreateImageAction(database, finder, transition, snapshot, images, quotas),
        new ConsoleAction(finder, hosts),
        new LockAction(database, servers, finder, actions, serverEvents),
        new AdminAction(database, servers, finder, deletion, actions, serverEvents),
        new UnsupportedActions(finder));
  }

  private List<Route> hostRoutes() {
    List<Route> parts = new ArrayList<>();
    parts.addAll(new QuotaRoutes(database, quotas, events).routes());
    parts.addAll(new LimitRoutes(database, quotas).routes());
    parts.addAll(new ZoneRoutes(hosts).routes());
    parts.addAll(new UsageRoutes(database, new UsageStore(), clock).routes());
    parts.addAll(
        new AggregateRoutes(database, new AggregateStore(), hostStore, hosts, placement, events)
            .routes());
    parts.addAll(new ImageProxyRoutes(images).routes());
    parts.addAll(new HostServiceRoutes(database, hostStore, hosts, events).routes());
    parts.addAll(
        new HypervisorRoutes(database, servers, hostStore, new HypervisorView(hosts), placement)
            .routes());
    parts.addAll(new ServerGroupRoutes(database, groups, quotas, events).routes());
    return parts;
  }

  @Override
  public ServiceProfile profile() {
    return PROFILE;
  }

  @Override
  public ServiceApi api() {
    return new ServiceApi(
        PROFILE.name(),
        Links.PREFIX,
        new ComputeFaults(),
        Optional.of(VersionRoutes.MICROVERSIONS),
        MAX_BODY,
        routes,
        ComputePolicies.ASKED_BY_HANDLERS);
  }

  /** Begins to follow ports and hosts, and to serve metadata to guests. */
  @Override
  public void start() {
    ports.start();
    watch.start();
    metadata =
        Optional.of(MetadataServer.start(database, servers, networks, config.metadataSocket()));
  }

  /** Makes a host's resources available; the host stays its owner's to close. */
  public void register(Host host) {
    hosts.register(host);
    watch.follow(host);
  }

  /**
   * Compares all guests, ports and allocations with the database now; it happens by itself on a
   * timer.
   */
  public void reconcile() {
    watch.reconcileAll();
  }

  @Override
  public void close() {
    metadata.ifPresent(MetadataServer::close);
    watch.close();
    ports.close();
  }
}
