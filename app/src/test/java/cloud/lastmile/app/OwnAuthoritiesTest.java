package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.platform.core.OutgoingTls;
import cloud.lastmile.testing.TestingAuthority;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code certificate_authorities}: believed beside the JDK's, and of their names only. */
class OwnAuthoritiesTest {
  @TempDir private Path directory;

  @Test
  void areBelievedBesideTheOthers() throws Exception {
    TestingAuthority ours = TestingAuthority.in(directory.resolve("ca"));
    SSLContext before = SSLContext.getDefault();
    HttpsServer right = server(ours.issue("IP:127.0.0.1"));
    HttpsServer wrong = server(ours.issue("DNS:other.example"));
    try {
      assertThatThrownBy(() -> get(right)).isInstanceOf(SSLHandshakeException.class);
      OutgoingTls.alsoTrust(ours.certificate());
      assertThat(get(right)).isEqualTo(204);
      assertThatThrownBy(() -> get(wrong))
          .isInstanceOf(SSLHandshakeException.class)
          .hasMessageContaining("127.0.0.1");
    } finally {
      SSLContext.setDefault(before);
      right.stop(0);
      wrong.stop(0);
    }
  }

  @Test
  void mustBeCertificates() throws Exception {
    Path file = Files.writeString(directory.resolve("empty.pem"), "");
    assertThatThrownBy(() -> OutgoingTls.alsoTrust(file)).hasMessageContaining(file.toString());
    Path missing = directory.resolve("missing.pem");
    assertThatThrownBy(() -> OutgoingTls.alsoTrust(missing))
        .hasMessageContaining(missing.toString());
  }

  private static HttpsServer server(SSLContext context) throws IOException {
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static int get(HttpsServer server) throws Exception {
    URI address = URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/");
    try (HttpClient client = OutgoingTls.standard().http().build()) {
      return client
          .send(HttpRequest.newBuilder(address).build(), BodyHandlers.discarding())
          .statusCode();
    }
  }
}
