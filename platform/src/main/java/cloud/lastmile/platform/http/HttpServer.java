package cloud.lastmile.platform.http;

import cloud.lastmile.platform.policy.Policy;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * The API's one listener: every service under its prefix, each request on a virtual thread.
 *
 * <p>The policy may be replaced while the server runs; requests under way keep the one they started
 * with.
 */
public final class HttpServer implements AutoCloseable {
  private final Listener listener;
  private final HttpConfig config;
  private final AtomicReference<@Nullable Dispatcher> dispatcher;
  private final AtomicReference<@Nullable Policy> policy = new AtomicReference<>();

  private HttpServer(
      Listener listener, HttpConfig config, AtomicReference<@Nullable Dispatcher> dispatcher) {
    this.listener = listener;
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
    Listener listener =
        Listener.open(
            config, (request, response, done) -> handle(dispatcher.get(), request, response, done));
    return new HttpServer(listener, config, dispatcher);
  }

  private static void handle(
      @Nullable Dispatcher dispatcher, Request request, Response response, Callback done) {
    if (dispatcher == null) {
      Responses.send(
          Responses.commonFault(
              cloud.lastmile.platform.core.ApiException.unavailable(
                  "The cloud is starting.", null)),
          request.getMethod(),
          null,
          response,
          done);
    } else {
      dispatcher.handle(request, response, done);
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

  /** {@code http://127.0.0.1:8080}, with the port that was really taken. */
  public String url() {
    return new HttpConfig(
            config.address(), listener.port(), config.certificate(), config.privateKey())
        .url();
  }

  public int port() {
    return listener.port();
  }

  public void replacePolicy(Policy replacement) {
    policy.set(replacement);
  }

  /** Stops listening and waits briefly for requests under way. Once is enough. */
  @Override
  public void close() {
    listener.close();
  }
}
