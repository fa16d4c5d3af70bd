package cloud.lastmile.ovn.daemon;

import cloud.lastmile.ovn.Links;
import cloud.lastmile.ovn.OvnConfig;
import cloud.lastmile.ovn.OvnConfig.Datapath;
import cloud.lastmile.ovn.OvnException;
import cloud.lastmile.ovn.ovsdb.OvsdbRemote;
import cloud.lastmile.platform.core.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All daemons that one host needs: three databases, the switch, northd and the controller. Where
 * the host has its own, none is started, watched or ended.
 */
public final class OvnDaemons implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OvnDaemons.class);
  private static final Duration LOG_CHECK = Duration.ofMinutes(1);

  private final OvnConfig config;
  private final Links links;
  private final Datapath datapath;
  private final Runnable switchStarted;
  private final Map<String, Daemon> daemons = new LinkedHashMap<>();
  private final Thread logKeeper;

  /**
   * @param links of the namespace in {@code config}
   * @param switchStarted is run whenever vswitchd was started: internal ports are new then
   */
  public OvnDaemons(OvnConfig config, Links links, Runnable switchStarted) {
    this.config = config;
    this.links = links;
    this.switchStarted = switchStarted;
    this.datapath = config.datapath().orElseGet(DatapathProbe::best);
    this.logKeeper = Thread.ofVirtual().name("ovn-logs").unstarted(this::keepLogs);
    if (own()) {
      DaemonSpecs specs = new DaemonSpecs(config);
      for (String database : DaemonSpecs.DATABASES) {
        add(specs.database(database), () -> {});
      }
      add(specs.vswitchd(), switchStarted);
      add(specs.northd(), () -> {});
      add(specs.controller(), () -> {});
    }
  }

  private void add(DaemonSpec spec, Runnable afterStart) {
    daemons.put(spec.name(), new Daemon(spec, afterStart));
  }

  private boolean own() {
    return config.daemons() instanceof OvnConfig.Daemons.Own;
  }

  public Datapath datapath() {
    return datapath;
  }

  public List<OvsdbRemote> northbound() {
    return config.daemons() instanceof OvnConfig.Daemons.OfHost host
        ? host.northbound()
        : socket("nb");
  }

  public List<OvsdbRemote> southbound() {
    return config.daemons() instanceof OvnConfig.Daemons.OfHost host
        ? host.southbound()
        : socket("sb");
  }

  public List<OvsdbRemote> ovs() {
    return config.daemons() instanceof OvnConfig.Daemons.OfHost host ? host.ovs() : socket("conf");
  }

  private List<OvsdbRemote> socket(String database) {
    return List.of(new OvsdbRemote.Unix(config.directory().resolve(database + ".sock")));
  }

  /**
   * Starts what does not run yet, and returns when all of it serves.
   *
   * @param configureSwitch is run between the start of the databases and that of the switch
   */
  public void start(Runnable configureSwitch) {
    prepare();
    if (!own()) {
      configureSwitch.run();
      switchStarted.run();
      return;
    }
    together(
        DaemonSpecs.DATABASES.stream().<Runnable>map(name -> () -> startDatabase(name)).toList());
    together(
        List.of(
            () -> daemon("ovn-northd").start(),
            () -> {
              configureSwitch.run();
              daemon("ovs-vswitchd").start();
              daemon("ovn-controller").start();
            }));
    logKeeper.start();
  }

  private void prepare() {
    try {
      Files.createDirectories(
          config.directory(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      links.createNamespace();
    } catch (IOException e) {
      throw new OvnException("cannot make " + config.directory(), e);
    } catch (CommandException e) {
      throw new OvnException("cannot make the network namespace", e);
    }
  }

  private void startDatabase(String name) {
    Daemon daemon = daemon("ovsdb-" + name);
    if (daemon.process().isEmpty()) {
      DatabaseFile.prepare(config.directory().resolve(name + ".db"), DaemonSpecs.schema(name));
    }
    daemon.start();
  }

  private Daemon daemon(String name) {
    Daemon daemon = daemons.get(name);
    if (daemon == null) {
      throw new IllegalArgumentException(name);
    }
    return daemon;
  }

  private static void together(List<Runnable> tasks) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<? extends Future<?>> running = tasks.stream().map(threads::submit).toList();
      for (Future<?> task : running) {
        task.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof OvnException known
          ? known
          : new OvnException("OVN did not start", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OvnException("interrupted while OVN started", e);
    }
  }

  /** The processes that run, by the daemon's name, for status and measurement. */
  public Map<String, ProcessHandle> processes() {
    Map<String, ProcessHandle> processes = new LinkedHashMap<>();
    daemons.forEach(
        (name, daemon) -> daemon.process().ifPresent(process -> processes.put(name, process)));
    return processes;
  }

  /** How often each daemon had to be started again since {@link #start}. */
  public Map<String, Integer> restarts() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    daemons.forEach((name, daemon) -> counts.put(name, daemon.restarts()));
    return counts;
  }

  private void keepLogs() {
    try {
      while (true) {
        Thread.sleep(LOG_CHECK);
        daemons.values().forEach(Daemon::rotateLog);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends all daemons. Guests lose their network; the databases keep what they hold. */
  public void stop() {
    logKeeper.interrupt();
    Map<String, List<String>> commands =
        Map.of(
            "ovn-controller",
            List.of("exit", "--restart"),
            "ovs-vswitchd",
            List.of("exit", "--cleanup"));
    for (String name : daemons.keySet().stream().toList().reversed()) {
      daemon(name).stop(commands.getOrDefault(name, List.of()));
    }
    LOG.debug("all daemons in {} ended", config.directory());
  }

  /** Stops watching; the daemons keep running. */
  @Override
  public void close() {
    logKeeper.interrupt();
    daemons.values().forEach(Daemon::release);
  }

  /** The control socket's answer to a command, for measurements and tests. */
  public Optional<String> command(String daemon, String command, String... arguments) {
    return daemon(daemon).command(command, arguments);
  }
}
