package cloud.lastmile.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import cloud.lastmile.testing.RawHttp;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose connection goes when there are too many. */
class ConnectionsTest {
  private static final byte[] ASKED = ascii("GET /toy/ HTTP/1.1\r\nHost: h\r\n\r\n");

  private final List<Socket> held = new ArrayList<>();

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @AfterEach
  void closeAll() throws IOException {
    for (Socket socket : held) {
      socket.close();
    }
  }

  private static HttpConfig config(int all, int perAddress) {
    return HttpConfig.loopback(0).with(HttpLimits.ofMachine().connections(all, perAddress));
  }

  private Socket connect(ToyServer toy, String from) throws IOException {
    Socket socket = new Socket();
    held.add(socket);
    socket.setSoTimeout(60_000);
    socket.bind(new InetSocketAddress(from, 0));
    socket.connect(new InetSocketAddress(toy.uri().getHost(), toy.uri().getPort()));
    return socket;
  }

  private List<Socket> connect(ToyServer toy, String from, int count) throws IOException {
    List<Socket> sockets = new ArrayList<>();
    int before = toy.server.connections();
    for (int i = 0; i < count; i++) {
      sockets.add(connect(toy, from));
    }
    Await.until("they are there", () -> toy.server.connections() == before + count);
    return sockets;
  }

  private static boolean answers(Socket socket) {
    try {
      socket.getOutputStream().write(ASKED);
      return RawHttp.answer(socket.getInputStream(), false).status() == 200;
    } catch (IOException cut) {
      return false;
    }
  }

  /** Though those who have few have waited longer. */
  @Test
  void whoHasMostLosesOne() throws IOException {
    try (ToyServer toy = new ToyServer(config(20, 20))) {
      List<Socket> few = connect(toy, "127.0.0.2", 5);
      List<Socket> many = connect(toy, "127.0.0.3", 15);
      for (int i = 0; i < 5; i++) {
        assertThat(answers(connect(toy, "127.0.0.4"))).isTrue();
      }
      assertThat(toy.server.connections()).isLessThanOrEqualTo(20);
      assertThat(few).allMatch(ConnectionsTest::answers);
      assertThat(many.stream().filter(ConnectionsTest::answers)).hasSize(10);
    }
  }

  /** Each has a request under way, for which it sends no body or takes no answer. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /toy/json HTTP/1.1|Host: h|Content-Length: 500||[",
        "PUT /toy/bytes HTTP/1.1|Host: h|Transfer-Encoding: chunked||",
        "GET /toy/stream HTTP/1.1|Host: h||",
      })
  void slowRequestsKeepNobodyOut(String request) throws IOException {
    try (ToyServer toy = new ToyServer(config(20, 10))) {
      for (String from : List.of("127.0.0.2", "127.0.0.3")) {
        for (Socket socket : connect(toy, from, 10)) {
          socket.getOutputStream().write(ascii(request.replace("|", "\r\n")));
        }
      }
      Await.until("all are at work", () -> toy.server.requests() == 20);
      Await.until("another is answered", () -> answers(connect(toy, "127.0.0.4")));
      assertThat(toy.server.requests()).isGreaterThanOrEqualTo(15);
    }
  }

  /** Those that work for their clients stay. */
  @Test
  void requestsAtWorkStay() throws IOException {
    try (ToyServer toy = new ToyServer(config(20, 20))) {
      List<Socket> working = connect(toy, "127.0.0.2", 20);
      for (Socket socket : working) {
        socket.getOutputStream().write(ascii("GET /toy/wait HTTP/1.1\r\nHost: h\r\n\r\n"));
      }
      Await.until("all are at work", () -> toy.server.requests() == 20);
      Socket refused = connect(toy, "127.0.0.4");
      assertThat(RawHttp.answer(refused.getInputStream(), false).text())
          .contains("too many connections");
      toy.release.countDown();
      for (Socket socket : working) {
        assertThat(RawHttp.answer(socket.getInputStream(), false).status()).isEqualTo(200);
      }
    }
  }

  /** Else its client would take the cloud for dead. */
  @Test
  void whoGoesUnansweredIsToldWhy() throws IOException {
    try (ToyServer toy = new ToyServer(config(5, 5))) {
      List<Socket> first = connect(toy, "127.0.0.2", 5);
      assertThat(answers(connect(toy, "127.0.0.3"))).isTrue();
      RawHttp.Answer told = RawHttp.answer(first.getFirst().getInputStream(), false);
      assertThat(told.status()).isEqualTo(503);
      assertThat(told.header("connection")).isEqualTo("close");
      assertThat(first.getFirst().getInputStream().read()).isEqualTo(-1);
    }
  }

  /** Many clients stand behind it. */
  @Test
  void aProxyIsNoOne() throws IOException {
    try (ToyServer toy =
        new ToyServer(config(20, 10).behind(Optional.empty(), List.of("127.0.0.2")))) {
      List<Socket> proxy = connect(toy, "127.0.0.2", 15);
      List<Socket> client = connect(toy, "127.0.0.3", 5);
      for (int i = 0; i < 3; i++) {
        assertThat(answers(connect(toy, "127.0.0.4"))).isTrue();
      }
      assertThat(proxy).allMatch(ConnectionsTest::answers);
      assertThat(client.stream().filter(ConnectionsTest::answers)).hasSize(2);
    }
  }

  @Test
  void anIpv6ClientIsItsNetwork() {
    try (Connections connections = new Connections(HttpLimits.ofMachine(), "2001:db8::7"::equals)) {
      String client = connections.client("2001:db8::1");
      assertThat(connections.client("2001:db8::ffff:0:0:2")).isEqualTo(client);
      assertThat(connections.client("2001:db8:0:1::1")).isNotEqualTo(client);
      assertThat(connections.client("2001:db8::7")).as("a proxy").isEmpty();
      assertThat(connections.client("::ffff:192.0.2.1")).isEqualTo("192.0.2.1");
      assertThat(connections.client("192.0.2.2")).isEqualTo("192.0.2.2");
    }
  }
}
