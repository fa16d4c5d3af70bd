package cloud.lastmile.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.platform.config.ConfigFile;
import cloud.lastmile.platform.http.HttpServer;
import cloud.lastmile.testing.TestingAuthority;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands of the machine believe its own cloud, whatever its certificate is made out to. */
class OwnListenerTest {
  @TempDir private Path directory;
  private DataDirectory data;

  @BeforeEach
  void prepare() throws Exception {
    data = DataDirectory.at(directory.resolve("data"));
    data.create();
  }

  /** With a certificate of a new authority for the same name. */
  private Path configure(String authority, String address) throws Exception {
    Path issued = directory.resolve(authority);
    TestingAuthority.in(issued).issue("DNS:cloud.example");
    Files.writeString(
        data.configFile(),
        """
        http:
          address: "%s"
          certificate: %s
          private_key: %s
        """
            .formatted(address, issued.resolve("server.pem"), issued.resolve("server.key")));
    return issued.resolve("server.pem");
  }

  private CloudConfig config() {
    return ConfigFile.load(data.configFile(), CloudConfig.class);
  }

  private int asked(String url) throws Exception {
    OwnListener own = OwnListener.of(data, new DataDirectory.Running(1, url));
    try (HttpClient client = own.http().build()) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(own.url() + "/identity/v3")).build();
      return client.send(request, BodyHandlers.discarding()).statusCode();
    }
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1", "0.0.0.0", "localhost"})
  void isBelievedByItsCertificate(String address) throws Exception {
    configure("ours", address);
    try (HttpServer server = HttpServer.bind(config().http().listener(0))) {
      assertThat(asked(server.listenerUrl())).isEqualTo(503);
    }
  }

  @Test
  void nobodyElseIsBelieved() throws Exception {
    configure("ours", "127.0.0.1");
    try (HttpServer server = HttpServer.bind(config().http().listener(0))) {
      Path other = configure("other", "127.0.0.1");
      assertThatThrownBy(() -> asked(server.listenerUrl()))
          .isInstanceOf(IOException.class)
          .matches(OwnListener::showedAnother);
      Files.delete(other);
      assertThatThrownBy(() -> asked(server.listenerUrl())).hasMessageContaining("server.pem");
    }
  }
}
