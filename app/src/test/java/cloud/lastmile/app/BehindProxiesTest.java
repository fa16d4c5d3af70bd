package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lastmile.testing.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The cloud behind nginx and haproxy, set up by the very files that {@code docs/front} shows. */
class BehindProxiesTest {
  private static final TestCloud CLOUD = TestCloud.shared();
  private static final String PASSWORD = "secret";

  @TempDir Path directory;

  @Test
  void nginx() throws Exception {
    int port = freePort();
    Path config = configure("nginx.conf", port);
    Process nginx =
        start(
            "nginx",
            "-c",
            config.toString(),
            "-p",
            directory + "/",
            "-g",
            "daemon off; user root;");
    try {
      check("https://localhost:" + port, "");
      check("https://localhost:" + port, "/plain");
      theLimiterCountsTheClient(client(), "https://localhost:" + port);
      nothingOfTheClientsOwnCounts("https://localhost:" + port);
      nothingOfTheClientsOwnCounts("https://localhost:" + port + "/plain");
    } finally {
      end(nginx);
    }
  }

  @Test
  void haproxy() throws Exception {
    int port = freePort();
    Path config = configure("haproxy.cfg", port);
    Process haproxy = start("haproxy", "-f", config.toString());
    try {
      check("https://localhost:" + port, "");
      nothingOfTheClientsOwnCounts("https://localhost:" + port);
    } finally {
      end(haproxy);
    }
  }

  private void check(String front, String prefix) throws Exception {
    HttpClient client = client();
    String base = front + prefix;
    Await.until(
        "it answers through the proxy",
        () -> {
          try {
            return send(client, HttpRequest.newBuilder(URI.create(base + "/identity/v3")))
                    .statusCode()
                == 200;
          } catch (IOException notYet) {
            return false;
          }
        });
    HttpResponse<String> version =
        send(client, HttpRequest.newBuilder(URI.create(base + "/identity/v3")));
    assertThat(version.body()).contains("\"" + base + "/identity/v3/\"");
    HttpResponse<String> refused =
        send(client, HttpRequest.newBuilder(URI.create(base + "/compute/v2.1/servers")));
    assertThat(refused.headers().firstValue("WWW-Authenticate").orElse(""))
        .isEqualTo("Keystone uri=\"" + base + "/identity\"");
    HttpResponse<String> made =
        send(
            client,
            HttpRequest.newBuilder(URI.create(base + "/image/v2/images"))
                .header("X-Auth-Token", CLOUD.adminToken())
                .header("X-Forwarded-Prefix", "/of-the-client")
                .POST(BodyPublishers.ofString("{\"name\": \"through a proxy\"}")));
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    String location = made.headers().firstValue("Location").orElse("");
    assertThat(location).startsWith(base + "/image/v2/images/");
    HttpResponse<String> found =
        send(
            client,
            HttpRequest.newBuilder(URI.create(location))
                .header("X-Auth-Token", CLOUD.adminToken()));
    assertThat(found.statusCode()).as(location).isEqualTo(200);
  }

  /** Many wrong passwords of one client lock out that client, not all who come by the proxy. */
  private static void theLimiterCountsTheClient(HttpClient client, String base) throws Exception {
    String body =
        """
        {"auth": {"identity": {"methods": ["password"], "password": {"user":
          {"name": "admin", "password": "wrong", "domain": {"id": "default"}}}}}}\
        """;
    for (int i = 0; i < 40; i++) {
      HttpResponse<String> refused =
          send(
              client,
              HttpRequest.newBuilder(URI.create(base + "/identity/v3/auth/tokens"))
                  .header("X-Forwarded-For", "203.0.113.7")
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofString(body)));
      assertThat(refused.statusCode()).isIn(401, 429);
    }
    assertThat(CLOUD.adminToken()).isNotEmpty();
  }

  /** A client that writes the headers of proxies itself changes no link, and stays who it is. */
  private void nothingOfTheClientsOwnCounts(String base) throws Exception {
    HttpClient other = client("127.0.0.5");
    String[] ownHeaders = {
      "Forwarded", "for=203.0.113.9;host=evil.example;proto=ftp",
      "X-Forwarded-Host", "evil.example",
      "X-Forwarded-Proto", "http",
      "X-Forwarded-Port", "4711",
      "X-Forwarded-Prefix", "/evil"
    };
    HttpResponse<String> version =
        send(other, HttpRequest.newBuilder(URI.create(base + "/identity/v3")).headers(ownHeaders));
    assertThat(version.body()).contains("\"" + base + "/identity/v3/\"");
    String name = "of-nobody-" + CLOUD.numbers().incrementAndGet();
    String login =
        """
        {"auth": {"identity": {"methods": ["password"], "password": {"user":
          {"name": "%s", "password": "wrong", "domain": {"id": "default"}}}}}}\
        """
            .formatted(name);
    HttpResponse<String> refused =
        send(
            other,
            HttpRequest.newBuilder(URI.create(base + "/identity/v3/auth/tokens"))
                .headers(ownHeaders)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(login)));
    assertThat(refused.statusCode()).isEqualTo(401);
    String events = "/identity/v3/lastmile/events?type=identity.authenticate&outcome=failure";
    Optional<JsonNode> event =
        Await.value(
            "the refusal's event",
            () ->
                CLOUD
                    .admin()
                    .get(events)
                    .expect(200)
                    .json()
                    .path("events")
                    .valueStream()
                    .filter(one -> one.toString().contains(name))
                    .findFirst(),
            Optional::isPresent);
    assertThat(event.orElseThrow().toString()).contains("\"address\":\"127.0.0.5\"");
  }

  private Path configure(String name, int port) throws Exception {
    Path pem = directory.resolve("cloud.pem");
    Path key = directory.resolve("cloud.key");
    Process openssl =
        start(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
            key.toString(),
            "-out",
            pem.toString());
    assertThat(openssl.waitFor()).isZero();
    Path both = directory.resolve("both.pem");
    Files.writeString(both, Files.readString(pem) + Files.readString(key));
    URI cloud = URI.create(CLOUD.url());
    Map<String, String> values =
        Map.of(
            "${dir}", directory.toString(),
            "${lastmile}", cloud.getHost() + ":" + cloud.getPort(),
            "${listen}", "127.0.0.1:" + port,
            "${certificate}", pem.toString(),
            "${key}", key.toString(),
            "${pem}", both.toString());
    String text = Files.readString(Path.of("..", "docs", "front", name));
    for (Map.Entry<String, String> value : values.entrySet()) {
      text = text.replace(value.getKey(), value.getValue());
    }
    return Files.writeString(directory.resolve(name), text);
  }

  private HttpClient client() throws Exception {
    return client("127.0.0.1");
  }

  private HttpClient client(String from) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, PASSWORD.toCharArray());
    try (var input = Files.newInputStream(directory.resolve("cloud.pem"))) {
      trusted.setCertificateEntry(
          "front",
          java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(input));
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), new SecureRandom());
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .localAddress(InetAddress.ofLiteral(from))
        .sslContext(context)
        .build();
  }

  private static HttpResponse<String> send(HttpClient client, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  private Process start(String... command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("output").toFile())
        .start();
  }

  /** nginx has workers, which end with their master if it is asked to end. */
  private static void end(Process process) throws InterruptedException {
    process.destroy();
    process.waitFor();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return socket.getLocalPort();
    }
  }
}
