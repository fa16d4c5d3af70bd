package cloud.lastmile.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.RawHttp;
import cloud.lastmile.testing.RawHttp.Answer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Who goes away in the middle leaves no trace of an error in the log; what breaks here does. */
class BrokenOffTest {
  private static final String HOST = " HTTP/1.1\r\nHost: h\r\n";

  @AutoClose private final ToyServer toy = new ToyServer(HttpConfig.loopback(0));
  private final Logger logger = (Logger) LoggerFactory.getLogger("cloud.lastmile");
  private final ListAppender<ILoggingEvent> told = new ListAppender<>();

  @BeforeEach
  void listen() {
    told.start();
    logger.addAppender(told);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(told);
  }

  /** By a reset, as of a client that was killed. */
  private void reset(String sent) throws IOException {
    Socket socket = RawHttp.connect(toy.uri());
    socket.getOutputStream().write(sent.getBytes(StandardCharsets.US_ASCII));
    Await.until("it is at work", () -> toy.server.requests() == 1);
    socket.setSoLinger(true, 0);
    socket.close();
    Await.until("it is over", () -> toy.server.requests() == 0 && toy.server.connections() == 0);
  }

  private List<ILoggingEvent> errors() {
    return List.copyOf(told.list).stream()
        .filter(event -> event.getThrowableProxy() != null)
        .toList();
  }

  @Test
  void ofAClientNothingIsLogged() throws IOException {
    for (String first : List.of("POST /toy/json", "PUT /toy/bytes", "POST /toy/careless")) {
      reset(first + HOST + "Content-Length: 5000\r\n\r\n[");
      reset(first + HOST + "Transfer-Encoding: chunked\r\n\r\n5\r\n[");
    }
    reset("GET /toy/big" + HOST + "\r\n");
    reset("GET /toy/stream" + HOST + "\r\n");
    assertThat(errors()).isEmpty();
  }

  /** What a handler makes of it does not matter. */
  @Test
  void brokenChunksAreTheClientsFault() throws IOException {
    for (String first : List.of("POST /toy/json", "PUT /toy/bytes", "POST /toy/careless")) {
      for (String broken : List.of("zz\r\n[]\r\n", "2\r\n[]x", "-1\r\n[]\r\n", "2\n[]\n0\n\n")) {
        List<Answer> answers =
            RawHttp.exchange(
                toy.uri(), first + HOST + "Transfer-Encoding: chunked\r\n\r\n" + broken);
        assertThat(answers).as(first + " " + broken).isNotEmpty();
        assertThat(answers.getFirst().status()).as(first + " " + broken).isEqualTo(400);
        assertThat(answers.getFirst().text()).isNotEmpty();
      }
    }
    assertThat(errors()).isEmpty();
  }

  @Test
  void ofOurselvesItIsToldAndLogged() throws IOException {
    Answer early =
        RawHttp.exchange(toy.uri(), "GET /toy/broken/0" + HOST + "Connection: close\r\n\r\n")
            .getFirst();
    assertThat(early.status()).isEqualTo(500);
    assertThat(early.text()).contains("unexpected error").doesNotContain("disk");
    assertThat(errors()).hasSize(1);
    try (Socket socket = RawHttp.connect(toy.uri())) {
      socket
          .getOutputStream()
          .write(("GET /toy/broken/1000000" + HOST + "\r\n").getBytes(StandardCharsets.US_ASCII));
      byte[] all = socket.getInputStream().readAllBytes();
      assertThat(new String(all, StandardCharsets.ISO_8859_1)).startsWith("HTTP/1.1 200");
    }
    assertThat(errors()).hasSize(2);
  }
}
