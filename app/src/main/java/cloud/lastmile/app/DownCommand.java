package cloud.lastmile.app;

import cloud.lastmile.app.CloudProcesses.Found;
import cloud.lastmile.app.CloudProcesses.Part;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/**
 * {@code lastmile down}: afterwards nothing of what it is to end runs, or it fails and says what.
 */
@Command(
    name = "down",
    description = "Stop the cloud. Guests and their networks keep running unless --all.")
final class DownCommand implements Callable<Integer> {
  private static final int LIMIT_SECONDS = 60;
  private static final Duration POLL = Duration.ofMillis(50);

  /** What ends with the program; a database that a dead one left has nobody any more. */
  static final Set<Part> OF_PROGRAM =
      Set.of(Part.SUPERVISOR, Part.PROGRAM, Part.CONVERTER, Part.DATABASE);

  @ParentCommand private Main main;

  @Option(names = "--all", description = "Also end the guests and OVN, and free the namespace.")
  private boolean all;

  @Override
  public Integer call() throws Exception {
    DataDirectory data = main.data();
    List<Found> before = CloudProcesses.of(data);
    boolean crashed = data.hasCrashed();
    boolean ran = stopProgram(data, before);
    List<Found> orphans = CloudProcesses.of(data).stream().filter(this::concerns).toList();
    if (data.wasUsed()) {
      // So that no other command starts a cloud while this one clears up.
      try (FileChannel _ = data.lock()) {
        endOrphans(data, orphans);
        data.forgetRunning();
      }
    } else {
      CloudProcesses.end(orphans);
    }
    List<Found> left = CloudProcesses.of(data).stream().filter(this::concerns).toList();
    if (!left.isEmpty()) {
      throw new CommandFailure("these do not end: " + named(left));
    }
    System.out.println(outcome(data, ran, crashed, orphans));
    return 0;
  }

  private boolean concerns(Found process) {
    return all || OF_PROGRAM.contains(process.part());
  }

  /** The supervisor first, or it would start the program again; it passes the word on. */
  private static boolean stopProgram(DataDirectory data, List<Found> processes) throws Exception {
    List<Found> supervisors = of(Part.SUPERVISOR, processes);
    List<Found> programs = of(Part.PROGRAM, processes);
    if (!programs.isEmpty() && data.running().isEmpty()) {
      System.err.println(
          "lastmile: a cloud on " + data.root() + " starts or stops; waiting for it");
      awaitWord(data, programs);
    }
    (supervisors.isEmpty() ? programs : supervisors).forEach(one -> one.handle().destroy());
    for (Found one : Stream.concat(supervisors.stream(), programs.stream()).toList()) {
      awaitEnd(one);
    }
    return !programs.isEmpty();
  }

  private static List<Found> of(Part part, List<Found> processes) {
    return processes.stream().filter(one -> one.part() == part).toList();
  }

  /**
   * Until it runs or has ended. One that does neither hangs, and its operator wants it gone: to be
   * stopped in a start or a stop is as good as a crash, which loses nothing.
   */
  private static void awaitWord(DataDirectory data, List<Found> programs)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (System.nanoTime() < end
        && data.running().isEmpty()
        && programs.stream().anyMatch(one -> one.handle().isAlive())) {
      Thread.sleep(POLL);
    }
  }

  private static void awaitEnd(Found process) throws Exception {
    try {
      process.handle().onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new CommandFailure(
          "%s does not end within %d s; see the log, or kill -9 %d and say down again"
              .formatted(process, LIMIT_SECONDS, process.handle().pid()));
    }
  }

  private void endOrphans(DataDirectory data, List<Found> orphans) throws Exception {
    if (all) {
      Engines.stopAll(data);
    }
    CloudProcesses.end(CloudProcesses.of(data).stream().filter(orphans::contains).toList());
  }

  private static String outcome(
      DataDirectory data, boolean ran, boolean crashed, List<Found> orphans) {
    if (ran) {
      return "stopped";
    }
    String ended = orphans.isEmpty() ? "" : "; ended what was left: " + named(orphans);
    return (crashed ? "the cloud had crashed on " : "no cloud ran on ") + data.root() + ended;
  }

  private static String named(List<Found> processes) {
    return processes.stream().map(Found::toString).collect(Collectors.joining(", "));
  }
}
