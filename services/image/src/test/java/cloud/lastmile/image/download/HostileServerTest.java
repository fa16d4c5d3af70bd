package cloud.lastmile.image.download;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import cloud.lastmile.image.api.UriFilter;
import cloud.lastmile.platform.core.ApiException;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that answer with anything, or slowly, or without end. */
class HostileServerTest {
  private static final int DRIP_MILLIS = 10;
  private static final PacedStream.Pace IMPATIENT =
      new PacedStream.Pace(1 << 20, Duration.ofMillis(200));

  /** What a server does with a connection. */
  @FunctionalInterface
  private interface Server {
    void serve(OutputStream output) throws IOException;
  }

  private ServerSocket socket;
  private volatile Server server = _ -> {};

  @BeforeEach
  void start() throws IOException {
    socket = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  @AfterEach
  void stop() throws IOException {
    socket.close();
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket connection = socket.accept();
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream input = connection.getInputStream();
      byte[] end = new byte[4];
      while (!new String(end, ISO_8859_1).equals("\r\n\r\n")) {
        System.arraycopy(end, 1, end, 0, 3);
        end[3] = (byte) input.read();
      }
      server.serve(connection.getOutputStream());
    } catch (IOException over) {
      return;
    }
  }

  private static void say(OutputStream output, String text) throws IOException {
    output.write(text.getBytes(ISO_8859_1));
    output.flush();
  }

  private String get(PacedStream.Pace pace) throws IOException {
    HttpDownload download = new HttpDownload(_ -> true, _ -> true, InetAddress::getAllByName, pace);
    URI uri = URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/image?secret=x");
    try (HttpDownload.Body body = download.open(uri, Map.of())) {
      return new String(body.input().readAllBytes(), ISO_8859_1);
    }
  }

  private String get(String answer) throws IOException {
    server = output -> say(output, answer);
    return get(PacedStream.Pace.STANDARD);
  }

  private void assertBreaks(PacedStream.Pace pace) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> get(pace))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ApiException.Kind.UNAVAILABLE))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n"
      })
  void whatIsNoWholeAnswerIsNone(String answer) {
    server = output -> say(output, answer);
    assertBreaks(PacedStream.Pace.STANDARD);
  }

  @Test
  void bytesAreTakenAsTheyAre() throws IOException {
    String more = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef";
    assertThat(get(more)).isEqualTo("abc");
    // Nobody unpacks what a server says is packed: an image cannot grow on its way.
    String packed =
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\u001f\u008b\b\0";
    assertThat(get(packed)).isEqualTo("\u001f\u008b\b\0");
    String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n";
    String chunks = "2;x=y\r\nab\r\n1\r\nc\r\n0\r\nTrailer: x\r\n\r\n";
    assertThat(get(head + chunks)).isEqualTo("abc");
  }

  @Test
  void headersAndChunkLinesEnd() {
    server =
        output -> {
          say(output, "HTTP/1.1 200 OK\r\n");
          while (true) {
            say(output, "X-More: and more\r\n");
          }
        };
    assertBreaks(PacedStream.Pace.STANDARD);
    server =
        output -> {
          say(output, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;");
          while (true) {
            say(output, "endless");
          }
        };
    assertBreaks(PacedStream.Pace.STANDARD);
  }

  /** A byte now and then, so that no single read waits for long. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 200 OK\r\nX-Slow: ",
        "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n"
      })
  void aServerThatIsTooSlowIsLeft(String start) {
    server =
        output -> {
          say(output, start);
          while (true) {
            say(output, "x");
            pause();
          }
        };
    assertBreaks(IMPATIENT);
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(DRIP_MILLIS);
    } catch (InterruptedException stopped) {
      throw new IOException(stopped);
    }
  }

  @Test
  void portsThatThereAreNotAreRefused() {
    HttpDownload download = new HttpDownload(_ -> true, _ -> true);
    for (String uri : List.of("http://127.0.0.1:65536/", "file:///etc/passwd", "gopher://a/")) {
      assertThatExceptionOfType(ApiException.class)
          .isThrownBy(() -> download.open(URI.create(uri), Map.of()))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ApiException.Kind.BAD_REQUEST));
    }
  }

  @Test
  void aCertificateThatNobodyVouchesForIsRefused(@TempDir Path directory) throws Exception {
    Path store = directory.resolve("keys");
    String[] command =
        ("keytool -genkeypair -keyalg EC -alias x -dname CN=127.0.0.1 -ext san=ip:127.0.0.1"
                + " -storetype PKCS12 -storepass secret -keystore "
                + store)
            .split(" ", -1);
    command[0] = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    assertThat(new ProcessBuilder(command).start().waitFor()).as(Arrays.toString(command)).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream input = Files.newInputStream(store)) {
      keys.load(input, "secret".toCharArray());
    }
    KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(keys, "secret".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    HttpsServer https =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(context));
    https.start();
    try {
      URI uri = URI.create("https://127.0.0.1:" + https.getAddress().getPort() + "/");
      assertThatExceptionOfType(ApiException.class)
          .isThrownBy(() -> new HttpDownload(_ -> true, _ -> true).open(uri, Map.of()))
          .satisfies(e -> assertThat(e.getCause()).hasMessageContaining("PKIX"));
    } finally {
      https.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.1/",
        "http://0x7f.0.0.1/",
        "http://10.0.0.010/",
        "http://user:password@example.org/",
        "http://example.org:22/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "http:///x",
        "http:example.org",
        "http://forbidden.example/",
        "http://FORBIDDEN.example./",
        "http://203.0.113.5/",
        "http://[::ffff:203.0.113.5]/",
        "http://[::ffff:cb00:7105]/",
        "http://[2001:DB8:0::5]/",
        "http://[2001:db8::0.0.0.5]/"
      })
  void whatTheFilterRefuses(String uri) {
    UriFilter filter =
        new UriFilter(
            List.of(),
            List.of(),
            List.of(),
            List.of("forbidden.example", "203.0.113.5", "[2001:db8::5]"),
            List.of(80, 443),
            List.of());
    assertThat(filter.allows(URI.create(uri))).isFalse();
    assertThat(filter.allows(URI.create("http://203.0.113.6/"))).isTrue();
    assertThat(filter.allows(URI.create("https://[2001:db8::6]/"))).isTrue();
    UriFilter ports =
        new UriFilter(List.of(), List.of(), List.of(), List.of(), List.of(), List.of(80));
    assertThat(ports.allows(URI.create("http://example.org/"))).isFalse();
    assertThat(ports.allows(URI.create("https://example.org/"))).isTrue();
  }
}
