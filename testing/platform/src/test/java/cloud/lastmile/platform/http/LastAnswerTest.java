package cloud.lastmile.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.RawHttp;
import cloud.lastmile.testing.RawHttp.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An answer after which the connection ends says so: a proxy would else send somebody's next
 * request into the closing connection, and tell him that the cloud is broken.
 */
class LastAnswerTest {
  private static final String NEXT = "GET /toy/ HTTP/1.1\r\nHost: h\r\n\r\n";

  @AutoClose private final ToyServer toy = new ToyServer(HttpConfig.loopback(0));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /toy/ HTTP/1.1|Host: h",
        "GET /toy/ HTTP/1.1|Host: h|Connection: close",
        "GET /toy/ HTTP/1.1|Host: h|Connection: keep-alive",
        "GET /toy/ HTTP/1.0",
        "GET /toy/ HTTP/1.0|Connection: close",
        "GET /toy/ HTTP/1.0|Connection: keep-alive",
        "GET /toy/ HTTP/1.0|Connection: TE, Keep-Alive",
        "GET /toy/ HTTP/1.0|Connection: keep-alive, close",
        "GET /toy/nothing HTTP/1.0",
        "GET /nothing HTTP/1.0",
        "OPTIONS * HTTP/1.0",
        "PUT /toy/ HTTP/1.0",
        "POST /toy/json HTTP/1.0|Content-Length: 0",
        "POST /toy/private HTTP/1.0|Content-Length: 0",
        "GET /toy/middle HTTP/1.0",
        "GET /toy/middle HTTP/1.0|Connection: keep-alive",
        "GET /toy/ HTTP/1.1",
        "GET /toy/ HTTP/1.1|Host: h|Odd : x",
        "GET /toy/ HTTP/2.0|Host: h",
        "GET /toy/# HTTP/1.1|Host: h",
        "POST /toy/json HTTP/1.1|Host: h|Content-Length: x",
        "POST /toy/json HTTP/1.1|Host: h|Transfer-Encoding: gzip",
        "POST /toy/json HTTP/1.1|Host: h|Content-Length: 9|Expect: tea",
        "POST /toy/private HTTP/1.1|Host: h|Content-Length: 9|Expect: 100-continue",
        "POST /toy/private HTTP/1.1|Host: h|Content-Length: 0|Expect: 100-continue",
        "GET /toy/ HTTP/1.1|Host: h|Expect: 100-continue",
      })
  void saysSo(String request) throws IOException {
    try (Socket socket = RawHttp.connect(toy.uri())) {
      send(socket, request.replace("|", "\r\n") + "\r\n\r\n");
      InputStream answers = socket.getInputStream();
      Answer answer = RawHttp.answer(answers, false);
      boolean last = answer.header("connection").contains("close");
      assertThat(last ? answers.read() : next(socket))
          .as(answer.toString())
          .isEqualTo(last ? -1 : 200);
    }
  }

  private static int next(Socket socket) {
    try {
      send(socket, NEXT);
      return RawHttp.answer(socket.getInputStream(), false).status();
    } catch (IOException closed) {
      return -1;
    }
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }
}
