package cloud.lastmile.app;

import cloud.lastmile.agent.Host;
import cloud.lastmile.app.metrics.MetricsApi;
import cloud.lastmile.app.metrics.ReconcileAlarms;
import cloud.lastmile.compute.ComputeService;
import cloud.lastmile.identity.IdentityService;
import cloud.lastmile.network.NetworkService;
import cloud.lastmile.ovn.OvnConfig;
import cloud.lastmile.ovn.OvnNetwork;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.DatabaseUrl;
import cloud.lastmile.platform.database.Migrations;
import cloud.lastmile.platform.database.embedded.EmbeddedPostgres;
import cloud.lastmile.platform.http.HttpServer;
import cloud.lastmile.platform.http.ServiceApi;
import cloud.lastmile.platform.policy.PolicyFile;
import cloud.lastmile.platform.policy.PolicyWatch;
import cloud.lastmile.platform.secret.MasterKey;
import cloud.lastmile.platform.work.WorkNode;
import cloud.lastmile.qemu.QemuHost;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running cloud: the one place where everything is wired, its {@link Services} among it. Started
 * in the order of dependencies, PostgreSQL beside OVN since each takes time; closed in reverse.
 * Guests, and OVN if it is ours, outlive it.
 */
public final class Cloud implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Cloud.class);
  private static final String DATABASE = "postgres";

  private final CloudConfig config;
  private final DataDirectory data;
  private final Runnable lost;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final InstantSource clock = InstantSource.system();
  private final PrometheusMeterRegistry metrics =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private List<ServiceApi> apis = List.of();
  private String url = "";

  private Cloud(CloudConfig config, DataDirectory data, Runnable lost) {
    this.config = config;
    this.data = data;
    this.lost = lost;
    // What the platform's loops say of themselves is counted there.
    Metrics.addRegistry(metrics);
    opened.push(() -> Metrics.removeRegistry(metrics));
  }

  /**
   * Returns when requests are answered; what was started is closed again if something fails.
   *
   * @param lost called once, if nobody can be answered any more
   */
  static Cloud start(CloudConfig config, DataDirectory data, Runnable lost) throws Exception {
    Cloud cloud = new Cloud(config, data, lost);
    try {
      cloud.start();
      return cloud;
    } catch (Exception | Error failure) {
      LOG.error("the start failed", failure);
      cloud.close();
      throw failure;
    }
  }

  private void start() throws Exception {
    OvnConfig ovnConfig = Engines.ovn(config, data);
    try (ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletableFuture<OvnNetwork> ovn =
          CompletableFuture.supplyAsync(() -> OvnNetwork.start(ovnConfig), starters);
      Database database = openDatabase();
      startServices(database, own(ovn.join()));
    } catch (CompletionException wrapped) {
      throw wrapped.getCause() instanceof Exception cause ? cause : wrapped;
    }
  }

  private Database openDatabase() {
    String external = config.database().url();
    DatabaseUrl address;
    if (external == null) {
      EmbeddedPostgres server =
          own(EmbeddedPostgres.start(EmbeddedPostgres.Config.in(data.postgres())));
      address = server.url(DATABASE);
    } else {
      address = DatabaseUrl.parse(external);
    }
    Database database = own(Database.connect(address));
    Migrations.apply(database, Services.schemas());
    return database;
  }

  private void startServices(Database database, OvnNetwork ovn) throws Exception {
    WorkNode work = new WorkNode(database, Engines.hostname(config));
    MasterKey key = MasterKey.in(data.credentialKey());
    Services services =
        Services.make(
            new Services.Parts(config, data, database, work, key, ovn, clock), opened::push);
    IdentityService identity = services.get(IdentityService.class);
    HttpServer server = own(PortChoice.bind(config, data, lost));
    // Jobs that an earlier run left go on as soon as the node starts: they must find the host.
    services.get(ComputeService.class).register(own(openHost(ovn)));
    services.start();
    identity.bootstrap(data.adminPassword(), Services.catalog(), config.region(), server.url());
    own(work).start();
    services.get(NetworkService.class).ensureExternal(identity.adminProjectId());
    ServiceApi own = new MetricsApi(metrics, new ReconcileAlarms(metrics, work)).api();
    apis = Stream.concat(services.apis().stream(), Stream.of(own)).toList();
    serve(server, identity);
  }

  private Host openHost(OvnNetwork ovn) throws Exception {
    return config.hypervisor().driver().equals("simulated")
        ? Engines.simulatedHost(config, data)
        : QemuHost.open(Engines.qemu(config, data, ovn.daemons().datapath()), ovn.vifDriver());
  }

  private void serve(HttpServer server, IdentityService identity) throws Exception {
    PolicyFile policy =
        new PolicyFile(data.policyFile(), apis.stream().flatMap(ServiceApi::rules).toList());
    server.serve(apis, config.identity().authenticator(identity), policy.load(), metrics);
    // Once more, on top: what was taken early is the first to stop.
    own(server);
    own(PolicyWatch.start(policy, server::replacePolicy));
    data.rememberPort(server.port());
    url = server.listenerUrl();
    LOG.info("answers at {}, for clients {}", url, server.url());
  }

  private <T extends AutoCloseable> T own(T part) {
    opened.push(part);
    return part;
  }

  String url() {
    return url;
  }

  List<ServiceApi> apis() {
    return apis;
  }

  /** What {@code /metrics} shows. */
  MeterRegistry metrics() {
    return metrics;
  }

  /** Stops in reverse; a part that fails to stop does not keep the others. */
  @Override
  public void close() {
    while (!opened.isEmpty()) {
      AutoCloseable part = opened.pop();
      try {
        part.close();
      } catch (Exception failure) {
        LOG.warn("{} did not stop cleanly", part.getClass().getSimpleName(), failure);
      }
    }
    LOG.info("stopped");
  }
}
