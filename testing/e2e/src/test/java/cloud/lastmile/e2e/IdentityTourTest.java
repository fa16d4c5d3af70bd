package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Walks with the ordinary client through {@code identity-tour.txt}, which is the test. */
class IdentityTourTest {
  private static final Pattern EXPORT = Pattern.compile("export (\\w+)='?([^']*)'?");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  @TempDir private Path directory;

  /** A command of the tour and the texts that must be in its output. */
  private record Step(String line, List<String> texts) {}

  @Test
  void theTour() throws Exception {
    Files.writeString(directory.resolve("filters.json"), "{\"interface\": \"public\"}");
    Files.writeString(
        directory.resolve("rules.json"),
        "[{\"service\": \"compute\", \"method\": \"GET\", \"path\": \"/v2.1/servers\"}]");
    Files.writeString(
        directory.resolve("mapping.json"),
        "[{\"local\": [{\"user\": {\"name\": \"{0}\"}}], \"remote\": [{\"type\": \"OIDC-sub\"}]}]");
    try (TestedCloud cloud = TestedCloud.start("--simulated")) {
      Map<String, String> environment = environment(cloud.lastmile("openrc"));
      for (Step step : steps()) {
        walk(step, environment);
      }
      cloud.lastmile("keys", "rotate", "tokens");
      cloud.lastmile("keys", "rotate", "credentials");
      nothingTells(cloud, Objects.requireNonNull(environment.get("OS_PASSWORD")));
    }
  }

  /** Neither the log nor the arguments and environment of any process of the cloud's. */
  private static void nothingTells(TestedCloud cloud, String password) throws IOException {
    String key = Files.readString(cloud.data().resolve("credential-key")).strip();
    List<String> secrets = List.of("pl4nted", password, key);
    String log = Files.readString(cloud.data().resolve("log/lastmile.log"));
    assertThat(log).isNotEmpty().doesNotContain(secrets);
    List<Long> processes = new ArrayList<>(List.of(cloud.pid()));
    for (Path file : cloud.engines().values()) {
      processes.add(Long.parseLong(Files.readAllLines(file).getFirst().strip()));
    }
    for (long id : processes) {
      ProcessHandle process = ProcessHandle.of(id).orElseThrow();
      Stream.concat(Stream.of(process), process.descendants())
          .flatMap(one -> Stream.of("cmdline", "environ").map(name -> read(one.pid(), name)))
          .forEach(text -> assertThat(text).doesNotContain(secrets));
    }
  }

  /** Empty if the process has ended meanwhile. */
  private static String read(long pid, String name) {
    try {
      return Files.readString(
          Path.of("/proc", Long.toString(pid), name), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }

  private static List<Step> steps() throws IOException {
    List<Step> steps = new ArrayList<>();
    byte[] tour =
        Objects.requireNonNull(IdentityTourTest.class.getResourceAsStream("/identity-tour.txt"))
            .readAllBytes();
    for (String line : new String(tour, StandardCharsets.UTF_8).lines().toList()) {
      if (line.startsWith("$ ") || line.startsWith("! ")) {
        steps.add(new Step(line, new ArrayList<>()));
      } else if (line.startsWith("> ")) {
        steps.getLast().texts().add(line.substring(2));
      }
    }
    return steps;
  }

  private static Map<String, String> environment(String openrc) {
    Map<String, String> environment = new HashMap<>();
    Matcher matcher = EXPORT.matcher(openrc);
    while (matcher.find()) {
      environment.put(matcher.group(1), matcher.group(2));
    }
    environment.put("no_proxy", "127.0.0.1,localhost");
    return environment;
  }

  private void walk(Step step, Map<String, String> environment) throws Exception {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(step.line().substring(2));
    while (matcher.find()) {
      String word = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
      words.add(word.replace("TOUR/", directory + "/"));
    }
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    boolean succeeded = process.waitFor() == 0;
    assertThat(succeeded).as("%s%n%s", step.line(), output).isEqualTo(step.line().startsWith("$"));
    for (String text : step.texts()) {
      assertThat(output).as(step.line()).contains(text);
    }
  }
}
