package cloud.lastmile.platform.http;

import cloud.lastmile.platform.policy.Policy;
import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The API's one listener: every service under its prefix, each request on a virtual thread.
 *
 * <p>The policy may be replaced while the server runs; requests under way keep the one they started
 * with.
 */
public final class HttpServer implements AutoCloseable {
  private final WebServer server;
  private final HttpConfig config;
  private final AtomicReference<Policy> policy;

  private HttpServer(WebServer server, HttpConfig config, AtomicReference<Policy> policy) {
    this.server = server;
    this.config = config;
    this.policy = policy;
  }

  /** Starts to listen. Returns when requests are answered. */
  public static HttpServer start(
      HttpConfig config,
      List<ServiceApi> services,
      Authenticator authenticator,
      Policy policy,
      MeterRegistry metrics) {
    AtomicReference<Policy> current = new AtomicReference<>(policy);
    Dispatcher dispatcher = new Dispatcher(services, authenticator, current::get, metrics);
    WebServerConfig.Builder builder =
        WebServer.builder()
            .host(config.address())
            .port(config.port())
            .shutdownHook(false)
            .shutdownGracePeriod(Duration.ofSeconds(2))
            .routing(HttpRouting.builder().any(dispatcher::handle));
    config.certificate().ifPresent(_ -> builder.tls(tls(config)));
    WebServer server = builder.build().start();
    if (!server.isRunning()) {
      // Helidon logs why and returns.
      throw new IllegalStateException(
          "cannot listen on " + config.address() + " port " + config.port());
    }
    return new HttpServer(server, config, current);
  }

  private static Tls tls(HttpConfig config) {
    Keys keys =
        Keys.builder()
            .pem(pem ->
                pem.certChain(Resource.create(config.certificate().orElseThrow()))
                    .key(Resource.create(config.privateKey().orElseThrow())))
            .build();
    return Tls.create(
        TlsConfig.builder()
            .privateKey(keys.privateKey().orElseThrow())
            .privateKeyCertChain(new ArrayList<>(keys.certChain()))
            .addEnabledProtocol("TLSv1.2")
            .addEnabledProtocol("TLSv1.3")
            .buildPrototype());
  }

  /** {@code http://127.0.0.1:8080}, with the port that was really taken. */
  public String url() {
    return new HttpConfig(
            config.address(), server.port(), config.certificate(), config.privateKey())
        .url();
  }

  public int port() {
    return server.port();
  }

  public void replacePolicy(Policy replacement) {
    policy.set(replacement);
  }

  /** Stops listening and waits briefly for requests under way. */
  @Override
  public void close() {
    server.stop();
  }
}
