package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A cloud whose program dies comes back by itself; one whose supervisor died as well is seen for
 * what it is, and ended without a trace.
 */
class CrashTest {
  private static final String STATUS = "status";

  @Test
  void comesBackAndIsEndedWholly() throws Exception {
    try (TestedCloud neighbour = TestedCloud.start("--simulated");
        TestedCloud cloud = TestedCloud.startSupervised("--simulated")) {
      String url = cloud.url();
      long first = cloud.pid();
      TestedCloud.kill(first);
      Await.until("another program", () -> cloud.pid() != first && status(cloud).code() == 0);
      assertThat(cloud.url()).isEqualTo(url);
      assertThat(cloud.log()).contains("the program had crashed: signal KILL");

      hangUp(cloud);
      assertThat(status(cloud).code()).as("after SIGHUP").isZero();

      TestedCloud.kill(supervisor(cloud));
      TestedCloud.kill(cloud.pid());
      Outcome ailing = status(cloud);
      assertThat(ailing.code()).as(ailing.output()).isEqualTo(4);
      assertThat(ailing.output()).contains("AILING", "database: postgres", "ovn-northd");

      assertThat(cloud.lastmile("down", "--all"))
          .contains("had crashed", "database postgres", "network ovsdb-server");
      assertThat(commandsIn(cloud.data())).isEmpty();
      assertThat(status(cloud).code()).isEqualTo(3);
      assertThat(status(neighbour).code()).as("the neighbour").isZero();
    }
  }

  /** What an operator stops stays stopped, by whichever way. */
  @Test
  void staysDownWhenStopped() throws Exception {
    try (TestedCloud cloud = TestedCloud.startSupervised("--simulated")) {
      TestedCloud.run("kill", Long.toString(cloud.pid()));
      Await.until("the end", () -> status(cloud).code() == 3);
      assertThat(commandsIn(cloud.data())).noneMatch(line -> line.contains("supervise"));
      cloud.up();
      TestedCloud.run("kill", Long.toString(supervisor(cloud)));
      Await.until("the end", () -> status(cloud).code() == 3);
      cloud.up();
      assertThat(cloud.lastmile("down")).contains("stopped");
      assertThat(commandsIn(cloud.data()))
          .noneMatch(line -> line.contains("supervise") || line.contains("postgres"));
    }
  }

  private record Outcome(int code, String output) {}

  private static Outcome status(TestedCloud cloud) throws Exception {
    Process process = cloud.launch(STATUS);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), output);
  }

  private static void hangUp(TestedCloud cloud) throws Exception {
    TestedCloud.run("kill", "-HUP", Long.toString(cloud.pid()));
    TestedCloud.run("kill", "-HUP", Long.toString(supervisor(cloud)));
  }

  private static long supervisor(TestedCloud cloud) throws Exception {
    return ProcessHandle.of(cloud.pid()).flatMap(ProcessHandle::parent).orElseThrow().pid();
  }

  /** Command lines of all processes that name the directory or something in it. */
  private static List<String> commandsIn(Path directory) throws IOException {
    List<String> lines = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        String line = commandLine(process);
        if (line.contains(directory.toString())) {
          lines.add(line);
        }
      }
    }
    return lines;
  }

  private static String commandLine(Path process) {
    try {
      return new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
    } catch (IOException gone) {
      return "";
    }
  }
}
