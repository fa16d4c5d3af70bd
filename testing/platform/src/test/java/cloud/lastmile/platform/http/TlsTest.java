package cloud.lastmile.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.testing.Await;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates: only with their own key, renewed while the server runs, and seen in links. */
class TlsTest {
  @TempDir Path directory;
  private Path certificate;
  private Path key;

  @BeforeEach
  void make() throws Exception {
    certificate = directory.resolve("cloud.pem");
    key = directory.resolve("cloud.key");
    write("first", "RSA", certificate, key);
  }

  private void write(String name, String algorithm, Path certificateFile, Path keyFile)
      throws Exception {
    Path store = directory.resolve(name + algorithm + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "k",
                "-keyalg",
                algorithm,
                "-dname",
                "CN=" + name,
                "-ext",
                "san=dns:" + name + ".example",
                "-storetype",
                "PKCS12",
                "-storepass",
                "secret",
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore made = KeyStore.getInstance("PKCS12");
    try (InputStream input = Files.newInputStream(store)) {
      made.load(input, "secret".toCharArray());
    }
    replace(certificateFile, pem("CERTIFICATE", made.getCertificate("k").getEncoded()));
    replace(keyFile, pem("PRIVATE KEY", made.getKey("k", "secret".toCharArray()).getEncoded()));
  }

  private static String pem(String type, byte[] content) {
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(type, Base64.getMimeEncoder().encodeToString(content));
  }

  private static void replace(Path file, String text) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, text);
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private HttpConfig config() {
    return new HttpConfig("127.0.0.1", 0, Optional.of(certificate), Optional.of(key));
  }

  @Test
  void aKeyThatDoesNotFitRefusesTheStart() throws Exception {
    for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
      write("other", algorithm, directory.resolve("other.pem"), directory.resolve("other.key"));
      HttpConfig wrong =
          new HttpConfig(
              "127.0.0.1",
              0,
              Optional.of(certificate),
              Optional.of(directory.resolve("other.key")));
      assertThatThrownBy(() -> HttpServer.bind(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("does not belong to the certificate")
          .hasMessageContaining("other.key");
    }
  }

  @Test
  void whatCannotBeReadIsNamed() throws IOException {
    refused("certificate", certificate, "nonsense");
    refused("private_key", key, "nonsense");
    refused("openssl pkcs8", key, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n");
    refused("private_key", key, pem("PRIVATE KEY", new byte[] {1, 2, 3}));
    Files.delete(key);
    assertThatThrownBy(() -> HttpServer.bind(config())).hasMessageContaining("cloud.key");
  }

  private void refused(String named, Path file, String text) throws IOException {
    String before = Files.readString(file);
    replace(file, text);
    assertThatThrownBy(() -> HttpServer.bind(config()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(named)
        .hasMessageContaining(file.getFileName().toString());
    replace(file, before);
  }

  @Test
  void linksAreHttps() throws Exception {
    try (ToyServer toy = new ToyServer(config())) {
      assertThat(toy.server.url()).startsWith("https://127.0.0.1:");
      assertThat(get(toy)).contains("\"base\":\"https://127.0.0.1:" + toy.server.port() + "\"");
    }
    HttpConfig everywhere =
        new HttpConfig("0.0.0.0", 0, Optional.of(certificate), Optional.of(key));
    try (HttpServer server = HttpServer.bind(everywhere)) {
      assertThat(server.url()).isEqualTo("https://first.example:" + server.port());
    }
  }

  @Test
  void aRenewedCertificateIsTakenUp() throws Exception {
    try (ToyServer toy = new ToyServer(config())) {
      assertThat(presented(toy)).isEqualTo("CN=first");
      write("second", "EC", certificate, key);
      Await.until("the new one is shown", () -> presented(toy).equals("CN=second"));
      // A bad one changes nothing, and does not keep the next good one out.
      replace(certificate, "nonsense");
      write("third", "RSA", directory.resolve("unused.pem"), key);
      assertThat(presented(toy)).isEqualTo("CN=second");
      write("fourth", "Ed25519", certificate, key);
      Await.until("the next one is shown", () -> presented(toy).equals("CN=fourth"));
      assertThat(get(toy)).contains("\"client\"");
    }
  }

  private static String presented(ToyServer toy) throws Exception {
    try (SSLSocket socket = connect(toy)) {
      socket.startHandshake();
      X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return shown.getSubjectX500Principal().getName();
    }
  }

  private static String get(ToyServer toy) throws Exception {
    try (SSLSocket socket = connect(toy)) {
      String sent =
          "GET /toy/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n"
              .formatted(toy.server.port());
      socket.getOutputStream().write(sent.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static SSLSocket connect(ToyServer toy) throws GeneralSecurityException, IOException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustAll()}, null);
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", toy.server.port());
    socket.setSoTimeout(60_000);
    return socket;
  }

  /** The test looks at certificates itself. */
  private static final class TrustAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
