package cloud.lastmile.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What works by itself in the background does so for many owners, of whom one may be broken or
 * mean. So a class that begins such work either lets each thing be alone ({@code EachAlone}), or
 * says here why nobody's neighbour can suffer.
 */
class BackgroundWorkTest {
  private static final Path ROOT = Path.of(System.getProperty("lastmile.root"));

  private static final Pattern BEGINS =
      Pattern.compile(
          "Thread\\.of(Virtual|Platform)\\(\\)|startVirtualThread|scheduleWithFixedDelay"
              + "|scheduleAtFixedRate|newScheduledThreadPool|newSingleThreadScheduledExecutor");

  private static final String ONE_THING = "each thread serves one thing";
  private static final String THREADS = "makes threads for others' work, which is bounded there";

  private static final Map<String, String> REASONS =
      Map.ofEntries(
          Map.entry("Commands", ONE_THING),
          Map.entry("Database", THREADS),
          Map.entry("EmbeddedPostgres", ONE_THING),
          Map.entry("Listener", "one connection; notices are hints; or one wait"),
          Map.entry("Notices", "notices are hints; each is sent by a thread of its own"),
          Map.entry("CertificateWatch", "one certificate"),
          Map.entry("Acceptance", "one socket"),
          Map.entry("Budget", ONE_THING),
          Map.entry("ThreadedEndPoint", ONE_THING),
          Map.entry("Connections", "each connection is looked at by itself"),
          Map.entry(
              "ThreadedConnector", "each connection has a thread, and its failure is its own"),
          Map.entry("PolicyWatch", "one file"),
          Map.entry("EachAlone", "is the means itself"),
          Map.entry("Jobs", "each job has a thread, and its failure is its own"),
          Map.entry("Reconciler", "keys are tried alone once a batch has failed"),
          Map.entry("Wakeups", "notices are hints; each is sent by a thread of its own"),
          Map.entry("AuthenticationAudit", "one queue of rows, all written or all tried again"),
          Map.entry("Changes", "each notice is said again by a thread of its own"),
          Map.entry("HashingThreads", THREADS),
          Map.entry("KeyMaking", "one key after the other; a failure is told to who waits for it"),
          Map.entry("ImageParts", THREADS),
          Map.entry("Upkeep", "three statements, each of which is tried by itself"),
          Map.entry("TimedStream", ONE_THING),
          Map.entry("PacedStream", ONE_THING),
          Map.entry("ServerDeletion", ONE_THING),
          Map.entry("EngineSync", "one engine"),
          Map.entry("UpCommand", ONE_THING),
          Map.entry("Daemon", ONE_THING),
          Map.entry("ControlSocket", ONE_THING),
          Map.entry("OvnDaemons", "a few logs, each of which is cut by itself"),
          Map.entry("OvsdbClient", ONE_THING),
          Map.entry("GroupCommit", "a batch that fails is told to each of those who wait for it"),
          Map.entry("OvnNetwork", "gateways of one host"),
          Map.entry("PortStatus", "one listener, guarded"),
          Map.entry("MetadataKeeper", "each network's is tried by itself"),
          Map.entry("RunningGuest", ONE_THING),
          Map.entry("QmpClient", ONE_THING));

  private static Set<Path> beginners() {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> file.toString().contains("/src/main/"))
          .filter(file -> !file.toString().contains("/testing/"))
          .filter(file -> BEGINS.matcher(read(file)).find())
          .collect(Collectors.toSet());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static String type(Path file) {
    return file.getFileName().toString().replace(".java", "");
  }

  @Test
  void eachThingIsAloneOrThereIsAReason() {
    Set<String> open = new TreeSet<>();
    for (Path file : beginners()) {
      if (!read(file).contains("EachAlone") && !REASONS.containsKey(type(file))) {
        open.add(ROOT.relativize(file).toString());
      }
    }
    assertThat(open).isEmpty();
  }

  @Test
  void noReasonOutlivesItsCode() {
    Set<String> types =
        beginners().stream().map(BackgroundWorkTest::type).collect(Collectors.toSet());
    assertThat(REASONS.keySet()).isSubsetOf(types);
  }
}
