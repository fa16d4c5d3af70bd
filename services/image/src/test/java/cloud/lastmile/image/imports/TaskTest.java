package cloud.lastmile.image.imports;

import static cloud.lastmile.image.ImageTestBed.show;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.image.ImageTestBed;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp.Answer;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code POST /v2/tasks}. */
class TaskTest {
  private static final byte[] BYTES = "any bytes are a raw image".getBytes(US_ASCII);

  @TempDir Path directory;
  private ImageTestBed bed;
  private HttpServer web;

  @BeforeEach
  void start() throws IOException {
    bed = new ImageTestBed(directory);
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.createContext(
        "/image.raw",
        exchange -> {
          exchange.sendResponseHeaders(200, BYTES.length);
          exchange.getResponseBody().write(BYTES);
          exchange.close();
        });
    web.start();
  }

  @AfterEach
  void stop() {
    web.stop(0);
    bed.close();
  }

  private String url(String path) {
    return "http://127.0.0.1:" + web.getAddress().getPort() + path;
  }

  private List<String> files() throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      return tree.filter(Files::isRegularFile).map(Path::toString).sorted().toList();
    }
  }

  /** The body of a task that imports a raw image. */
  private static String task(String uri, String properties) {
    return "{\"type\": \"import\", \"input\": {\"import_from\": \"%s\", \"import_from_format\":"
            .formatted(uri)
        + " \"raw\", \"image_properties\": {\"container_format\": \"bare\", "
        + properties
        + "}}}";
  }

  private JsonNode endedTask(Answer created) {
    JsonNode task = created.expect(201).json();
    assertThat(task.path("status").asString()).isEqualTo("pending");
    return Await.value(
        "the task's end",
        () -> bed.admin.get("/image/v2/tasks/" + task.path("id").asString()).expect(200).json(),
        found -> List.of("success", "failure").contains(found.path("status").asString()));
  }

  @Test
  void administratorsMakeTasksThatMakeImages() throws IOException {
    String raw = "\"disk_format\": \"raw\", \"name\": \"made\", \"speed\": \"fast\"";
    bed.alice.post("/image/v2/tasks", task(url("/image.raw"), raw)).expect(403);
    JsonNode done = endedTask(bed.admin.post("/image/v2/tasks", task(url("/image.raw"), raw)));
    assertThat(done.path("status").asString()).as(done.toString()).isEqualTo("success");
    JsonNode image = show(bed.admin, done.at("/result/image_id").asString());
    assertThat(image.path("status").asString()).isEqualTo("active");
    assertThat(image.path("speed").asString()).isEqualTo("fast");
    assertThat(image.path("size").asInt()).isEqualTo(BYTES.length);

    List<String> before = files();
    for (String doomed :
        List.of(
            task(url("/missing"), raw),
            task(url("/image.raw"), "\"disk_format\": \"qcow2\""),
            task(url("/image.raw"), "\"disk_format\": \"odd\""),
            task(url("/image.raw"), "\"disk_format\": \"raw\", \"size\": 3"),
            task(url("/image.raw"), "\"name\": \"no disk format\""),
            "{\"type\": \"import\", \"input\": {\"import_from\": \"http://x.example/\"}}",
            "{\"type\": \"api_image_import\", \"input\": {\"image_id\": \"x\"}}",
            "{\"type\": \"location_import\", \"input\": {}}")) {
      JsonNode failed = endedTask(bed.admin.post("/image/v2/tasks", doomed));
      assertThat(failed.path("status").asString()).as(doomed).isEqualTo("failure");
      assertThat(failed.path("message").asString()).as(doomed).isNotEmpty();
    }
    JsonNode images = bed.admin.get("/image/v2/images").expect(200).json().path("images");
    assertThat(images.findValuesAsString("name")).containsExactly("made");
    Await.until("no file is left of what failed", () -> files().equals(before));
  }

  @Test
  void tasksThatAreNotWellFormedAreNotMade() {
    for (String wrong :
        List.of(
            "{}",
            "[]",
            "{\"type\": \"import\"}",
            "{\"type\": \"odd\", \"input\": {}}",
            "{\"type\": \"import\", \"input\": null}",
            "{\"type\": \"import\", \"input\": {}}",
            "{\"type\": \"import\", \"input\": {\"import_from\": \"file:///etc/passwd\"}}",
            "{\"type\": \"import\", \"input\": {\"import_from\": \"swift://x/y\"}}",
            "{\"type\": \"import\", \"input\": {\"import_from\": \"http://forbidden.example/\"}}",
            "{\"type\": \"location_import\", \"input\": {}, \"more\": 1}")) {
      bed.admin.post("/image/v2/tasks", wrong).expect(400);
    }
    assertThat(bed.admin.get("/image/v2/tasks").expect(200).json().path("tasks").size()).isZero();
  }
}
