package cloud.lastmile.app;

import cloud.lastmile.app.CloudProcesses.Found;
import cloud.lastmile.app.CloudProcesses.Part;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/**
 * {@code lastmile status}: exit code 0 if the cloud answers, 3 if nothing of it runs, 4 if parts of
 * it run and it does not answer.
 */
@Command(name = "status", description = "What runs.")
final class StatusCommand implements Callable<Integer> {
  static final int NOT_RUNNING = 3;
  static final int AILING = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @ParentCommand private Main main;

  @Override
  public Integer call() throws IOException, InterruptedException {
    DataDirectory data = main.data();
    List<Found> processes = CloudProcesses.of(data);
    if (processes.isEmpty() || isStopped(data, processes)) {
      System.out.println("no cloud runs on " + data.root());
      show(processes);
      return NOT_RUNNING;
    }
    Optional<DataDirectory.Running> running = data.running();
    String ailment = running.isEmpty() ? programless(processes) : unheard(data, running.get());
    if (running.isPresent()) {
      System.out.println("running: process " + running.get().pid() + ", " + running.get().url());
    }
    System.out.println("data:    " + data.root());
    System.out.println("log:     " + data.logFile());
    counted(processes).forEach((part, ones) -> System.out.printf("%-8s %s%n", part + ":", ones));
    if (!ailment.isEmpty()) {
      System.out.println("AILING:  " + ailment);
      return AILING;
    }
    return 0;
  }

  /** Guests and their networks keep running when a cloud is stopped. */
  private static boolean isStopped(DataDirectory data, List<Found> processes) {
    return !data.hasCrashed()
        && processes.stream().noneMatch(one -> DownCommand.OF_PROGRAM.contains(one.part()));
  }

  private static void show(List<Found> processes) {
    counted(processes).forEach((part, ones) -> System.out.printf("%-8s %s%n", part + ":", ones));
  }

  /** Guests may be many: theirs is a number. */
  private static Map<Part, String> counted(List<Found> processes) {
    Map<Part, String> lines = new TreeMap<>();
    processes.stream()
        .collect(Collectors.groupingBy(Found::part))
        .forEach((part, ones) ->
            lines.put(
                part,
                part == Part.GUEST
                    ? ones.size() + " processes"
                    : ones.stream()
                        .map(one -> one.name() + " " + one.handle().pid())
                        .collect(Collectors.joining(", "))));
    return lines;
  }

  private static String programless(List<Found> processes) {
    if (processes.stream().anyMatch(one -> one.part() == Part.PROGRAM)) {
      return "the program starts or stops; see the log";
    }
    return processes.stream().anyMatch(one -> one.part() == Part.SUPERVISOR)
        ? "the program has ended and is to be started again; see the log"
        : "the program has ended; `up` starts it again, `down --all` ends the rest";
  }

  /** Any answer will do, of a service or a refusal: it shows that somebody listens. */
  private static String unheard(DataDirectory data, DataDirectory.Running running)
      throws InterruptedException {
    OwnListener listener;
    try {
      listener = OwnListener.of(data, running);
    } catch (IOException | RuntimeException unreadable) {
      return "cannot be asked: " + CommandFailure.message(unreadable);
    }
    try (HttpClient client = listener.http().connectTimeout(PATIENCE).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(listener.url() + "/identity/v3"))
              .timeout(PATIENCE)
              .build();
      client.send(request, HttpResponse.BodyHandlers.discarding());
      return "";
    } catch (IOException failure) {
      if (OwnListener.showedAnother(failure)) {
        // It answers all the same; a renewed one that does not fit is the usual reason.
        System.out.println("NOTE:    " + listener.url() + " " + CommandFailure.message(failure));
        return "";
      }
      return listener.url() + " does not answer: " + CommandFailure.message(failure);
    }
  }
}
