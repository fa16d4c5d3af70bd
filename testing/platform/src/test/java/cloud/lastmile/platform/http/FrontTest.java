package cloud.lastmile.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lastmile.testing.TestingHttp;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who the client is, and what it reached, behind proxies that are believed and others. */
class FrontTest {

  private static JsonNode reached(List<String> proxies, String... headers) {
    return reached(Optional.empty(), proxies, "/toy/", headers);
  }

  private static JsonNode reached(
      Optional<URI> publicUrl, List<String> proxies, String path, String... headers) {
    try (ToyServer toy = new ToyServer(HttpConfig.loopback(0).behind(publicUrl, proxies))) {
      TestingHttp http = TestingHttp.at(toy.uri());
      for (int i = 0; i < headers.length; i += 2) {
        http = http.with(headers[i], headers[i + 1]);
      }
      return http.get(path).expect(200).json();
    }
  }

  private static String client(List<String> proxies, String... headers) {
    return reached(proxies, headers).at("/client").asString();
  }

  private static String base(List<String> proxies, String... headers) {
    return reached(proxies, headers).at("/base").asString();
  }

  @Test
  void nobodyIsBelievedUnlessConfigured() {
    String[] lies = {
      "X-Forwarded-For",
      "192.0.2.1",
      "X-Forwarded-Proto",
      "https",
      "X-Forwarded-Host",
      "evil",
      "Forwarded",
      "for=192.0.2.1;host=evil;proto=https"
    };
    assertThat(client(List.of(), lies)).isEqualTo("127.0.0.1");
    assertThat(base(List.of("192.0.2.0/24"), lies)).startsWith("http://127.0.0.1:");
  }

  @Test
  void theLastAddressThatIsNoProxyIsTheClient() {
    List<String> proxies = List.of("127.0.0.0/8", "10.0.0.0/8", "2001:db8::/32");
    assertThat(client(proxies, "X-Forwarded-For", "192.0.2.1")).isEqualTo("192.0.2.1");
    // The client wrote the first itself.
    assertThat(client(proxies, "X-Forwarded-For", "198.51.100.9, 192.0.2.1, 10.1.2.3"))
        .isEqualTo("192.0.2.1");
    assertThat(client(proxies, "X-Forwarded-For", "192.0.2.1:4711")).isEqualTo("192.0.2.1");
    assertThat(client(proxies, "X-Forwarded-For", "[2001:db9::1]:4711"))
        .isEqualTo("2001:db9:0:0:0:0:0:1");
    assertThat(client(proxies, "X-Forwarded-For", "2001:db9::1, 2001:db8::7"))
        .isEqualTo("2001:db9:0:0:0:0:0:1");
    assertThat(client(proxies, "X-Forwarded-For", "unknown")).isEqualTo("127.0.0.1");
    assertThat(client(proxies, "X-Forwarded-For", "10.0.0.1")).isEqualTo("10.0.0.1");
  }

  @Test
  void theStandardHeaderCountsToo() {
    List<String> proxies = List.of("127.0.0.1");
    assertThat(client(proxies, "Forwarded", "for=198.51.100.9, for=\"[2001:db8::1]:80\""))
        .isEqualTo("2001:db8:0:0:0:0:0:1");
    assertThat(base(proxies, "Forwarded", "for=192.0.2.1;proto=https;host=\"cloud.example:444\""))
        .isEqualTo("https://cloud.example:444");
    assertThat(client(proxies, "Forwarded", "for=_hidden")).isEqualTo("127.0.0.1");
    // One of them the proxy has let through.
    assertThat(client(proxies, "Forwarded", "for=192.0.2.66", "X-Forwarded-For", "192.0.2.1"))
        .isEqualTo("127.0.0.1");
  }

  @Test
  void linksShowWhatTheClientReached() {
    List<String> proxies = List.of("127.0.0.1");
    assertThat(
            base(
                proxies,
                "X-Forwarded-Proto",
                "https",
                "X-Forwarded-Host",
                "cloud.example",
                "X-Forwarded-Port",
                "8443",
                "X-Forwarded-Prefix",
                "/os/"))
        .isEqualTo("https://cloud.example:8443/os");
    assertThat(base(proxies, "X-Forwarded-Proto", "javascript", "X-Forwarded-Host", "a/b\"<c>"))
        .startsWith("http://127.0.0.1:");
    assertThat(base(proxies, "X-Forwarded-Prefix", "//evil.example"))
        .startsWith("http://127.0.0.1:");
    assertThat(base(proxies, "X-Forwarded-Prefix", "//evil.example")).doesNotContain("evil");
  }

  @Test
  void thePublicUrlIsWhatLinksBeginWith() {
    Optional<URI> url = Optional.of(URI.create("https://cloud.example.net/openstack/"));
    for (String path : List.of("/toy/", "/openstack/toy/")) {
      JsonNode shown = reached(url, List.of(), path, "X-Forwarded-Host", "evil");
      assertThat(shown.at("/base").asString()).isEqualTo("https://cloud.example.net/openstack");
      assertThat(shown.at("/path").asString()).isEqualTo("/toy/");
    }
  }

  @Test
  void mistakesAreNamed() {
    HttpConfig config = HttpConfig.loopback(0);
    assertThatThrownBy(() -> config.behind(Optional.empty(), List.of("proxy.example")))
        .hasMessageContaining("trusted_proxies")
        .hasMessageContaining("proxy.example");
    assertThatThrownBy(() -> config.behind(Optional.empty(), List.of("10.0.0.0/33")))
        .hasMessageContaining("10.0.0.0/33");
    for (String url : List.of("cloud.example", "ftp://a", "https://a?b", "https://u@a")) {
      assertThatThrownBy(() -> config.behind(Optional.of(URI.create(url)), List.of()))
          .hasMessageContaining("public_url")
          .hasMessageContaining(url);
    }
  }
}
