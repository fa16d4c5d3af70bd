package cloud.lastmile.identity.federation.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Providers that answer too much, too late, or from elsewhere. */
final class OidcHttpTest {
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicInteger reached = new AtomicInteger();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
    threads.close();
  }

  private URI at(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      switch (exchange.getRequestURI().getPath()) {
        case "/redirect" -> {
          exchange.getResponseHeaders().add("Location", at("/reached").toString());
          exchange.sendResponseHeaders(302, -1);
        }
        case "/reached" -> {
          reached.incrementAndGet();
          send(exchange, 200, "{}");
        }
        case "/large" -> send(exchange, 200, "\"" + "x".repeat(1 << 20) + "\"");
        case "/nearly" -> send(exchange, 200, "\"" + "x".repeat((1 << 20) - 2) + "\"");
        case "/silent" -> await();
        case "/drip" -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush();
          await();
        }
        case "/text" -> send(exchange, 200, "hello");
        case "/broken" -> send(exchange, 500, "{}");
        default -> send(exchange, 404, "{\"error\": \"no\"}");
      }
    }
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream body = exchange.getResponseBody()) {
      body.write(bytes);
    }
  }

  private void await() {
    try {
      end.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void anAnswerIsTakenWhateverItsStatusBelow500() throws OidcFailure {
    OidcHttp.Answer answer = new OidcHttp().get(at("/missing"));
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.body().path("error").asString()).isEqualTo("no");
    assertThat(new OidcHttp().get(at("/nearly")).status()).isEqualTo(200);
  }

  @Test
  void redirectionsAreNotFollowed() {
    assertThatThrownBy(() -> new OidcHttp().get(at("/redirect"), "our-token"))
        .isInstanceOf(OidcFailure.class);
    assertThat(reached).hasValue(0);
  }

  @Test
  void tooLongAnAnswerIsNone() {
    assertThatThrownBy(() -> new OidcHttp().get(at("/large"))).isInstanceOf(OidcFailure.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/silent", "/drip"})
  void noAnswerIsWaitedForWithoutEnd(String path) {
    OidcHttp impatient = new OidcHttp(Duration.ofMillis(200));
    assertThatThrownBy(() -> impatient.get(at(path)))
        .isInstanceOfSatisfying(
            OidcFailure.class, failure -> assertThat(failure.isUnreachable()).isTrue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/text", "/broken"})
  void whatIsNoJsonOrAFailureIsNoAnswer(String path) {
    assertThatThrownBy(() -> new OidcHttp().get(at(path))).isInstanceOf(OidcFailure.class);
  }

  private static OidcSettings settings(String issuer, List<String> hosts) {
    return new OidcSettings(issuer, null, "us", null, null, null, hosts, false, false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://sso.example.org",
        "http://10.0.0.1/realm",
        "http://169.254.169.254",
        "ftp://x",
        "https://me@sso.example.org",
        "file:///etc/passwd",
        "no url"
      })
  void onlyHttpsIsAskedAndHttpOnlyOnThisMachine(String url) {
    assertThatThrownBy(() -> settings(url, List.of())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> settings("https://sso.example.org", List.of()).endpoint(url))
        .isInstanceOf(OidcFailure.class);
  }

  @Test
  void endpointsAreAtTheIssuersHostOrWhereTheOperatorSays() throws OidcFailure {
    OidcSettings strict = settings("https://sso.example.org", List.of());
    assertThat(strict.endpoint("https://sso.example.org/token")).hasHost("sso.example.org");
    for (String elsewhere :
        List.of("https://10.0.0.1/token", "https://keys.example.org/", "http://127.0.0.1/")) {
      assertThatThrownBy(() -> strict.endpoint(elsewhere)).isInstanceOf(OidcFailure.class);
    }
    OidcSettings open = settings("https://sso.example.org", List.of("keys.example.org"));
    assertThat(open.endpoint("https://keys.example.org/jwks")).hasPath("/jwks");
  }
}
