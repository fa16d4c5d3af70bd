package cloud.lastmile.image.imports;

import static cloud.lastmile.image.ImageTestBed.createRaw;
import static cloud.lastmile.image.ImageTestBed.show;
import static cloud.lastmile.image.ImageTestBed.upload;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.image.ImageProcess;
import cloud.lastmile.image.ImageTestBed;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code glance-download} from another service, through a way that breaks off. */
class RemoteImportTest {
  /** Between parts of a body: longer than half of what is between two reports of progress. */
  private static final int DRIP_MILLIS = 600;

  private static final byte[] BYTES = new byte[1 << 20];
  private static final String ROLES = "member,reader";

  /** What the killed node's client says, and what the other service must be told. */
  private static final String TOKEN = "project alice project-a " + ROLES;

  @TempDir private Path directory;
  @TempDir private Path elsewhere;
  private ImageTestBed bed;
  private ImageTestBed other;
  private HttpServer way;
  private final AtomicInteger downloads = new AtomicInteger();
  private final CountDownLatch released = new CountDownLatch(1);
  private final CountDownLatch brokenOff = new CountDownLatch(1);

  @BeforeEach
  void start() throws IOException {
    new Random(11).nextBytes(BYTES);
    bed = new ImageTestBed(directory);
    other = new ImageTestBed(elsewhere);
    way = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    way.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    way.createContext("/image", this::pass);
    way.createContext("/refused", exchange -> answer(exchange, 401, new byte[0], 0));
    way.createContext("/stepwise", this::stepwise);
    way.start();
  }

  @AfterEach
  void stop() {
    released.countDown();
    way.stop(0);
    other.close();
    bed.close();
  }

  /** Passes requests on to the other service; the first image's bytes end in the middle. */
  private void pass(HttpExchange exchange) throws IOException {
    String token = String.valueOf(exchange.getRequestHeaders().getFirst("X-Auth-Token"));
    String path = exchange.getRequestURI().getPath();
    Answer answer = TestingHttp.at(URI.create(other.url())).with("X-Auth-Token", token).get(path);
    byte[] body = answer.body();
    boolean breaksOff = path.endsWith("/file") && downloads.getAndIncrement() == 0;
    answer(exchange, answer.status(), body, breaksOff ? body.length / 4 : 0);
  }

  private void answer(HttpExchange exchange, int status, byte[] body, int heldBack)
      throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body, 0, body.length - heldBack);
    exchange.getResponseBody().flush();
    if (heldBack > 0) {
      try {
        released.await();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    }
    exchange.close();
  }

  /** Sends the first part, and the others slowly once it is released, until nobody reads them. */
  private void stepwise(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try {
      exchange.getResponseBody().write(BYTES);
      exchange.getResponseBody().flush();
      released.await();
      for (long sent = BYTES.length; sent < ImageTestBed.MAX_BYTES; sent += BYTES.length) {
        Thread.sleep(DRIP_MILLIS);
        exchange.getResponseBody().write(BYTES);
        exchange.getResponseBody().flush();
      }
    } catch (IOException closed) {
      brokenOff.countDown();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      exchange.close();
    }
  }

  private String at(String path) {
    return "http://127.0.0.1:" + way.getAddress().getPort() + path;
  }

  private Answer startImport(ImageProcess process, String image, String remote) {
    return process
        .as("alice", "project-a", ROLES)
        .post(
            "/image/v2/images/" + image + "/import",
            """
            {"method": {"name": "glance-download", "glance_region": "RegionTwo",
              "glance_image_id": "%s"}}
            """
                .formatted(remote));
  }

  @Test
  void goesOnAfterKillWithItsTokenWhichNobodyCanRead() throws Exception {
    String source = createRaw(other.alice, "source");
    upload(other.alice, source, BYTES).expect(204);
    String image = createRaw(bed.alice, "target");
    try (ImageProcess process =
        ImageProcess.start(bed.database.url(), "node-2", directory, at("/image"))) {
      startImport(process, image, source).expect(202);
      Await.until("some bytes are there", this::hasHalfAFile);
      assertThat(number("SELECT count(*) FROM image.import_token")).isEqualTo(1);
      assertThat(placesOfToken()).isEmpty();
      process.kill();
    }
    try (ImageTestBed.NextProcess _ = bed.takeOver(ImageTestBed.config("node-2", directory))) {
      assertThat(ended(image).path("status").asString()).isEqualTo("success");
    }
    assertThat(show(bed.alice, image).path("status").asString()).isEqualTo("active");
    assertThat(bed.alice.get("/image/v2/images/" + image + "/file").expect(200).body())
        .isEqualTo(BYTES);
    assertThat(downloads).hasValue(2);
    assertThat(number("SELECT count(*) FROM image.import_token")).isZero();
    assertThat(number("SELECT count(*) FROM image.transfer")).isZero();
  }

  @Test
  void aTokenThatIsNoLongerGoodQueuesTheImageAgainAndSaysSo() throws Exception {
    String image = createRaw(bed.alice, "target");
    JsonNode task;
    try (ImageProcess process =
        ImageProcess.start(bed.database.url(), "node-2", directory, at("/refused"))) {
      startImport(process, image, image).expect(202);
      task = ended(image);
      Await.until("the failure is told", () -> process.log().contains("does not accept"));
      assertThat(process.log()).doesNotContain(TOKEN);
    }
    assertThat(task.path("status").asString()).isEqualTo("failure");
    assertThat(task.path("message").asString())
        .contains("RegionTwo")
        .contains("does not accept the caller's token");
    JsonNode shown = show(bed.alice, image);
    assertThat(shown.path("status").asString()).isEqualTo("queued");
    assertThat(shown.path("os_glance_failed_import").asString()).isEqualTo("file");
    assertThat(number("SELECT count(*) FROM image.import_token")).isZero();
    assertThat(number("SELECT count(*) FROM image.transfer")).isZero();
  }

  @Test
  void whatTheUserChangesMeanwhileStaysWhenItFails() throws Exception {
    String source = createRaw(other.alice, "source");
    upload(other.alice, source, BYTES).expect(204);
    patch(
        other.alice,
        source,
        "[{\"op\": \"add\", \"path\": \"/hw_rng_model\", \"value\": \"virtio\"}]");
    String image =
        ImageTestBed.createImage(
            bed.alice,
            "\"disk_format\": \"iso\", \"container_format\": \"bare\", \"hw_cpu_cores\": \"2\"");
    try (ImageProcess process =
        ImageProcess.start(bed.database.url(), "node-2", directory, at("/image"))) {
      startImport(process, image, source).expect(202);
      Await.until("some bytes are there", this::hasHalfAFile);
      assertThat(show(bed.alice, image).path("hw_rng_model").asString()).isEqualTo("virtio");
      patch(bed.alice, image, "[{\"op\": \"add\", \"path\": \"/name\", \"value\": \"mine\"}]");
      other.alice.delete("/image/v2/images/" + source).expect(204);
      process.kill();
    }
    try (ImageTestBed.NextProcess _ = bed.takeOver(ImageTestBed.config("node-2", directory))) {
      assertThat(ended(image).path("message").asString()).contains("404");
    }
    JsonNode shown = show(bed.alice, image);
    assertThat(shown.path("status").asString()).isEqualTo("queued");
    assertThat(shown.path("name").asString()).isEqualTo("mine");
    assertThat(shown.path("disk_format").asString()).isEqualTo("iso");
    assertThat(shown.path("hw_cpu_cores").asString()).isEqualTo("2");
    assertThat(shown.has("hw_rng_model")).isFalse();
  }

  @Test
  void aDownloadEndsWhenItsImageIsDeleted() throws Exception {
    String image = createRaw(bed.alice, "deleted");
    bed.alice
        .post(
            "/image/v2/images/" + image + "/import",
            "{\"method\": {\"name\": \"web-download\", \"uri\": \"" + at("/stepwise") + "\"}}")
        .expect(202);
    Await.until("some bytes are there", this::hasHalfAFile);
    bed.alice.delete("/image/v2/images/" + image).expect(204);
    released.countDown();
    Await.until("the download is broken off", () -> brokenOff.getCount() == 0);
    Await.until(
        "nothing is left",
        () ->
            number("SELECT count(*) FROM image.transfer") == 0
                && number("SELECT count(*) FROM image.task WHERE status = 'processing'") == 0);
  }

  private static void patch(TestingHttp http, String id, String changes) {
    ImageTestBed.patch(http, id, changes).expect(200);
  }

  private boolean hasHalfAFile() throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      return tree.filter(path -> path.getParent().endsWith("incoming"))
          .anyMatch(path -> path.toFile().length() > 0);
    }
  }

  private JsonNode ended(String image) throws Exception {
    return Await.value(
        "the task's end",
        () ->
            bed.alice.get("/image/v2/images/" + image + "/tasks").expect(200).json().at("/tasks/0"),
        task -> List.of("success", "failure").contains(task.path("status").asString()));
  }

  private long number(String query) {
    return bed.database
        .database()
        .read(handle -> handle.createQuery(query).mapTo(Long.class).one());
  }

  /** The tables of the whole database in which the token is, as text or as bytes. */
  private List<String> placesOfToken() {
    String bytes = HexFormat.of().formatHex(TOKEN.getBytes(StandardCharsets.UTF_8));
    return bed.database
        .database()
        .read(handle -> {
          List<String> tables =
              handle
                  .createQuery(
                      """
                      SELECT table_schema || '.' || table_name FROM information_schema.tables
                      WHERE table_type = 'BASE TABLE'
                        AND table_schema NOT IN ('pg_catalog', 'information_schema')\
                      """)
                  .mapTo(String.class)
                  .list();
          assertThat(tables).contains("image.import_token", "image.task", "work.job", "work.event");
          return tables.stream()
              .filter(table ->
                  handle
                      .createQuery(
                          """
                          SELECT EXISTS (SELECT FROM %s AS it
                            WHERE strpos(it::text, :text) > 0 OR strpos(it::text, :bytes) > 0)\
                          """
                              .formatted(table))
                      .bind("text", TOKEN)
                      .bind("bytes", bytes)
                      .mapTo(Boolean.class)
                      .one())
              .toList();
        });
  }
}
