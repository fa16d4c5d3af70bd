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

/** Whose connection goes when there are too many. */
class ConnectionsTest {
  private static final byte[] ASKED =
      "GET /toy/ HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final List<Socket> held = new ArrayList<>();

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
