package cloud.lastmile.image.imports;

import static cloud.lastmile.image.ImageTestBed.createImage;
import static cloud.lastmile.image.ImageTestBed.createRaw;
import static cloud.lastmile.image.ImageTestBed.show;
import static cloud.lastmile.image.ImageTestBed.upload;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.image.ImageTestBed;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

public class ImportTest {
  private static final byte[] BYTES = random(1_000_003);

  @TempDir Path directory;
  private ImageTestBed bed;
  private HttpServer web;

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(8).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void start() throws IOException {
    bed = new ImageTestBed(directory);
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    serve("/image.raw", 200, BYTES);
    web.start();
  }

  @AfterEach
  void stop() {
    web.stop(0);
    bed.close();
  }

  private void serve(String path, int status, byte[] body) {
    web.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }

  private String url(String path) {
    return "http://127.0.0.1:" + web.getAddress().getPort() + path;
  }

  public static Answer stage(TestingHttp http, String id, byte[] bytes) {
    return http.exchange(
        "PUT",
        "/image/v2/images/" + id + "/stage",
        "application/octet-stream",
        BodyPublishers.ofByteArray(bytes));
  }

  private static Answer start(TestingHttp http, String id, String body) {
    return http.post("/image/v2/images/" + id + "/import", body);
  }

  private static Answer startWeb(TestingHttp http, String id, String uri) {
    return start(http, id, "{\"method\": {\"name\": \"web-download\", \"uri\": \"" + uri + "\"}}");
  }

  /** The image's only task, when it has ended. */
  private JsonNode ended(String id) {
    return Await.value(
        "the import's end",
        () -> tasks(id).getLast(),
        task -> List.of("success", "failure").contains(task.path("status").asString()));
  }

  private List<JsonNode> tasks(String id) {
    return bed
        .alice
        .get("/image/v2/images/" + id + "/tasks")
        .expect(200)
        .json()
        .path("tasks")
        .values()
        .stream()
        .toList();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      return tree.filter(Files::isRegularFile)
          .map(path -> path.getFileName().toString())
          .filter(name -> !name.equals("store.id"))
          .toList();
    }
  }

  @Test
  void stagedBytesAreImported() throws IOException {
    String id = createRaw(bed.alice, "staged");
    start(bed.alice, id, "{\"method\": {\"name\": \"glance-direct\"}}").expect(409);
    stage(bed.alice, id, BYTES).expect(204);
    assertThat(show(bed.alice, id).path("status").asString()).isEqualTo("uploading");
    stage(bed.alice, id, BYTES).expect(409);
    upload(bed.alice, id, BYTES).expect(409);

    String requestId =
        start(bed.alice, id, "{\"method\": {\"name\": \"glance-direct\"}, \"all_stores\": true}")
            .expect(202)
            .header("x-openstack-request-id");

    JsonNode task = ended(id);
    assertThat(task.path("status").asString()).as(task.toString()).isEqualTo("success");
    assertThat(task.path("request_id").asString()).isEqualTo(requestId);
    assertThat(task.path("type").asString()).isEqualTo("api_image_import");
    assertThat(task.at("/input/import_req/method/name").asString()).isEqualTo("glance-direct");
    JsonNode image = show(bed.alice, id);
    assertThat(image.path("status").asString()).isEqualTo("active");
    assertThat(image.path("stores").asString()).isEqualTo("file,second");
    assertThat(image.path("os_glance_importing_to_stores").asString("absent")).isEmpty();
    assertThat(image.path("os_glance_failed_import").asString("absent")).isEmpty();
    assertThat(image.has("os_glance_import_task")).isFalse();
    assertThat(bed.alice.get("/image/v2/images/" + id + "/file").expect(200).body())
        .isEqualTo(BYTES);
    Await.until("the staged bytes are gone", () -> files().size() == 2);
  }

  @Test
  void webDownload() throws IOException {
    String id = createRaw(bed.alice, "web");
    startWeb(bed.alice, id, url("/image.raw")).expect(202);
    assertThat(ended(id).path("status").asString()).isEqualTo("success");
    assertThat(show(bed.alice, id).path("size").asLong()).isEqualTo(BYTES.length);
    startWeb(bed.alice, id, url("/image.raw")).expect(409);
    Await.until("one file is left", () -> files().size() == 1);
    bed.alice.delete("/image/v2/images/" + id).expect(204);
    assertThat(files()).isEmpty();
  }

  @Test
  void aDownloadThatIsRefusedLeavesAQueuedImage() throws IOException {
    serve("/gone", 404, new byte[0]);
    String id = createRaw(bed.alice, "web");
    startWeb(bed.alice, id, url("/gone")).expect(202);
    JsonNode task = ended(id);
    assertThat(task.path("status").asString()).isEqualTo("failure");
    assertThat(task.path("message").asString()).contains("404");
    JsonNode image = show(bed.alice, id);
    assertThat(image.path("status").asString()).isEqualTo("queued");
    assertThat(image.path("os_glance_failed_import").asString()).isEqualTo("file");
    assertThat(image.path("size").isNull()).isTrue();
    assertThat(files()).isEmpty();
    // And again.
    startWeb(bed.alice, id, url("/image.raw")).expect(202);
    assertThat(ended(id).path("status").asString()).isEqualTo("success");
    assertThat(tasks(id)).hasSize(2);
  }

  @Test
  void bytesOfAnotherFormatAreNotImported() throws IOException {
    String id =
        createImage(
            bed.alice,
            "\"name\": \"no\", \"disk_format\": \"qcow2\", \"container_format\": \"bare\"");
    startWeb(bed.alice, id, url("/image.raw")).expect(202);
    JsonNode task = ended(id);
    assertThat(task.path("status").asString()).isEqualTo("failure");
    assertThat(task.path("message").asString()).contains("does not match");
    assertThat(show(bed.alice, id).path("status").asString()).isEqualTo("queued");
    assertThat(files()).isEmpty();
  }

  @Test
  void redirectsAreFollowedAndChecked() {
    web.createContext(
        "/to",
        exchange -> {
          exchange.getResponseHeaders().add("Location", exchange.getRequestURI().getQuery());
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    String good = createRaw(bed.alice, "good");
    startWeb(bed.alice, good, url("/to?/image.raw")).expect(202);
    assertThat(ended(good).path("status").asString()).isEqualTo("success");
    for (String bad :
        List.of(
            "http://forbidden.example/x", "file:///etc/passwd", "http://[::1]:80/", url("/to"))) {
      String id = createRaw(bed.alice, "bad");
      startWeb(bed.alice, id, url("/to?" + bad)).expect(202);
      JsonNode task = ended(id);
      assertThat(task.path("status").asString()).as(bad).isEqualTo("failure");
    }
  }

  /** The first who asks gets half of the bytes and then nothing until the latch opens. */
  private CountDownLatch serveSlowly(String path, CountDownLatch asked) {
    CountDownLatch released = new CountDownLatch(1);
    AtomicInteger requests = new AtomicInteger();
    web.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    web.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, BYTES.length);
          boolean isFirst = requests.getAndIncrement() == 0;
          int half = BYTES.length / 2;
          exchange.getResponseBody().write(BYTES, 0, half);
          exchange.getResponseBody().flush();
          if (isFirst) {
            asked.countDown();
            await(released);
          }
          exchange.getResponseBody().write(BYTES, half, BYTES.length - half);
          exchange.close();
        });
    return released;
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException stopped) {
      throw new IOException(stopped);
    }
  }

  @Test
  void anotherProcessGoesOnWhereOneWasKilled() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    web.stop(0);
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    CountDownLatch released = serveSlowly("/slow", asked);
    web.start();
    String id = createRaw(bed.alice, "cut off");
    startWeb(bed.alice, id, url("/slow")).expect(202);
    asked.await();
    // The first process hangs as if it were dead: the next one of the node takes its jobs.
    try (ImageTestBed.NextProcess _ = bed.takeOver()) {
      JsonNode task = ended(id);
      assertThat(task.path("status").asString()).as(task.toString()).isEqualTo("success");
      assertThat(show(bed.alice, id).path("size").asLong()).isEqualTo(BYTES.length);
      released.countDown();
      Await.until("one file is left", () -> files().size() == 1);
      assertThat(bed.alice.get("/image/v2/images/" + id + "/file").expect(200).body())
          .isEqualTo(BYTES);
    }
  }

  @Test
  void deletingTheImageEndsItsImport() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    web.stop(0);
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    CountDownLatch released = serveSlowly("/slow", asked);
    web.start();
    String id = createRaw(bed.alice, "deleted");
    startWeb(bed.alice, id, url("/slow")).expect(202);
    asked.await();
    startWeb(bed.alice, id, url("/slow")).expect(409);
    bed.alice.delete("/image/v2/images/" + id).expect(204);
    released.countDown();
    Await.until(
        "the task's failure",
        () ->
            bed.admin.get("/image/v2/tasks?status=failure").expect(200).json().path("tasks").size()
                == 1);
    assertThat(files()).isEmpty();
    assertThat(usage("image_count_uploading")).isZero();
    assertThat(usage("image_size_total")).isZero();
    assertThat(usage("image_stage_total")).isZero();
  }

  @Test
  void whatDoesNotPassTheFilterIsRefusedAtOnce() {
    String id = createRaw(bed.alice, "web");
    for (String uri :
        List.of("", "nonsense", "file:///etc/passwd", "http://forbidden.example/", "ftp://a/b")) {
      startWeb(bed.alice, id, uri).expect(400);
    }
    assertThat(show(bed.alice, id).path("status").asString()).isEqualTo("queued");
    assertThat(tasks(id)).isEmpty();
  }

  @Test
  void anotherCloudsImageComesWithItsProperties(@TempDir Path elsewhere) throws IOException {
    try (ImageTestBed other = new ImageTestBed(elsewhere)) {
      bed.imageServiceOf(other);
      importFrom(other);
    }
  }

  private void importFrom(ImageTestBed other) {
    String source = createRaw(other.alice, "source");
    upload(other.alice, source, BYTES).expect(204);
    ImageTestBed.patch(
            other.alice,
            source,
            """
            [{"op": "add", "path": "/hw_cpu_cores", "value": "5"},
             {"op": "add", "path": "/speed", "value": "88mph"}]\
            """)
        .expect(200);
    String target =
        createImage(
            bed.alice,
            "\"disk_format\": \"iso\", \"container_format\": \"ovf\", \"hw_cpu_cores\": \"1\"");
    start(
            bed.alice,
            target,
            "{\"method\": {\"name\": \"glance-download\", \"glance_region\": \"RegionOne\","
                + " \"glance_image_id\": \""
                + source
                + "\"}}")
        .expect(202);
    JsonNode task = ended(target);
    assertThat(task.path("status").asString()).as(task.toString()).isEqualTo("success");
    JsonNode image = show(bed.alice, target);
    assertThat(image.path("disk_format").asString()).isEqualTo("raw");
    assertThat(image.path("container_format").asString()).isEqualTo("bare");
    assertThat(image.path("hw_cpu_cores").asString()).isEqualTo("5");
    assertThat(image.has("speed")).isFalse();
    assertThat(image.path("os_hash_value"))
        .isEqualTo(show(other.alice, source).get("os_hash_value"));
    bed.alice.get("/image/v2/images/" + source).expect(404);
    start(
            bed.alice,
            createRaw(bed.alice, "no"),
            "{\"method\": {\"name\": \"glance-download\", \"glance_region\": \"RegionOne\","
                + " \"glance_image_id\": \"foo\"}}")
        .expect(400);
  }

  @Test
  void copiesGoToTheOtherStoresAndAreTakenOutAgain() throws IOException {
    String id = createRaw(bed.alice, "copied");
    upload(bed.alice, id, BYTES).expect(204);
    String copy = "{\"method\": {\"name\": \"copy-image\"}, \"stores\": [\"second\"]}";
    start(bed.alice, id, copy).expect(403);
    start(bed.admin, id, copy).expect(202);
    assertThat(ended(id).path("status").asString()).isEqualTo("success");
    assertThat(show(bed.alice, id).path("stores").asString()).isEqualTo("file,second");
    start(bed.admin, id, copy).expect(400);
    start(bed.admin, id, "{\"method\": {\"name\": \"copy-image\"}, \"all_stores\": true}")
        .expect(202);

    assertThat(preferring(id, "nowhere").status()).isEqualTo(400);
    assertThat(preferring(id, "second, file").expect(200).body()).isEqualTo(BYTES);
    bed.alice.delete("/image/v2/stores/nowhere/" + UUID.randomUUID()).expect(409);
    bed.alice.delete("/image/v2/stores/file/" + id).expect(403);
    bed.bob.delete("/image/v2/stores/file/" + id).expect(404);
    bed.admin.delete("/image/v2/stores/file/" + id).expect(204);
    assertThat(show(bed.alice, id).path("stores").asString()).isEqualTo("second");
    assertThat(bed.alice.get("/image/v2/images/" + id + "/file").expect(200).body())
        .isEqualTo(BYTES);
    bed.admin.delete("/image/v2/stores/file/" + id).expect(403);
    bed.admin.delete("/image/v2/stores/second/" + id).expect(403);
    bed.admin.delete("/image/v2/stores/second/" + createRaw(bed.alice, "queued")).expect(409);
    assertThat(preferring(id, "file").expect(200).body()).isEqualTo(BYTES);
  }

  private Answer preferring(String id, String stores) {
    return bed.alice.get("/image/v2/images/" + id + "/file?prefer=" + stores.replace(" ", "%20"));
  }

  @Test
  void theStoresAreListed() {
    JsonNode stores = bed.alice.get("/image/v2/info/stores").expect(200).json();
    assertThat(stores.at("/stores/0/id").asString()).isEqualTo("file");
    assertThat(stores.at("/stores/0/default").asString()).isEqualTo("true");
    assertThat(stores.at("/stores/1/id").asString()).isEqualTo("second");
    bed.alice.get("/image/v2/info/stores/detail").expect(403);
    JsonNode detail = bed.admin.get("/image/v2/info/stores/detail").expect(200).json();
    assertThat(detail.at("/stores/1/properties/data_dir").asString()).endsWith("/second");
    assertThat(detail.at("/stores/1/properties/thin_provisioning").asBoolean()).isTrue();
    assertThat(bed.api.as("nova", "project-a", "service").get("/image/v2/info/stores/detail"))
        .extracting(Answer::status)
        .isEqualTo(200);
    assertThat(
            bed.alice
                .get("/image/v2/info/import")
                .expect(200)
                .json()
                .at("/import-methods/value")
                .size())
        .isEqualTo(4);
  }

  @Test
  void uploadsGoToTheStoreThatIsNamed() {
    String id = createRaw(bed.alice, "second");
    upload(bed.alice.with("X-Image-Meta-Store", "nowhere"), id, BYTES).expect(400);
    upload(bed.alice.with("X-Image-Meta-Store", "second"), id, BYTES).expect(204);
    assertThat(show(bed.alice, id).path("stores").asString()).isEqualTo("second");
  }

  @Test
  void progressIsTold() {
    String id = createRaw(bed.alice, "web");
    startWeb(bed.alice, id, url("/image.raw")).expect(202);
    Answer events = bed.alice.get("/image/v2/images/" + id + "/tasks/events").expect(200);
    assertThat(events.header("Content-Type")).startsWith("text/event-stream");
    assertThat(events.text()).contains("event: task").contains("\"status\":\"success\"");
    bed.bob.get("/image/v2/images/" + id + "/tasks/events").expect(404);
  }

  @Test
  void administratorsListTasks() {
    String id = createRaw(bed.alice, "web");
    startWeb(bed.alice, id, url("/image.raw")).expect(202);
    String task = ended(id).path("id").asString();
    bed.alice.get("/image/v2/tasks").expect(403);
    JsonNode listed = bed.admin.get("/image/v2/tasks?status=success&limit=1").expect(200).json();
    assertThat(listed.at("/tasks/0/id").asString()).isEqualTo(task);
    assertThat(listed.at("/tasks/0").has("input")).isFalse();
    JsonNode shown = bed.admin.get("/image/v2/tasks/" + task).expect(200).json();
    assertThat(shown.at("/result/image_id").asString()).isEqualTo(id);
    bed.admin.get("/image/v2/tasks/nonsense").expect(404);
    bed.admin.get("/image/v2/tasks?status=odd").expect(400);
    bed.admin.delete("/image/v2/tasks/" + task).expect(405);
  }

  @Test
  void deletingAnImageThatIsStagedFreesItsBytes() throws IOException {
    String id = createRaw(bed.alice, "staged");
    stage(bed.alice, id, BYTES).expect(204);
    assertThat(usage("image_stage_total")).isEqualTo(1);
    assertThat(usage("image_count_uploading")).isEqualTo(1);
    bed.alice.delete("/image/v2/images/" + id).expect(204);
    assertThat(files()).isEmpty();
    assertThat(usage("image_stage_total")).isZero();
    assertThat(usage("image_count_uploading")).isZero();
    assertThat(usage("image_count_total")).isZero();
  }

  private long usage(String resource) {
    return bed.alice
        .get("/image/v2/info/usage")
        .expect(200)
        .json()
        .at("/usage/" + resource + "/usage")
        .asLong();
  }

  @Test
  void usageFollowsTheImages() {
    String id = createRaw(bed.alice, "one");
    upload(bed.alice, id, BYTES).expect(204);
    assertThat(usage("image_size_total")).isEqualTo(1);
    start(bed.admin, id, "{\"method\": {\"name\": \"copy-image\"}, \"stores\": [\"second\"]}")
        .expect(202);
    ended(id);
    assertThat(usage("image_size_total")).isEqualTo(2);
    bed.admin.delete("/image/v2/stores/second/" + id).expect(204);
    assertThat(usage("image_size_total")).isEqualTo(1);
    bed.alice.delete("/image/v2/images/" + id).expect(204);
    assertThat(usage("image_size_total")).isZero();
    String failed = createRaw(bed.alice, "failed");
    startWeb(bed.alice, failed, url("/nothing-here")).expect(202);
    ended(failed);
    assertThat(usage("image_size_total")).isZero();
    assertThat(usage("image_stage_total")).isZero();
    assertThat(usage("image_count_uploading")).isZero();
  }
}
