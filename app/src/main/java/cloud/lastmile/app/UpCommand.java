package cloud.lastmile.app;

import cloud.lastmile.platform.config.ConfigFile;
import cloud.lastmile.platform.core.OutgoingTls;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code lastmile up}. */
@Command(name = "up", description = "Start the cloud.")
final class UpCommand implements Callable<Integer> {
  /** Where the launcher listens for the word that a detached cloud is ready. */
  private static final String READY = "/proc/self/fd/3";

  /** What {@code bin/supervise} knows as the end of a program that nobody can reach. */
  private static final int UNHEARD = 4;

  @ParentCommand private Main main;

  @Option(names = "--detach", description = "Return when the cloud answers requests.")
  private boolean detach;

  @Option(
      names = "--database",
      paramLabel = "URL",
      description = "postgresql://user:password@host:port/name instead of the embedded one.")
  private @Nullable String database;

  @Option(names = "--port", description = "Where the API listens; 0 for any free one.")
  private @Nullable Integer port;

  @Option(
      names = "--no-restart",
      description = "Leave it to others, such as systemd, to start it again when it crashes.")
  @SuppressWarnings("UnusedVariable") // The launcher reads it.
  private boolean alone;

  @Option(names = "--simulated", description = "Guests are simulated: nothing boots.")
  private boolean simulated;

  @Option(
      names = "--ovn-nb",
      paramLabel = "REMOTE",
      description = "The host's own northbound database; with --ovn-sb and --ovs.")
  private @Nullable String northbound;

  @Option(names = "--ovn-sb", paramLabel = "REMOTE", description = "Its southbound database.")
  private @Nullable String southbound;

  @Option(names = "--ovs", paramLabel = "REMOTE", description = "Its Open vSwitch database.")
  private @Nullable String ovs;

  @Override
  public Integer call() throws Exception {
    DataDirectory data = main.data();
    data.create();
    try (FileChannel _ = data.lock()) {
      data.forgetRunning();
      System.setProperty("lastmile.log", data.logFile().toString());
      // PostgreSQL's driver logs through the JDK, which would write to the terminal.
      SLF4JBridgeHandler.removeHandlersForRootLogger();
      SLF4JBridgeHandler.install();
      CloudConfig config =
          ConfigFile.load(data.configFile(), CloudConfig.class)
              .overriddenBy(database, port, simulated, remotes());
      checkHeap(config);
      tellOfRestart();
      if (config.certificateAuthorities() != null) {
        OutgoingTls.alsoTrust(config.certificateAuthorities());
      }
      data.rememberOvn(config.network().ovn());
      Cloud cloud = Cloud.start(config, data, UpCommand::endUnheard);
      CountDownLatch stopped = new CountDownLatch(1);
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform()
                  .unstarted(() -> {
                    cloud.close();
                    forget(data);
                    stopped.countDown();
                  }));
      announce(data, cloud.url());
      stopped.await();
    }
    return 0;
  }

  /** The launcher reads plain lines only; what it could not read must not be ignored. */
  private static void checkHeap(CloudConfig config) {
    Integer wanted = config.heapMib();
    if (wanted != null
        && System.getenv("LASTMILE_HEAP_MIB") == null
        && Math.abs(wanted - (Runtime.getRuntime().maxMemory() >> 20)) > wanted / 8) {
      throw new CommandFailure(
          "heap_mib: the heap is %d MiB; write `heap_mib: %d` on a line of its own, without quotes"
              .formatted(Runtime.getRuntime().maxMemory() >> 20, wanted));
    }
  }

  /** As a crash, which loses nothing: whoever started the program is to start it again. */
  private static void endUnheard() {
    System.err.println("lastmile: nothing can listen any more; see the log");
    Runtime.getRuntime().halt(UNHEARD);
  }

  private static void forget(DataDirectory data) {
    try {
      data.forgetRunning();
    } catch (IOException kept) {
      log().warn("the next status will say that the cloud crashed", kept);
    }
  }

  /** Not a constant: where the log is, is known only when the directory is. */
  private static Logger log() {
    return LoggerFactory.getLogger(UpCommand.class);
  }

  /** {@code bin/supervise} says why there is another start. */
  private static void tellOfRestart() {
    String reason = System.getenv("LASTMILE_RESTARTED");
    if (reason != null) {
      log().warn("started again, for the program had crashed: {}", reason);
    }
  }

  private CloudConfig.@Nullable OvnRemotes remotes() {
    if (northbound == null && southbound == null && ovs == null) {
      return null;
    }
    if (northbound == null || southbound == null || ovs == null) {
      throw new CommandFailure("--ovn-nb, --ovn-sb and --ovs go together");
    }
    return new CloudConfig.OvnRemotes(northbound, southbound, ovs);
  }

  private void announce(DataDirectory data, String url) throws IOException {
    data.writeRunning(new DataDirectory.Running(ProcessHandle.current().pid(), url));
    String line = "ready: " + url + " (data " + data.root() + ")\n";
    if (!detach) {
      System.out.print(line);
      return;
    }
    try (FileOutputStream launcher = new FileOutputStream(READY)) {
      launcher.write(line.getBytes(StandardCharsets.UTF_8));
    } catch (IOException gone) {
      log().info("the launcher does not wait any more: {}", gone.getMessage());
    }
  }
}
