package cloud.lastmile.image;

import static cloud.lastmile.image.ImageTestBed.createRaw;
import static cloud.lastmile.image.ImageTestBed.show;
import static cloud.lastmile.image.ImageTestBed.upload;
import static org.assertj.core.api.Assertions.assertThat;

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

  @BeforeEach
  void start() throws IOException {
    new Random(11).nextBytes(BYTES);
    bed = new ImageTestBed(directory);
    other = new ImageTestBed(elsewhere);
    way = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    way.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    way.createContext("/image", this::pass);
    way.createContext("/refused", exchange -> answer(exchange, 401, new byte[0], 0));
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
