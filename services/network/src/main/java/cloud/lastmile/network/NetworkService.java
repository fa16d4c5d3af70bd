package cloud.lastmile.network;

import cloud.lastmile.network.api.NetworkConfig;
import cloud.lastmile.network.api.Networks;
import cloud.lastmile.network.backend.NetworkBackend;
import cloud.lastmile.network.common.NetworkDialect;
import cloud.lastmile.network.engine.EngineSync;
import cloud.lastmile.network.floatingip.FloatingIpNoun;
import cloud.lastmile.network.net.NetworkNoun;
import cloud.lastmile.network.port.PortNotices;
import cloud.lastmile.network.port.PortNoun;
import cloud.lastmile.network.port.PortRoutes;
import cloud.lastmile.network.router.RouterInterfaceRoutes;
import cloud.lastmile.network.router.RouterNoun;
import cloud.lastmile.network.securitygroup.SecurityGroupNoun;
import cloud.lastmile.network.securitygroup.SecurityGroupRuleNoun;
import cloud.lastmile.network.subnet.SubnetNoun;
import cloud.lastmile.network.subnetpool.SubnetPoolNoun;
import cloud.lastmile.network.write.NetworkWrite;
import cloud.lastmile.network.write.Writes;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.Route;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.policy.PolicyRule;
import cloud.lastmile.platform.policy.Quotas;
import cloud.lastmile.platform.resource.Hooks;
import cloud.lastmile.platform.resource.Resource;
import cloud.lastmile.platform.service.Service;
import cloud.lastmile.platform.service.ServiceProfile;
import cloud.lastmile.platform.work.WorkNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The network service, wired. */
public final class NetworkService implements Service {
  private static final String PREFIX = "/networking";
  public static final ServiceProfile PROFILE = ServiceProfile.of("network", "neutron", PREFIX);
  private static final int MAX_BODY = 1 << 20;

  private final EngineSync engine;
  private final NetworkBackend backend;
  private final PortNotices notices;
  private final Networks networks;
  private final ExternalNetwork external;
  private final ServiceApi api;

  /**
   * @param work not started yet; what it has is registered here
   */
  public NetworkService(
      Database database, WorkNode work, NetworkBackend backend, NetworkConfig config) {
    this.engine = new EngineSync(database, work, backend);
    this.notices = new PortNotices(database);
    Quotas quotas = new Quotas(QuotaRoutes.DEFAULTS);
    Writes writes =
        new Writes(database, engine, work.events(), quotas, notices::changed, config.engineWait());
    this.networks = new InProcessNetworks(database, writes, notices);
    this.backend = backend;
    Resource<NetworkWrite> networkRows =
        new Resource<>(NetworkNoun.NOUN, writes, new NetworkNoun(config));
    Resource<NetworkWrite> subnets =
        new Resource<>(SubnetNoun.NOUN, writes, new SubnetNoun(writes));
    Resource<NetworkWrite> ports = new Resource<>(PortNoun.NOUN, writes, Hooks.none());
    Resource<NetworkWrite> routers = new Resource<>(RouterNoun.NOUN, writes, new RouterNoun());
    this.external = new ExternalNetwork(writes, config, networkRows, subnets);
    List<Resource<NetworkWrite>> plain =
        List.of(
            networkRows,
            subnets,
            routers,
            new Resource<>(SecurityGroupNoun.NOUN, writes, new SecurityGroupNoun(writes)),
            new Resource<>(SecurityGroupRuleNoun.NOUN, writes, new SecurityGroupRuleNoun(writes)),
            new Resource<>(SubnetPoolNoun.NOUN, writes, new SubnetPoolNoun()),
            new Resource<>(FloatingIpNoun.NOUN, writes, new FloatingIpNoun(writes)));
    List<Route> routes = new ArrayList<>();
    routes.addAll(new VersionRoutes(PREFIX).routes());
    routes.addAll(new ExtensionRoutes().routes());
    routes.addAll(new PortRoutes(ports, writes).routes());
    routes.addAll(new QuotaRoutes(database, quotas).routes());
    routes.addAll(new RouterInterfaceRoutes(routers, writes).routes());
    routes.addAll(new TagRoutes(writes).routes());
    List<PolicyRule> others = new ArrayList<>(RouterNoun.rules());
    others.add(NetworkDialect.CONTEXT_IS_ADMIN);
    others.addAll(ports.otherRules());
    for (Resource<NetworkWrite> resource : plain) {
      routes.addAll(resource.routes("/v2.0"));
      others.addAll(resource.otherRules());
    }
    this.api =
        new ServiceApi(
            PROFILE.name(),
            PREFIX,
            new NetworkFaults(),
            Optional.empty(),
            MAX_BODY,
            routes,
            others);
  }

  @Override
  public ServiceProfile profile() {
    return PROFILE;
  }

  @Override
  public ServiceApi api() {
    return api;
  }

  /** For compute and metadata, in this process. */
  public Networks networks() {
    return networks;
  }

  /** Brings the engine to what the database says, and begins to listen to it. */
  @Override
  public void start() {
    notices.start();
    engine.start();
    backend.onPortStatus(notices::link);
  }

  /** Tells the engine all again, as at the start. */
  void tellAll() throws IOException {
    engine.reconcileAll();
  }

  /**
   * Makes the configured network to the outside, if there is one and it is not there yet.
   *
   * @param projectId who shall own it
   */
  public void ensureExternal(String projectId) {
    external.ensure(projectId);
  }

  @Override
  public void close() {
    engine.close();
    notices.close();
  }
}
