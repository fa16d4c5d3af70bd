package cloud.lastmile.identity.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.OutgoingTls;
import cloud.lastmile.testing.TestingAuthority;
import cloud.lastmile.testing.TestingTlsServer;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The home identity service must be who was asked for before it is shown a token. */
class HomeTlsTest {
  @Test
  void aCertificateOfAnotherNameIsRefused(@TempDir Path directory) throws Exception {
    TestingAuthority authority = TestingAuthority.in(directory);
    OutgoingTls tls = OutgoingTls.trusting(authority.certificate());
    try (TestingTlsServer server = TestingTlsServer.start(authority.issue("DNS:localhost"))) {
      HomeTokens other =
          new HomeTokens(
              _ -> Optional.empty(),
              URI.create(server.url("127.0.0.1")),
              InstantSource.system(),
              tls);
      assertThatThrownBy(() -> other.authenticate("a-token")).isInstanceOf(ApiException.class);
      assertThat(server.asked()).isZero();
      HomeTokens home =
          new HomeTokens(
              _ -> Optional.empty(),
              URI.create(server.url("localhost")),
              InstantSource.system(),
              tls);
      // It says {} to all, which is no answer, but it was asked.
      assertThatThrownBy(() -> home.authenticate("a-token")).isInstanceOf(RuntimeException.class);
      assertThat(server.asked()).isEqualTo(1);
    }
  }
}
