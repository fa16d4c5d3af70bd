package cloud.lastmile.image.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.OutgoingTls;
import cloud.lastmile.testing.TestingAuthority;
import cloud.lastmile.testing.TestingTlsServer;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that an image is fetched from must be who was asked for. */
class DownloadTlsTest {
  @Test
  void aCertificateOfAnotherNameIsRefused(@TempDir Path directory) throws Exception {
    TestingAuthority authority = TestingAuthority.in(directory);
    OutgoingTls tls = OutgoingTls.trusting(authority.certificate());
    try (TestingTlsServer server = TestingTlsServer.start(authority.issue("DNS:localhost"))) {
      HttpDownload download =
          new HttpDownload(
              _ -> true, _ -> true, InetAddress::getAllByName, PacedStream.Pace.STANDARD, tls);
      download.open(URI.create(server.url("localhost")), Map.of()).close();
      assertThatThrownBy(() ->
              download.open(URI.create(server.url("127.0.0.1")), Map.of("X-Auth-Token", "ours")))
          .isInstanceOf(ApiException.class)
          .satisfies(failure ->
              assertThat(failure.getCause()).hasMessageContaining("No subject alternative names"));
      assertThat(server.asked()).isEqualTo(1);
    }
  }
}
