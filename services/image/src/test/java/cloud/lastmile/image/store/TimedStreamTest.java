package cloud.lastmile.image.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bucket whose server falls silent, before an answer or in the middle of it. */
class TimedStreamTest {
  private static final byte[] HALF = "half".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path scratch;
  private final CountDownLatch closed = new CountDownLatch(1);
  private HttpServer server;
  private S3Store store;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/bucket",
        exchange -> {
          if (exchange.getRequestMethod().equals("GET")) {
            exchange.sendResponseHeaders(200, 2L * HALF.length);
            exchange.getResponseBody().write(HALF);
            exchange.getResponseBody().flush();
          }
          try {
            closed.await();
          } catch (InterruptedException stopped) {
            throw new IOException(stopped);
          }
        });
    server.start();
    Duration soon = Duration.ofMillis(200);
    store =
        S3Store.open(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
            "bucket",
            new S3Signer("access", "secret", "region"),
            scratch,
            InstantSource.system(),
            new S3Client.Limits(Duration.ofSeconds(10), soon, soon));
  }

  @AfterEach
  void stop() {
    closed.countDown();
    server.stop(0);
  }

  @Test
  void anAnswerThatDoesNotComeIsAnError() throws IOException {
    assertThatThrownBy(() -> store.has("image")).isInstanceOf(StoreUnavailableException.class);
    try (DataStore.Incoming incoming = store.begin("image")) {
      incoming.write(HALF, 0, HALF.length);
      assertThatThrownBy(incoming::keep).isInstanceOf(StoreUnavailableException.class);
    }
    try (Stream<Path> left = Files.list(scratch)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void anAnswerThatStopsIsAnError() throws IOException {
    try (InputStream input = store.open("image", 0)) {
      assertThat(input.readNBytes(HALF.length)).isEqualTo(HALF);
      assertThatThrownBy(input::read).isInstanceOf(StoreUnavailableException.class);
    }
  }
}
