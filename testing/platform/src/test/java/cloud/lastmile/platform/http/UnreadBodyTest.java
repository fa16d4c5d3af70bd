package cloud.lastmile.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.RawHttp;
import cloud.lastmile.testing.RawHttp.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** After a request that was refused before its body was read, the connection goes on or says no. */
class UnreadBodyTest {
  private static final String ASKED_NEXT = "GET /toy/ HTTP/1.1\r\nHost: h\r\n\r\n";

  @AutoClose
  private final ToyServer toy =
      new ToyServer(
          HttpConfig.loopback(0)
              .with(
                  HttpLimits.ofMachine()
                      .hurried(
                          Duration.ofSeconds(5),
                          Duration.ofSeconds(5),
                          new HttpLimits.Pace(1000, Duration.ofSeconds(5)),
                          new HttpLimits.Pace(1 << 16, Duration.ofSeconds(5)))));

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String refused(int length) {
    return "POST /toy/private HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n";
  }

  @Test
  void whatIsLittleIsReadAndForgotten() throws IOException {
    for (int length : new int[] {1, 1000, 70_000, 500_000}) {
      try (Socket socket = RawHttp.connect(toy.uri())) {
        socket.getOutputStream().write(ascii(refused(length)));
        socket.getOutputStream().write(ascii("x".repeat(length) + ASKED_NEXT));
        InputStream answers = socket.getInputStream();
        Answer first = RawHttp.answer(answers, false);
        assertThat(first.status()).isEqualTo(401);
        assertThat(first.header("connection")).isEmpty();
        assertThat(RawHttp.answer(answers, false).status()).as("after " + length).isEqualTo(200);
      }
    }
  }

  @Test
  void chunksToo() throws IOException {
    try (Socket socket = RawHttp.connect(toy.uri())) {
      String request =
          "POST /toy/private HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "5\r\nhello\r\n0\r\n\r\n"
              + ASKED_NEXT;
      socket.getOutputStream().write(ascii(request));
      assertThat(RawHttp.answer(socket.getInputStream(), false).status()).isEqualTo(401);
      assertThat(RawHttp.answer(socket.getInputStream(), false).status()).isEqualTo(200);
    }
  }

  /** The answer is heard in any case, and tells that nothing follows. */
  @Test
  void whatDoesNotComeEndsTheConnection() throws IOException {
    for (String head :
        new String[] {
          refused(1000), refused(1000).replace("Host: h", "Host: h\r\nExpect: 100-continue")
        }) {
      try (Socket socket = RawHttp.connect(toy.uri())) {
        socket.getOutputStream().write(ascii(head));
        Answer answer = RawHttp.answer(socket.getInputStream(), false);
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("connection")).isEqualTo("close");
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      }
    }
  }
}
