package cloud.lastmile.compute.boot;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.compute.TestingCompute;
import cloud.lastmile.testing.TestingHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

final class SchedulerHintsTest {
  @AutoClose private static final TestingCompute COMPUTE = new TestingCompute("h1", "h2", "h3");

  @AfterEach
  void emptied() {
    COMPUTE.deleteAll();
  }

  private static TestingHttp.Answer create(String name, String hints) {
    String body = COMPUTE.body(name);
    return COMPUTE
        .member()
        .post(
            "/compute/v2.1/servers",
            body.replace("\"server\":", "\"os:scheduler_hints\": {" + hints + "}, \"server\":"));
  }

  private static String placed(String name, String hints) {
    String id = create(name, hints).expect(202).json().at("/server/id").asString();
    COMPUTE.await(id, "ACTIVE");
    return id;
  }

  private static String host(String id) {
    return COMPUTE.show(id).path("OS-EXT-SRV-ATTR:host").asString();
  }

  private static String quoted(List<String> ids) {
    return ids.stream().map(id -> "\"" + id + "\"").collect(Collectors.joining(", ", "[", "]"));
  }

  @Test
  void aServerIsBesideOneOfThose() {
    String first = COMPUTE.active("beside");
    for (int i = 0; i < 4; i++) {
      assertThat(host(placed("near" + i, "\"same_host\": \"" + first + "\"")))
          .isEqualTo(host(first));
    }
    String unknown = UUID.randomUUID().toString();
    assertThat(host(placed("near", "\"same_host\": " + quoted(List.of(unknown, first)))))
        .isEqualTo(host(first));
    placed("anywhere", "\"same_host\": []");
    String nowhere =
        create("nowhere", "\"same_host\": \"" + unknown + "\"")
            .expect(202)
            .json()
            .at("/server/id")
            .asString();
    COMPUTE.await(nowhere, "ERROR");
    assertThat(COMPUTE.show(nowhere).at("/fault/message").asString())
        .startsWith("No valid host was found.");
  }

  @Test
  void aServerIsApartFromAllOfThose() {
    List<String> apart = new ArrayList<>();
    Set<String> hosts = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      apart.add(placed("apart" + i, "\"different_host\": " + quoted(apart)));
      hosts.add(host(apart.getLast()));
    }
    assertThat(hosts).hasSize(3);
    String none =
        create("none", "\"different_host\": " + quoted(apart))
            .expect(202)
            .json()
            .at("/server/id")
            .asString();
    COMPUTE.await(none, "ERROR");
    placed("free", "\"different_host\": \"" + UUID.randomUUID() + "\"");
  }

  /** Where another project's servers are cannot be found out by asking to be near them. */
  @Test
  void othersServersDoNotCount() {
    String mine = COMPUTE.active("secret");
    COMPUTE
        .database
        .database()
        .change(handle ->
            handle.execute(
                "UPDATE compute.server SET project_id = 'p2' WHERE id = ?", UUID.fromString(mine)));
    String near =
        create("near", "\"same_host\": \"" + mine + "\"")
            .expect(202)
            .json()
            .at("/server/id")
            .asString();
    COMPUTE.await(near, "ERROR");
    Set<String> hosts =
        IntStream.range(0, 6)
            .mapToObj(i -> host(placed("far" + i, "\"different_host\": \"" + mine + "\"")))
            .collect(Collectors.toSet());
    assertThat(hosts).hasSize(3);
  }

  @Test
  void whatIsNoServerIsRefused() {
    create("bad", "\"same_host\": \"x\"").expect(400);
    create("bad", "\"different_host\": [\"x\"]").expect(400);
    create("bad", "\"different_host\": 5").expect(400);
    List<String> many = Stream.generate(() -> UUID.randomUUID().toString()).limit(101).toList();
    create("bad", "\"different_host\": " + quoted(many)).expect(400);
  }

  /** Each that the code knows has its line, and the test that the line names has it in its text. */
  @Test
  void eachHintHasItsEffectOrAReasonForNone() throws IOException {
    Path root = Path.of(System.getProperty("lastmile.root"));
    List<String> known = new ArrayList<>();
    for (String line : Files.readAllLines(root.resolve("docs/advertised/scheduler-hints.txt"))) {
      String[] columns = line.split(" {2,}", 3);
      known.add(columns[0]);
      assertThat(columns[1]).isIn("test", "ignored");
      if (columns[1].equals("test")) {
        String[] test = columns[2].split("#", 2);
        String text = Files.readString(source(root, test[0]));
        int start = text.indexOf("void " + test[1] + "(");
        assertThat(text.substring(start, text.indexOf("\n  }\n", start))).contains(columns[0]);
      }
    }
    assertThat(known).containsExactlyInAnyOrderElementsOf(SchedulerHints.names());
  }

  private static Path source(Path root, String test) throws IOException {
    try (Stream<Path> files = Files.walk(root.resolve("services/compute/src/test/java"))) {
      return files.filter(file -> file.endsWith(test + ".java")).findFirst().orElseThrow();
    }
  }
}
