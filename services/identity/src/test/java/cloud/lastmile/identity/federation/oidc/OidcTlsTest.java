package cloud.lastmile.identity.federation.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.platform.core.OutgoingTls;
import cloud.lastmile.testing.TestingAuthority;
import cloud.lastmile.testing.TestingTlsServer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An OpenID provider must be who was asked for: discovery, keys and introspection. */
class OidcTlsTest {
  @Test
  void aCertificateOfAnotherNameIsRefused(@TempDir Path directory) throws Exception {
    TestingAuthority authority = TestingAuthority.in(directory);
    OutgoingTls tls = OutgoingTls.trusting(authority.certificate());
    try (TestingTlsServer server = TestingTlsServer.start(authority.issue("DNS:localhost"))) {
      OidcHttp http = new OidcHttp(Duration.ofSeconds(10), tls);
      assertThat(http.get(URI.create(server.url("localhost"))).status()).isEqualTo(200);
      assertThatThrownBy(() -> http.get(URI.create(server.url("127.0.0.1")), "our-token"))
          .isInstanceOf(OidcFailure.class)
          .hasMessageContaining("No subject alternative names");
      assertThat(server.asked()).isEqualTo(1);
    }
  }
}
