package cloud.lastmile.image.download;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.platform.core.ApiException;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Names whose meaning changes between the check and the connection. */
class HttpDownloadTest {
  private static final String ALLOWED = "127.0.0.2";
  private static final String FORBIDDEN = "127.0.0.1";

  private final Deque<List<String>> answers = new ArrayDeque<>();
  private final List<String> asked = new ArrayList<>();
  private final List<String> tokens = new ArrayList<>();
  private final HttpDownload download =
      new HttpDownload(
          uri -> "http".equals(uri.getScheme()),
          address -> address.getHostAddress().equals(ALLOWED),
          this::resolve,
          PacedStream.Pace.STANDARD);
  private HttpServer allowed;
  private HttpServer forbidden;
  private int port;

  private InetAddress[] resolve(String host) {
    asked.add(host);
    List<InetAddress> addresses = new ArrayList<>();
    for (String address : answers.remove()) {
      addresses.add(InetAddress.ofLiteral(address));
    }
    return addresses.toArray(InetAddress[]::new);
  }

  @BeforeEach
  void serve() throws IOException {
    allowed = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(ALLOWED), 0), 0);
    port = allowed.getAddress().getPort();
    forbidden = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(FORBIDDEN), port), 0);
    for (HttpServer server : List.of(allowed, forbidden)) {
      byte[] name = server.getAddress().getAddress().getHostAddress().getBytes(US_ASCII);
      server.createContext(
          "/",
          exchange -> {
            tokens.add(String.valueOf(exchange.getRequestHeaders().getFirst("X-Auth-Token")));
            exchange.sendResponseHeaders(200, name.length);
            exchange.getResponseBody().write(name);
            exchange.close();
          });
      server.start();
    }
    allowed.createContext(
        "/to",
        exchange -> {
          exchange.getResponseHeaders().add("Location", exchange.getRequestURI().getQuery());
          exchange.sendResponseHeaders(307, -1);
          exchange.close();
        });
  }

  @AfterEach
  void stop() {
    allowed.stop(0);
    forbidden.stop(0);
  }

  private String get(String host, String path) throws IOException {
    URI uri = URI.create("http://" + host + ":" + port + path);
    try (HttpDownload.Body body = download.open(uri, Map.of("X-Auth-Token", "secret"))) {
      return new String(body.input().readAllBytes(), US_ASCII);
    }
  }

  private void assertRefused(String path) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> get("rebound.example", path))
        .withMessageContaining("not allowed");
    assertThat(tokens).as("requests that reached a server").isEmpty();
  }

  @Test
  void aNameIsLookedUpOnceAndConnectedToAsItWasChecked() throws IOException {
    answers.addAll(List.of(List.of(ALLOWED), List.of(FORBIDDEN)));
    assertThat(get("rebound.example", "/")).isEqualTo(ALLOWED);
    assertThat(asked).containsExactly("rebound.example");
  }

  @Test
  void oneForbiddenAddressOfANameIsEnough() {
    answers.add(List.of(ALLOWED, FORBIDDEN));
    assertRefused("/");
  }

  @Test
  void whereARedirectLeadsIsLookedUpAgain() {
    answers.addAll(List.of(List.of(ALLOWED), List.of(FORBIDDEN)));
    assertRefused("/to?http://rebound.example:" + port + "/");
    assertThat(asked).hasSize(2);
  }

  @Test
  void whatTheOperatorNamesMayBeAnywhereButNotWhereItRedirects() throws IOException {
    HttpDownload trusting = download.trustingTheFirst();
    answers.add(List.of(FORBIDDEN));
    URI first = URI.create("http://operator.example:" + port + "/");
    try (HttpDownload.Body body = trusting.open(first, Map.of())) {
      assertThat(new String(body.input().readAllBytes(), US_ASCII)).isEqualTo(FORBIDDEN);
    }
    tokens.clear();
    for (String target : List.of("http://inside.example:" + port + "/", "file:///etc/passwd")) {
      answers.clear();
      answers.addAll(List.of(List.of(ALLOWED), List.of(FORBIDDEN)));
      URI redirecting = URI.create("http://operator.example:" + port + "/to?" + target);
      assertThatExceptionOfType(ApiException.class)
          .isThrownBy(() -> trusting.open(redirecting, Map.of()));
      assertThat(tokens).isEmpty();
    }
  }

  @Test
  void aTokenIsNotTakenAlong() throws IOException {
    answers.addAll(List.of(List.of(ALLOWED), List.of(ALLOWED)));
    assertThat(get("first.example", "/to?http://second.example:" + port + "/")).isEqualTo(ALLOWED);
    assertThat(tokens).containsExactly("null");
  }
}
