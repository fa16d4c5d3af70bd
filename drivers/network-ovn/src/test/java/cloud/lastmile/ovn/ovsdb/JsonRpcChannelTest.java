package cloud.lastmile.ovn.ovsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JsonRpcChannelTest {
  private final BlockingQueue<String> notifications = new LinkedBlockingQueue<>();
  private ServerSocket listener;
  private Socket peer;
  private JsonRpcChannel channel;

  @BeforeEach
  void connect() throws Exception {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    String remote = "tcp:127.0.0.1:" + listener.getLocalPort();
    channel =
        new JsonRpcChannel(
            OvsdbRemote.parse(remote).getFirst().connect(),
            (method, params) -> notifications.add(method + params));
    peer = listener.accept();
    Thread.ofVirtual().start(channel::run);
  }

  @AfterEach
  void disconnect() throws Exception {
    channel.close();
    peer.close();
    listener.close();
  }

  @Test
  void findsMessagesWithoutFramingAndAnswersEcho() throws Exception {
    OutputStream out = peer.getOutputStream();
    String text =
        "{\"method\":\"a\",\"params\":[1],\"id\":null}{\"method\":\"b\",\"params\":[\"\u00fc\"],"
            + "\"id\":null}{\"id\":\"echo\",\"method\":\"echo\",\"params\":[7]}";
    for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
      out.write(one);
      out.flush();
    }
    assertThat(notifications.poll(10, TimeUnit.SECONDS)).isEqualTo("a[1]");
    assertThat(notifications.poll(10, TimeUnit.SECONDS)).isEqualTo("b[\"\u00fc\"]");
    assertThat(read(52)).isEqualTo("{\"id\":\"echo\",\"result\":[7],\"error\":null}");
  }

  @Test
  void requestsUnderWayFailWhenThePeerGoes() throws Exception {
    Thread.ofVirtual()
        .start(() -> {
          try {
            read(10);
            peer.close();
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
    assertThatThrownBy(() ->
            channel.request(
                "list_dbs", JsonRpcChannel.MAPPER.createArrayNode(), Duration.ofSeconds(30)))
        .isInstanceOfSatisfying(
            OvsdbException.class,
            e -> assertThat(e.reason()).isEqualTo(OvsdbException.Reason.DISCONNECTED));
  }

  /** At most {@code length} characters: what arrives in one piece. */
  private String read(int length) throws IOException {
    char[] buffer = new char[length];
    int count =
        new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.UTF_8))
            .read(buffer);
    return new String(buffer, 0, count);
  }
}
