package cloud.lastmile.platform.http;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.Executors;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** A server socket and what comes in by it; the only place that sets Jetty up. */
final class Listener implements AutoCloseable {
  private static final Duration STOP = Duration.ofSeconds(2);
  private static final int HEAD_BYTES = 16 * 1024;

  /** Answers a request, on a virtual thread of its own. */
  @FunctionalInterface
  interface Exchange {
    void handle(Request request, Response response, Callback done) throws Exception;
  }

  private final Server server;

  private Listener(Server server) {
    this.server = server;
  }

  static Listener open(HttpConfig config, Exchange exchange) {
    Server server = server(exchange);
    WireConnection.Factory http = new WireConnection.Factory(configuration());
    ConnectionFactory[] factories =
        config.tls()
            ? new ConnectionFactory[] {
              new SslConnectionFactory(tls(config), http.getProtocol()), http
            }
            : new ConnectionFactory[] {http};
    ServerConnector connector = new ServerConnector(server, 1, 1, factories);
    connector.setHost(config.address());
    connector.setPort(config.port());
    return start(
        server, connector, "cannot listen on " + config.address() + " port " + config.port());
  }

  static Listener openUnix(Path socket, Exchange exchange) {
    Server server = server(exchange);
    UnixDomainServerConnector connector =
        new UnixDomainServerConnector(server, 1, 1, new WireConnection.Factory(configuration()));
    connector.setUnixDomainPath(socket);
    return start(server, connector, "cannot listen on " + socket);
  }

  private static Listener start(Server server, AbstractConnector connector, String failure) {
    server.addConnector(connector);
    try {
      server.start();
    } catch (Exception e) {
      close(server);
      throw new IllegalStateException(failure + ": " + e.getMessage(), e);
    }
    return new Listener(server);
  }

  private static Server server(Exchange exchange) {
    // One acceptor, one selector and room for the rest of what is no request.
    QueuedThreadPool threads = new QueuedThreadPool(8, 2);
    threads.setName("http");
    threads.setVirtualThreadsExecutor(
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory()));
    Server server = new Server(threads);
    server.setStopTimeout(STOP.toMillis());
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback done)
              throws Exception {
            exchange.handle(request, response, done);
            return true;
          }
        });
    return server;
  }

  private static HttpConfiguration configuration() {
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setSendServerVersion(false);
    configuration.setRequestHeaderSize(HEAD_BYTES);
    configuration.setHttpCompliance(
        HttpCompliance.RFC7230.with(
            "lastmile",
            EnumSet.noneOf(HttpCompliance.Violation.class)
                .toArray(HttpCompliance.Violation[]::new)));
    return configuration;
  }

  private static SslContextFactory.Server tls(HttpConfig config) {
    SslContextFactory.Server tls = new SslContextFactory.Server();
    tls.setKeyStore(
        Certificate.load(config.certificate().orElseThrow(), config.privateKey().orElseThrow())
            .keyStore());
    tls.setKeyStorePassword("");
    tls.setIncludeProtocols("TLSv1.2", "TLSv1.3");
    return tls;
  }

  int port() {
    return ((ServerConnector) server.getConnectors()[0]).getLocalPort();
  }

  @Override
  public void close() {
    close(server);
  }

  private static void close(Server server) {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the listener did not stop", e);
    }
  }
}
