package cloud.lastmile.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.RawHttp;
import cloud.lastmile.testing.RawHttp.Answer;
import cloud.lastmile.testing.TestingHttp;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Clients that keep the server waiting are cut off, and never keep out others. */
class SlowClientsTest {
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final String HEAD = "GET /toy/ HTTP/1.1\r\nHost: h\r\n";

  @AutoClose
  private final ToyServer toy =
      new ToyServer(
          HttpConfig.loopback(0)
              .with(
                  HttpLimits.ofMachine()
                      .hurried(
                          SOON,
                          SOON,
                          new HttpLimits.Pace(1000, SOON),
                          new HttpLimits.Pace(1 << 16, SOON))
                      .connections(20, 10)));

  private Socket connect(String sent) throws IOException {
    Socket socket = RawHttp.connect(toy.uri());
    socket.getOutputStream().write(sent.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void halfAHeadIsCutOff() throws IOException {
    for (String half : List.of("G", HEAD, HEAD + "X-Odd: a")) {
      try (Socket socket = connect(half)) {
        assertThat(RawHttp.answer(socket.getInputStream(), false).status()).isEqualTo(408);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  @Test
  void whoSaysNothingIsCutOff() throws IOException {
    try (Socket socket = connect("")) {
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  /** A letter now and then does not help. */
  @Test
  void aTrickledHeadIsCutOff() throws IOException {
    try (Socket socket = connect(HEAD)) {
      Await.until(
          "the connection is closed",
          () -> {
            try {
              socket.getOutputStream().write("X-A: b\r\n".getBytes(StandardCharsets.US_ASCII));
              return false;
            } catch (IOException closed) {
              return true;
            }
          });
    }
  }

  @Test
  void halfASecondHeadIsCutOff() throws IOException {
    try (Socket socket = connect(HEAD + "\r\n")) {
      assertThat(RawHttp.answer(socket.getInputStream(), false).status()).isEqualTo(200);
      socket.getOutputStream().write(HEAD.getBytes(StandardCharsets.US_ASCII));
      assertThat(RawHttp.answer(socket.getInputStream(), false).status()).isEqualTo(408);
    }
  }

  @Test
  void anIdleConnectionIsClosed() throws IOException {
    try (Socket socket = connect(HEAD + "\r\n")) {
      assertThat(RawHttp.answer(socket.getInputStream(), false).status()).isEqualTo(200);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aSlowBodyIsGivenUp() throws IOException {
    for (String first : List.of("POST /toy/json", "PUT /toy/bytes")) {
      for (String framing : List.of("Content-Length: 5000\r\n", "Transfer-Encoding: chunked\r\n")) {
        String head = first + " HTTP/1.1\r\nHost: h\r\n" + framing + "\r\n";
        try (Socket socket = connect(head + "5\r\n{\"a\":")) {
          Answer answer = RawHttp.answer(socket.getInputStream(), false);
          assertThat(answer.status()).as(head).isEqualTo(408);
          assertThat(answer.text()).contains("toyFault").contains("too slowly");
          assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void whoDoesNotReadIsCutOff() throws IOException {
    for (String path : List.of("/toy/big", "/toy/stream")) {
      try (Socket socket = connect("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n")) {
        Await.until("the connection is there", () -> toy.server.connections() == 1);
        Await.until("the connection is gone", () -> toy.server.connections() == 0);
        long got = readable(socket);
        assertThat(got).isLessThan(ToyServer.BIG);
      }
    }
  }

  /** Small pieces do not each have the whole time. */
  @Test
  void whoReadsTooSlowlyIsCutOff() throws IOException {
    try (Socket socket = connect("GET /toy/stream HTTP/1.1\r\nHost: h\r\n\r\n")) {
      Await.until("the connection is there", () -> toy.server.connections() == 1);
      Await.until(
          "the connection is gone",
          () -> {
            int _ = socket.getInputStream().read(new byte[100]);
            return toy.server.connections() == 0;
          });
    }
  }

  private static long readable(Socket socket) {
    long got = 0;
    try {
      InputStream input = socket.getInputStream();
      byte[] buffer = new byte[1 << 16];
      for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
        got += read;
      }
    } catch (IOException reset) {
      return got;
    }
    return got;
  }

  /** Whoever holds all connections and asks nothing keeps nobody out. */
  @Test
  void halfHeadsKeepNobodyOut() throws IOException {
    List<Socket> held = new ArrayList<>();
    try {
      for (int i = 0; i < 60; i++) {
        held.add(connect(HEAD));
      }
      for (int i = 0; i < 5; i++) {
        TestingHttp.at(toy.uri()).get("/toy/").expect(200);
      }
      assertThat(toy.server.connections()).isLessThanOrEqualTo(20);
    } finally {
      for (Socket socket : held) {
        socket.close();
      }
    }
  }

  @Test
  void tooManyAtWorkAreRefusedInWords() throws IOException {
    List<Socket> held = new ArrayList<>();
    try {
      for (int i = 0; i < 10; i++) {
        held.add(connect("GET /toy/wait HTTP/1.1\r\nHost: h\r\n\r\n"));
      }
      Await.until("all are at work", () -> toy.server.requests() == 10);
      try (Socket socket = RawHttp.connect(toy.uri())) {
        Answer answer = RawHttp.answer(socket.getInputStream(), false);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("retry-after")).isEqualTo("1");
        assertThat(answer.text()).contains("too many connections");
      }
    } finally {
      toy.release.countDown();
      for (Socket socket : held) {
        socket.close();
      }
    }
  }
}
