package cloud.lastmile.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.platform.core.Json;
import cloud.lastmile.testing.Await;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Walks with the ordinary clients through a text that is the test. A line with {@code $} must
 * succeed, one with {@code !} must fail, one with {@code ?} is said again until it shows what it
 * should, which costs a client each time; one with {@code ~} is a path whose answer is read until
 * it ends, as that of server-sent events. Lines with {@code >} follow: each text must be in what
 * was printed; those with {@code <} must not. A line with {@code =} keeps what was printed under a
 * name for the lines that follow, or a row of the printed table: {@code = TASK id}. Everything else
 * is told to the reader.
 */
final class ClientTour implements AutoCloseable {
  private static final Pattern EXPORT = Pattern.compile("export (\\w+)='?([^']*)'?");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private final TestedCloud cloud;
  private final Process clients;
  private final BufferedWriter commands;
  private final BufferedReader answers;
  private final Map<String, String> names;

  private record Step(
      String line, List<String> texts, List<String> absent, Map<String, String> kept) {

    Step(String line) {
      this(line, new ArrayList<>(), new ArrayList<>(), new HashMap<>());
    }
  }

  private record Answer(int status, String text) {}

  /**
   * @param directory where the clients work
   * @param names what stands for something that only this run knows, such as {@code WEB}
   */
  ClientTour(TestedCloud cloud, Path directory, Map<String, String> names) throws Exception {
    this.cloud = cloud;
    Path script = directory.resolve("clients.py");
    Files.write(script, resource("/clients.py"));
    ProcessBuilder builder =
        new ProcessBuilder("/usr/bin/python3", script.toString())
            .directory(directory.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    Matcher matcher = EXPORT.matcher(cloud.lastmile("openrc"));
    while (matcher.find()) {
      builder.environment().put(matcher.group(1), matcher.group(2));
    }
    builder.environment().put("no_proxy", "127.0.0.1,localhost");
    this.clients = builder.start();
    this.commands =
        new BufferedWriter(
            new OutputStreamWriter(clients.getOutputStream(), StandardCharsets.UTF_8));
    this.answers =
        new BufferedReader(new InputStreamReader(clients.getInputStream(), StandardCharsets.UTF_8));
    this.names = new HashMap<>(names);
  }

  private static byte[] resource(String name) throws IOException {
    return Objects.requireNonNull(ClientTour.class.getResourceAsStream(name)).readAllBytes();
  }

  /** Walks through a resource from its start to its end. */
  void walk(String name) throws Exception {
    for (Step step : steps(new String(resource(name), StandardCharsets.UTF_8))) {
      walk(step);
    }
  }

  private static List<Step> steps(String tour) {
    List<Step> steps = new ArrayList<>();
    for (String line : tour.lines().toList()) {
      if (line.matches("[$!?~] .*")) {
        steps.add(new Step(line));
      } else if (line.startsWith("> ")) {
        steps.getLast().texts().add(line.substring(2));
      } else if (line.startsWith("< ")) {
        steps.getLast().absent().add(line.substring(2));
      } else if (line.startsWith("= ")) {
        String[] kept = line.split(" ", 3);
        steps.getLast().kept().put(kept[1], kept.length == 3 ? kept[2] : "");
      }
    }
    return steps;
  }

  private void walk(Step step) throws Exception {
    List<String> words = words(step.line().substring(2));
    if (step.line().startsWith("?")) {
      Await.value(
          step.line(),
          LIMIT,
          () -> run(words),
          answer -> step.texts().stream().allMatch(answer.text()::contains));
      return;
    }
    Answer answer = step.line().startsWith("~") ? read(words.getFirst()) : run(words);
    assertThat(answer.status() == 0)
        .as("%s%n%s", step.line(), answer.text())
        .isEqualTo(!step.line().startsWith("!"));
    step.texts().forEach(text -> assertThat(answer.text()).as(step.line()).contains(named(text)));
    step.absent().forEach(text -> assertThat(answer.text()).as(step.line()).doesNotContain(text));
    step.kept().forEach((name, row) -> names.put(name, cell(answer.text(), row)));
  }

  private static String cell(String table, String row) {
    if (row.isEmpty()) {
      return table.strip();
    }
    Matcher matcher = Pattern.compile("\\| " + row + " +\\| (\\S+)").matcher(table);
    assertThat(matcher.find()).as("a row " + row + " in " + table).isTrue();
    return matcher.group(1);
  }

  private List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(line);
    while (matcher.find()) {
      String word =
          Stream.of(matcher.group(1), matcher.group(2), matcher.group(3))
              .filter(Objects::nonNull)
              .findFirst()
              .orElse("");
      words.add(named(word));
    }
    return words;
  }

  private String named(String text) {
    String named = text;
    for (Map.Entry<String, String> name : names.entrySet()) {
      named = named.replace(name.getKey(), name.getValue());
    }
    return named;
  }

  private Answer read(String path) throws IOException {
    try (InputStream events = cloud.api().stream(path)) {
      return new Answer(0, new String(events.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private Answer run(List<String> words) throws IOException {
    commands.write(Json.strings(words) + "\n");
    commands.flush();
    String line = Objects.requireNonNull(answers.readLine(), "the clients ended");
    JsonNode answer = Json.parse(line.getBytes(StandardCharsets.UTF_8));
    return new Answer(answer.path(0).asInt(1), answer.path(1).asString());
  }

  @Override
  public void close() {
    clients.destroyForcibly();
  }
}
