package cloud.lastmile.platform.http;

import cloud.lastmile.platform.policy.Policy;
import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsConfig;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The API's one listener: every service under its prefix, each request on a virtual thread.
 *
 * <p>The policy may be replaced while the server runs; requests under way keep the one they started
 * with.
 */
public final class HttpServer implements AutoCloseable {
  private final WebServer server;
  private final HttpConfig config;
  private final AtomicReference<@Nullable Dispatcher> dispatcher;
  private final AtomicReference<@Nullable Policy> policy = new AtomicReference<>();

  private HttpServer(
      WebServer server, HttpConfig config, AtomicReference<@Nullable Dispatcher> dispatcher) {
    this.server = server;
    this.config = config;
    this.dispatcher = dispatcher;
  }

  /**
   * Takes the port, so that nobody else can, and answers 503 until {@link #serve}.
   *
   * @throws IllegalStateException if the port cannot be had
   */
  public static HttpServer bind(HttpConfig config) {
    AtomicReference<@Nullable Dispatcher> dispatcher = new AtomicReference<>();
    WebServerConfig.Builder builder =
        WebServer.builder()
            // An answer is more than one packet: the last would wait for the client's delayed
            // acknowledgement of the first, forty milliseconds.
            .connectionOptions(options -> options.tcpNoDelay(true))
            // Helidon's own writer of channels copies everything into packets of 8 KiB, and each
            // wakes the client: a download costs twice the processor time.
            .useNio(false)
            .host(config.address())
            .port(config.port())
            .shutdownHook(false)
            .shutdownGracePeriod(Duration.ofSeconds(2))
            .routing(
                HttpRouting.builder()
                    .any((request, response) -> handle(dispatcher.get(), request, response)));
    config.certificate().ifPresent(_ -> builder.tls(tls(config)));
    WebServer server = builder.build().start();
    if (!server.isRunning()) {
      // Helidon logs why and returns.
      throw new IllegalStateException(
          "cannot listen on " + config.address() + " port " + config.port());
    }
    return new HttpServer(server, config, dispatcher);
  }

  private static void handle(
      @Nullable Dispatcher dispatcher, ServerRequest request, ServerResponse response) {
    if (dispatcher == null) {
      response.status(Status.SERVICE_UNAVAILABLE_503);
      response.header(HeaderNames.RETRY_AFTER, "1");
      response.send("The cloud is starting.\n");
    } else {
      dispatcher.handle(request, response);
    }
  }

  /** From now on requests are answered. */
  public void serve(
      List<ServiceApi> services,
      Authenticator authenticator,
      Policy initialPolicy,
      MeterRegistry metrics) {
    policy.set(initialPolicy);
    dispatcher.set(
        new Dispatcher(
            services, authenticator, () -> Objects.requireNonNull(policy.get()), metrics));
  }

  /** {@link #bind} and {@link #serve} in one. */
  public static HttpServer start(
      HttpConfig config,
      List<ServiceApi> services,
      Authenticator authenticator,
      Policy policy,
      MeterRegistry metrics) {
    HttpServer server = bind(config);
    server.serve(services, authenticator, policy, metrics);
    return server;
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

  /** Stops listening and waits briefly for requests under way. Once is enough. */
  @Override
  public void close() {
    if (server.isRunning()) {
      server.stop();
    }
  }
}
