package cloud.lastmile.testing;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/** An HTTPS server on loopback that answers {@code {}} to all, and counts what it was asked. */
public final class TestingTlsServer implements AutoCloseable {
  private final HttpsServer server;
  private final AtomicInteger asked = new AtomicInteger();

  private TestingTlsServer(HttpsServer server) {
    this.server = server;
  }

  public static TestingTlsServer start(SSLContext context) throws IOException {
    HttpsServer https =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(context));
    TestingTlsServer started = new TestingTlsServer(https);
    https.createContext(
        "/",
        exchange -> {
          started.asked.incrementAndGet();
          byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    https.start();
    return started;
  }

  /**
   * @param host one that means loopback
   */
  public String url(String host) {
    return "https://" + host + ":" + server.getAddress().getPort() + "/";
  }

  /** How many requests came: those whose sender believed the certificate. */
  public int asked() {
    return asked.get();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
