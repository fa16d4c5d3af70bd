package cloud.lastmile.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.RawHttp;
import cloud.lastmile.testing.TestingHttp;
import cloud.lastmile.testing.TestingHttp.Answer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Bodies and requests together take no more of the process than they may. */
class BudgetTest {
  private static final Duration BRIEFLY = Duration.ofMillis(50);

  private static HttpConfig config(int requests, int transfers, long bytes) {
    return HttpConfig.loopback(0)
        .with(HttpLimits.ofMachine().inFlight(requests, transfers, bytes, BRIEFLY));
  }

  @Test
  void requestsBeyondTheirNumberAreToldToComeAgain() throws IOException {
    try (ToyServer toy =
        new ToyServer(config(4, 4, 1 << 20).behind(Optional.empty(), List.of("127.0.0.1")))) {
      List<Socket> held = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        held.add(send(toy, "GET /toy/wait HTTP/1.1\r\nHost: h\r\n\r\n"));
      }
      Await.until("they wait", () -> toy.server.requests() == 2);
      // One address has half, and no more.
      Answer busy = TestingHttp.at(toy.uri()).get("/toy/").expect(503);
      assertThat(busy.header("Retry-After")).isEqualTo("1");
      assertThat(busy.json().at("/toyFault").asString()).contains("busy");
      TestingHttp.at(toy.uri()).with("X-Forwarded-For", "192.0.2.1").get("/toy/").expect(200);
      toy.release.countDown();
      Await.until("all is given back", () -> toy.server.requests() == 0);
      TestingHttp.at(toy.uri()).get("/toy/").expect(200);
      for (Socket socket : held) {
        socket.close();
      }
    }
  }

  private static Socket send(ToyServer toy, String text) throws IOException {
    Socket socket = RawHttp.connect(toy.uri());
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** By a client whose system keeps little for it: by itself it might take all there is. */
  private static Socket unread(ToyServer toy, String text) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(1 << 16);
    socket.connect(new InetSocketAddress(toy.uri().getHost(), toy.uri().getPort()));
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void bodiesBeyondTheirBytesAreToldToComeAgain() throws IOException {
    try (ToyServer toy = new ToyServer(config(64, 64, 1 << 20))) {
      String head = "POST /toy/json HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n[";
      try (Socket first = send(toy, head + " ".repeat(400_000))) {
        Await.until("the first is there", () -> toy.server.bodyBytes() >= 400_000);
        TestingHttp http = TestingHttp.at(toy.uri());
        Answer busy = http.post("/toy/json", "[\"" + "x".repeat(100_000) + "\"]").expect(503);
        assertThat(busy.json().at("/toyFault").asString()).contains("busy");
        // Small ones are not kept out.
        http.post("/toy/json", "[1, 2]").expect(200);
      }
      Await.until("all is given back", () -> toy.server.requests() == 0);
      TestingHttp.at(toy.uri()).post("/toy/json", "[\"" + "x".repeat(100_000) + "\"]").expect(200);
    }
  }

  /** What is announced and does not come costs nobody anything. */
  @Test
  void announcedBodiesTakeNothing() throws IOException {
    try (ToyServer toy = new ToyServer(config(4, 4, 1 << 20));
        Held held = new Held()) {
      String head = "POST /toy/json HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n[";
      for (int i = 0; i < 12; i++) {
        held.sockets.add(send(toy, head));
      }
      Await.until("all are there", () -> toy.server.requests() == 12);
      TestingHttp http = TestingHttp.at(toy.uri());
      http.post("/toy/json", "[\"" + "x".repeat(100_000) + "\"]").expect(200);
      http.get("/toy/").expect(200);
    }
  }

  /** Who has sent much and sends no more goes when others need the room. */
  @Test
  void stalledBodiesMakeRoom() throws IOException {
    HttpLimits limits = HttpLimits.ofMachine().inFlight(64, 64, 1 << 20, Duration.ofSeconds(20));
    try (ToyServer toy = new ToyServer(HttpConfig.loopback(0).with(limits));
        Socket first =
            send(
                toy,
                "POST /toy/json HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n["
                    + " ".repeat(400_000))) {
      Await.until("the first is there", () -> toy.server.bodyBytes() >= 400_000);
      TestingHttp.at(toy.uri()).post("/toy/json", "[\"" + "x".repeat(100_000) + "\"]").expect(200);
      Await.until("the first is gone", () -> toy.server.requests() == 0);
      assertThat(first.isConnected()).isTrue();
    }
  }

  /** Who asks and asks and takes no answer keeps no place either. */
  @Test
  void unreadAnswersTakeNoPlace() throws IOException {
    // Patient, so that none is refused and all get so far.
    HttpLimits limits = HttpLimits.ofMachine().inFlight(4, 4, 64 << 20, Duration.ofMinutes(1));
    try (ToyServer toy = new ToyServer(HttpConfig.loopback(0).with(limits));
        Held held = new Held()) {
      for (int i = 0; i < 6; i++) {
        held.sockets.add(unread(toy, "GET /toy/middle HTTP/1.1\r\nHost: h\r\n\r\n".repeat(300)));
      }
      Await.until("all are stuck", () -> toy.server.requests() == 6);
      for (int i = 0; i < 5; i++) {
        TestingHttp.at(toy.uri()).get("/toy/").expect(200);
      }
    }
  }

  /** A project that comes by many addresses has no more than by one. */
  @Test
  void aProjectHasHalfWhereverItComesFrom() throws IOException {
    try (ToyServer toy =
            new ToyServer(config(4, 4, 1 << 20).behind(Optional.empty(), List.of("127.0.0.1")));
        Held held = new Held()) {
      for (int i = 0; i < 2; i++) {
        held.sockets.add(
            send(
                toy,
                "GET /toy/wait HTTP/1.1\r\nHost: h\r\nX-Auth-Token: good\r\n"
                    + "X-Forwarded-For: 192.0.2."
                    + i
                    + "\r\n\r\n"));
      }
      Await.until("they wait", () -> toy.server.requests() == 2);
      TestingHttp other = TestingHttp.at(toy.uri()).with("X-Forwarded-For", "192.0.2.9");
      other.with("X-Auth-Token", "good").get("/toy/").expect(503);
      other.get("/toy/").expect(200);
    }
  }

  /** A host has as many addresses of its network as it likes. */
  @Test
  void aNetworkOfIpv6HasHalf() throws IOException {
    try (ToyServer toy =
            new ToyServer(config(4, 4, 1 << 20).behind(Optional.empty(), List.of("127.0.0.1")));
        Held held = new Held()) {
      for (int i = 1; i <= 2; i++) {
        String head = "GET /toy/wait HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 2001:db8::";
        held.sockets.add(send(toy, head + i + "\r\n\r\n"));
      }
      Await.until("they wait", () -> toy.server.requests() == 2);
      TestingHttp http = TestingHttp.at(toy.uri());
      http.with("X-Forwarded-For", "2001:db8::ffff:1").get("/toy/").expect(503);
      http.with("X-Forwarded-For", "2001:db8:0:1::1").get("/toy/").expect(200);
    }
  }

  private static final class Held implements AutoCloseable {
    final List<Socket> sockets = new ArrayList<>();

    @Override
    public void close() throws IOException {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void aTransferKeepsNoRequestsPlace() throws IOException {
    try (ToyServer toy = new ToyServer(config(2, 4, 1 << 20))) {
      String head = "PUT /toy/bytes HTTP/1.1\r\nHost: h\r\nContent-Length: 500\r\n\r\n[";
      try (Socket one = send(toy, head);
          Socket two = send(toy, head)) {
        Await.until("both are there", () -> toy.server.requests() == 2);
        TestingHttp.at(toy.uri()).get("/toy/").expect(200);
        TestingHttp.at(toy.uri()).send("PUT", "/toy/bytes", "more").expect(503);
      }
      Await.until("all is given back", () -> toy.server.requests() == 0);
    }
  }

  @Test
  void aTreeIsJudgedBeforeItIsMade() {
    try (ToyServer toy = new ToyServer(HttpConfig.loopback(0))) {
      TestingHttp stranger = TestingHttp.at(toy.uri());
      TestingHttp member = stranger.with("X-Auth-Token", "good");
      String many = "[" + "{},".repeat(5000) + "{}]";
      assertThat(stranger.post("/toy/json", many).expect(400).text()).contains("JSON values");
      member.post("/toy/json", many).expect(200);
      String huge = "[" + "{},".repeat(340_000) + "{}]";
      assertThat(member.post("/toy/json", huge).expect(400).text()).contains("JSON values");
    }
  }

  @Test
  void textThatCannotBeKeptIsRefusedWhereverItIs() {
    try (ToyServer toy = new ToyServer(HttpConfig.loopback(0))) {
      TestingHttp http = TestingHttp.at(toy.uri());
      for (String odd :
          List.of(
              "{\"a\": {\"b\": [\"\\ud800\"]}}",
              "{\"a\": {\"b\": [\"x\\udc00\\ud800\"]}}",
              "{\"a\\ud800\": 1}",
              "{\"a\": \"\\u0000\"}",
              "[\"\\u0000\"]")) {
        assertThat(http.post("/toy/json", odd).expect(400).text())
            .as(odd)
            .containsAnyOf("contains", "surrogate");
      }
      http.post("/toy/json", "{\"a\": \"\\ud83d\\ude00\", \"b\": \"\\\\u0000\"}").expect(200);
    }
  }

  /** Else it would be kept as infinity, which no JSON has. */
  @Test
  void numbersBeyondAllRangesAreRefused() {
    try (ToyServer toy = new ToyServer(HttpConfig.loopback(0))) {
      TestingHttp http = TestingHttp.at(toy.uri());
      for (String huge :
          List.of("1e999", "-1E+400", "0.1e1000000", "1e999999999", "1" + "0".repeat(400) + ".5")) {
        assertThat(http.post("/toy/json", "{\"a\": [" + huge + "]}").expect(400).text())
            .as(huge)
            .contains("too large");
      }
      http.post("/toy/json", "[1e308, 1e-999999999, 1" + "0".repeat(300) + "]").expect(200);
    }
  }

  private static String expecting(String first, int length) {
    return String.join(
        "\r\n", first, "Host: h", "Content-Length: " + length, "Expect: 100-continue", "", "");
  }

  @Test
  void aTokenIsAskedForBeforeTheBodyIsRead() throws IOException {
    try (ToyServer toy = new ToyServer(HttpConfig.loopback(0));
        Socket socket = send(toy, expecting("POST /toy/private HTTP/1.1", 1000000))) {
      assertThat(RawHttp.answer(socket.getInputStream(), false).status()).isEqualTo(401);
    }
  }

  @Test
  void aBodyIsAskedForWhenItIsWanted() throws IOException {
    try (ToyServer toy = new ToyServer(HttpConfig.loopback(0));
        Socket socket = send(toy, expecting("POST /toy/json HTTP/1.1", 2))) {
      assertThat(RawHttp.answer(socket.getInputStream(), false).status()).isEqualTo(100);
      socket.getOutputStream().write('{');
      socket.getOutputStream().write('}');
      assertThat(RawHttp.answer(socket.getInputStream(), false).status()).isEqualTo(200);
    }
  }

  /** Chunk extensions and trailers mean nothing here; a client may send them all the same. */
  @Test
  void chunksMayHaveExtensionsAndTrailers() throws IOException {
    try (ToyServer toy = new ToyServer(HttpConfig.loopback(0))) {
      String sent =
          String.join(
              "\r\n",
              "POST /toy/json HTTP/1.1",
              "Host: h",
              "Transfer-Encoding: chunked",
              "",
              "1;a=b;c=\"d\"",
              "[",
              "2 ; x",
              "1]",
              "0;last",
              "X-Trailer: t",
              "",
              "");
      List<RawHttp.Answer> answers = RawHttp.exchange(toy.uri(), sent + sent);
      assertThat(answers.stream().map(RawHttp.Answer::status)).containsExactly(200, 200);
    }
  }

  @Test
  void aCompressedBodyIsRefused() {
    try (ToyServer toy = new ToyServer(HttpConfig.loopback(0))) {
      TestingHttp http = TestingHttp.at(toy.uri()).with("Content-Encoding", "gzip");
      http.post("/toy/json", "{}").expect(415);
      http.send("PUT", "/toy/bytes", "{}").expect(415);
    }
  }

  @Test
  void machinesOfAllSizesHaveLimits() {
    for (long heap : new long[] {64L << 20, 400L << 20, 64L << 30}) {
      HttpLimits limits = HttpLimits.of(heap, 256);
      assertThat(limits.bodyBytes()).isLessThanOrEqualTo(Math.max(heap / 8, 8 << 20));
      assertThat(limits.connections()).isEqualTo(128);
    }
    assertThatThrownBy(() -> JsonBody.read("{".getBytes(StandardCharsets.US_ASCII), true, lease()))
        .hasMessageContaining("malformed");
  }

  private static Budget.Lease lease() {
    return new Budget(HttpLimits.ofMachine()).enter("127.0.0.1", () -> {});
  }
}
