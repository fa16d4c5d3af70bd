package cloud.lastmile.platform.http;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.policy.Policy;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
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
  private final HttpConfig config;
  private final AtomicReference<@Nullable Dispatcher> dispatcher = new AtomicReference<>();
  private final AtomicReference<@Nullable Policy> policy = new AtomicReference<>();
  private final Budget budget;
  private final Listener listener;

  private HttpServer(HttpConfig config, Runnable lost) {
    this.config = config;
    this.budget = new Budget(config.limits());
    this.listener = Listener.open(config, new Exchange(), lost);
  }

  /** Answers with what has been wired by then. */
  private final class Exchange implements Listener.Exchange {
    @Override
    public void handle(Request request, Response response, Callback done) {
      Dispatcher ready = dispatcher.get();
      if (ready == null) {
        ApiException starting = ApiException.unavailable("The cloud is starting.", null);
        refuse(request, response, done, starting);
      } else {
        ready.handle(request, response, done);
      }
    }

    @Override
    public void refuse(Request request, Response response, Callback done, ApiException why) {
      Dispatcher ready = dispatcher.get();
      if (ready == null) {
        Responses.sendFault(why, request.getMethod(), response, done);
      } else {
        ready.refuse(request, response, done, why);
      }
    }
  }

  /**
   * Takes the port, so that nobody else can, and answers 503 until {@link #serve}.
   *
   * @throws IllegalStateException if the port cannot be had
   * @throws IllegalArgumentException if the certificate cannot be used, in words for who configured
   *     it
   */
  public static HttpServer bind(HttpConfig config) {
    return bind(config, () -> {});
  }

  /**
   * As {@link #bind(HttpConfig)}.
   *
   * @param lost called once, if the port is lost and cannot be had again for half a minute
   */
  public static HttpServer bind(HttpConfig config, Runnable lost) {
    return new HttpServer(config, lost);
  }

  /** From now on requests are answered. */
  public void serve(
      List<ServiceApi> services,
      Authenticator authenticator,
      Policy initialPolicy,
      MeterRegistry metrics) {
    policy.set(initialPolicy);
    Front front =
        new Front(
            config.publicUrl(),
            config.trustedProxies().stream().map(AddressRange::parse).toList(),
            listenerUrl());
    dispatcher.set(
        new Dispatcher(
            services,
            authenticator,
            () -> Objects.requireNonNull(policy.get()),
            metrics,
            front,
            new Cors(config.cors()),
            budget));
    Gauge.builder("lastmile.http.connections", this, HttpServer::connections).register(metrics);
    Gauge.builder("lastmile.http.active", this, HttpServer::requests).register(metrics);
    Gauge.builder("lastmile.http.body.bytes", budget, Budget::bytes).register(metrics);
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
  public String listenerUrl() {
    return config.ownUrl(listener.port());
  }

  /** What clients reach: as configured, else {@link #listenerUrl}. */
  public String url() {
    return config
        .publicUrl()
        .map(URI::toString)
        .map(text -> text.endsWith("/") ? text.substring(0, text.length() - 1) : text)
        .orElseGet(this::listenerUrl);
  }

  public int port() {
    return listener.port();
  }

  /** For tests: closes the server socket behind the listener's back. */
  void loseSocket() {
    listener.loseSocket();
  }

  /** How many connections are open. */
  public int connections() {
    return listener.connections().count();
  }

  /** How many requests are being answered. */
  public int requests() {
    return budget.count();
  }

  /** How many bytes bodies and answers take. */
  long bodyBytes() {
    return budget.bytes();
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
