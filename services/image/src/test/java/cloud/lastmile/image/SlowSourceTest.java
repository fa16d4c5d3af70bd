package cloud.lastmile.image;

import static cloud.lastmile.image.ImageTestBed.createRaw;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.image.api.ImageConfig;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.TestingHttp;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Imports from servers that send almost nothing, for as long as anybody listens. */
class SlowSourceTest {
  private static final int SIZE = 1_000_000;

  @TempDir Path directory;

  private final CountDownLatch over = new CountDownLatch(1);
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private HttpServer web;

  @BeforeEach
  void start() throws IOException {
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    web.createContext("/slow", this::drip);
    web.createContext(
        "/quick",
        exchange -> {
          exchange.sendResponseHeaders(200, SIZE);
          exchange.getResponseBody().write(new byte[SIZE]);
          exchange.close();
        });
    web.start();
  }

  @AfterEach
  void stop() {
    over.countDown();
    web.stop(0);
  }

  private void drip(HttpExchange exchange) throws IOException {
    asked.incrementAndGet();
    open.incrementAndGet();
    try (exchange) {
      exchange.sendResponseHeaders(200, SIZE);
      exchange.getResponseBody().write(new byte[1000]);
      exchange.getResponseBody().flush();
      over.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      open.decrementAndGet();
    }
  }

  private String begin(TestingHttp http, String path) {
    String id = createRaw(http, path);
    String uri = "http://127.0.0.1:" + web.getAddress().getPort() + path;
    http.post(
            "/image/v2/images/" + id + "/import",
            "{\"method\": {\"name\": \"web-download\", \"uri\": \"" + uri + "\"}}")
        .expect(202);
    return id;
  }

  private static JsonNode ended(TestingHttp http, String id) {
    return Await.value(
        "the import's end",
        () -> http.get("/image/v2/images/" + id + "/tasks").expect(200).json().at("/tasks/0"),
        task -> List.of("success", "failure").contains(task.path("status").asString()));
  }

  @Test
  void allAttemptsShareOneDeadline() throws IOException {
    ImageConfig config = ImageTestBed.config("node-1", directory, Duration.ofSeconds(2));
    try (ImageTestBed bed = new ImageTestBed(config)) {
      String id = begin(bed.alice, "/slow");
      JsonNode task = ended(bed.alice, id);
      assertThat(task.path("status").asString()).isEqualTo("failure");
      assertThat(task.path("message").asString()).contains("did not come within 2 seconds");
      assertThat(asked).as("a second attempt would have had no time").hasValue(1);
      assertThat(ImageTestBed.show(bed.alice, id).path("status").asString()).isEqualTo("queued");
    }
  }

  /** However many it begins; what it does not let in goes on when it ends. */
  @Test
  void oneProjectsLeaveRoomForOthers() throws IOException {
    try (ImageTestBed bed = new ImageTestBed(directory)) {
      List<String> slow = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        slow.add(begin(bed.alice, "/slow"));
      }
      Await.until("some to have begun", () -> open.get() >= 3);
      for (int i = 0; i < 5; i++) {
        String id = begin(bed.bob, "/quick");
        assertThat(ended(bed.bob, id).path("status").asString()).isEqualTo("success");
      }
      assertThat(open).hasValue(3);
      for (String id : slow) {
        bed.alice.delete("/image/v2/images/" + id).expect(204);
      }
      over.countDown();
      Await.until(
          "all to have ended",
          () -> bed.admin.get("/image/v2/tasks?status=processing").json().path("tasks").isEmpty());
    }
  }
}
