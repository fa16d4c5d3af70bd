package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.AbstractNetworkConnector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server socket and what comes in by it; the only place that sets Jetty up. */
final class Listener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final Duration STOP = Duration.ofSeconds(2);
  private static final int HEAD_BYTES = 16 * 1024;
  private static final String NO_PASSWORD = "";

  /** What comes in, on a virtual thread of its own. */
  interface Exchange {
    void handle(Request request, Response response, Callback done);

    /** Says why there was nothing to handle. */
    void refuse(Request request, Response response, Callback done, ApiException why);
  }

  private final Server server;
  private final AbstractConnector connector;
  private final Connections connections;
  private final List<AutoCloseable> others;

  private Listener(
      Server server,
      AbstractConnector connector,
      Connections connections,
      List<AutoCloseable> others) {
    this.server = server;
    this.connector = connector;
    this.connections = connections;
    this.others = others;
  }

  /**
   * @param lost called if nothing can listen any more
   */
  static Listener open(HttpConfig config, Exchange exchange, Runnable lost) {
    waitOnce();
    List<AddressRange> proxies = config.trustedProxies().stream().map(AddressRange::parse).toList();
    Front front = new Front(config.publicUrl(), proxies, "");
    SslContextFactory.Server tls = config.tls() ? tls(config) : null;
    Connections connections = new Connections(config.limits(), front::isProxy);
    Server server = server(exchange);
    String failure = "cannot listen on " + config.address() + " port " + config.port();
    WireConnection.Factory http = new WireConnection.Factory(configuration(), connections);
    if (tls == null) {
      ThreadedConnector connector = new ThreadedConnector(server, connections, http);
      start(server, at(config, connector), connections, failure);
      return new Listener(server, connector, connections, List.of(connector.guard(lost)));
    }
    // Any name will do: the certificate is the same for all.
    http.getHttpConfiguration().addCustomizer(new SecureRequestCustomizer(false));
    NetworkConnector connector =
        new NetworkConnector(
            server, connections, new SslConnectionFactory(tls, http.getProtocol()), http);
    start(server, at(config, connector), connections, failure);
    CertificateWatch watch =
        new CertificateWatch(
            config.certificate().orElseThrow(),
            config.privateKey().orElseThrow(),
            renewed -> reload(tls, renewed));
    return new Listener(server, connector, connections, List.of(connector.guard(lost), watch));
  }

  /**
   * What the JDK needs for waiting on virtual threads takes file descriptors once. If that were
   * when there are none, it would be broken for good.
   */
  private static void waitOnce() {
    Thread waiter =
        Thread.ofVirtual()
            .name("http-first")
            .start(() -> {
              try (DatagramSocket nobody =
                  new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
                nobody.setSoTimeout(1);
                nobody.receive(new DatagramPacket(new byte[1], 1));
              } catch (SocketTimeoutException waited) {
                LOG.debug("The JDK can wait");
              } catch (IOException impossible) {
                LOG.warn("The JDK could not wait", impossible);
              }
            });
    try {
      waiter.join(Duration.ofSeconds(1));
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private static AbstractNetworkConnector at(
      HttpConfig config, AbstractNetworkConnector connector) {
    connector.setHost(config.address());
    connector.setPort(config.port());
    return connector;
  }

  static Listener openUnix(Path socket, HttpLimits limits, Exchange exchange) {
    Server server = server(exchange);
    Connections connections = new Connections(limits, _ -> true);
    UnixDomainServerConnector connector =
        new UnixDomainServerConnector(
            server, 1, 1, new WireConnection.Factory(configuration(), connections));
    connector.setUnixDomainPath(socket);
    connector.setIdleTimeout(0);
    start(server, connector, connections, "cannot listen on " + socket);
    return new Listener(server, connector, connections, List.of());
  }

  private static void start(
      Server server, AbstractConnector connector, Connections connections, String failure) {
    server.addConnector(connector);
    try {
      server.start();
    } catch (Exception e) {
      connections.close();
      stop(server);
      throw new IllegalStateException(failure + ": " + e.getMessage(), e);
    }
  }

  private static Server server(Exchange exchange) {
    // One acceptor, one selector and room for the rest of what is no request.
    QueuedThreadPool threads = new QueuedThreadPool(8, 2);
    threads.setName("http");
    // No thread is counted or named by itself: thousands come and go a second.
    ThreadFactory requests = Thread.ofVirtual().name("http").factory();
    threads.setVirtualThreadsExecutor(task -> requests.newThread(task).start());
    Server server = new Server(threads);
    server.setStopTimeout(STOP.toMillis());
    server.setErrorHandler(new Refusals(exchange));
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback done) {
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
    configuration.setHttpCompliance(HttpCompliance.RFC7230);
    configuration.setNotifyRemoteAsyncErrors(false);
    return configuration;
  }

  private static SslContextFactory.Server tls(HttpConfig config) {
    SslContextFactory.Server tls = new SslContextFactory.Server();
    use(
        tls,
        Certificate.load(config.certificate().orElseThrow(), config.privateKey().orElseThrow()));
    tls.setIncludeProtocols("TLSv1.2", "TLSv1.3");
    tls.setSniRequired(false);
    // A client could make us calculate for nothing again and again on one connection.
    tls.setRenegotiationAllowed(false);
    return tls;
  }

  private static void use(SslContextFactory tls, Certificate certificate) {
    tls.setKeyStore(certificate.keyStore());
    tls.setKeyStorePassword(NO_PASSWORD);
  }

  private static void reload(SslContextFactory.Server tls, Certificate renewed) {
    try {
      tls.reload(factory -> use(factory, renewed));
    } catch (Exception e) {
      throw new IllegalStateException("it cannot be used: " + e.getMessage(), e);
    }
  }

  int port() {
    return ((AbstractNetworkConnector) connector).getLocalPort();
  }

  /** For tests. */
  void loseSocket() {
    try {
      ((Closeable) connector.getTransport()).close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Connections connections() {
    return connections;
  }

  @Override
  public void close() {
    for (AutoCloseable other : others) {
      try {
        other.close();
      } catch (Exception e) {
        LOG.warn("{} did not stop", other.getClass().getSimpleName(), e);
      }
    }
    connections.close();
    stop(server);
  }

  private static void stop(Server server) {
    try {
      server.stop();
    } catch (TimeoutException stillAtWork) {
      // They were waited for, and are cut off now.
      LOG.info("Stopped while requests were under way");
    } catch (Exception e) {
      throw new IllegalStateException("the listener did not stop", e);
    }
  }
}
