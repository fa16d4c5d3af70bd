package cloud.lastmile.image.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.platform.core.OutgoingTls;
import cloud.lastmile.testing.TestingAuthority;
import cloud.lastmile.testing.TestingTlsServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An object store must be who was asked for. */
class S3TlsTest {
  private static HttpResponse<?> get(String url, OutgoingTls tls) throws IOException {
    S3Client client =
        new S3Client(
            URI.create(url),
            "bucket",
            new S3Signer("access", "secret", "region"),
            InstantSource.system(),
            S3Client.Limits.STANDARD,
            tls);
    return client.send(
        "GET", "object", Map.of(), Map.of(), BodyPublishers.noBody(), S3Signer.UNSIGNED);
  }

  @Test
  void aCertificateOfAnotherNameIsRefused(@TempDir Path directory) throws Exception {
    TestingAuthority authority = TestingAuthority.in(directory);
    OutgoingTls tls = OutgoingTls.trusting(authority.certificate());
    try (TestingTlsServer server = TestingTlsServer.start(authority.issue("DNS:localhost"))) {
      assertThat(get(server.url("localhost"), tls).statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> get(server.url("127.0.0.1"), tls)).isInstanceOf(IOException.class);
      assertThat(server.asked()).isEqualTo(1);
    }
  }
}
