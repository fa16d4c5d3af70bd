package cloud.lastmile.app;

import cloud.lastmile.platform.http.CorsConfig;
import cloud.lastmile.platform.http.HttpConfig;
import cloud.lastmile.platform.http.HttpLimits;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the API listens, and how clients see it.
 *
 * @param port 0: the one it had last, or 8080, or any free one
 * @param publicUrl what clients reach, if that is something in front of Lastmile
 * @param trustedProxies addresses and ranges whose word on the client counts
 * @param cors whose scripts may use the API in browsers; nobody's if left out
 * @param connections open at once, as the limit of open files allows if left out
 * @param connectionsPerAddress half of them if left out; trusted proxies are exempt
 */
public record HttpSection(
    @Nullable String address,
    int port,
    @Nullable Path certificate,
    @Nullable Path privateKey,
    @Nullable String publicUrl,
    @Nullable List<String> trustedProxies,
    @Nullable CorsSection cors,
    @Nullable Integer connections,
    @Nullable Integer connectionsPerAddress) {

  public HttpSection {
    Bounds.check("http.port", (long) port, 0, 65_535);
    checkCount("connections", connections);
    checkCount("connections_per_address", connectionsPerAddress);
  }

  /**
   * As the platform's configuration of the same name.
   *
   * @param maxAge seconds; an hour if left out
   */
  public record CorsSection(
      List<String> allowedOrigins,
      boolean allowCredentials,
      @Nullable List<String> exposedHeaders,
      @Nullable Integer maxAge) {
    private static final int HOUR = 3600;

    public CorsSection {
      if (allowedOrigins == null) {
        throw new IllegalArgumentException("http.cors: allowed_origins is missing");
      }
    }

    private CorsConfig config() {
      return new CorsConfig(
          allowedOrigins,
          allowCredentials,
          Objects.requireNonNullElse(exposedHeaders, List.of()),
          Objects.requireNonNullElse(maxAge, HOUR));
    }
  }

  static HttpSection standard() {
    return new HttpSection(null, 0, null, null, null, null, null, null, null);
  }

  private static void checkCount(String name, @Nullable Integer count) {
    if (count != null && count < 1) {
      throw new IllegalArgumentException("http: " + name + ": " + count + " is less than 1");
    }
  }

  HttpSection withPort(int chosen) {
    return new HttpSection(
        address,
        chosen,
        certificate,
        privateKey,
        publicUrl,
        trustedProxies,
        cors,
        connections,
        connectionsPerAddress);
  }

  Optional<URI> publicAddress() {
    try {
      return publicUrl == null ? Optional.empty() : Optional.of(new URI(publicUrl));
    } catch (URISyntaxException malformed) {
      throw new IllegalArgumentException("http: public_url: " + malformed.getMessage(), malformed);
    }
  }

  HttpConfig listener(int chosenPort) {
    HttpLimits usual = HttpLimits.ofMachine();
    int all = Objects.requireNonNullElse(connections, usual.connections());
    int perAddress = Objects.requireNonNullElse(connectionsPerAddress, Math.max(all / 2, 1));
    return new HttpConfig(
        Objects.requireNonNullElse(address, "127.0.0.1"),
        chosenPort,
        Optional.ofNullable(certificate),
        Optional.ofNullable(privateKey),
        publicAddress(),
        Objects.requireNonNullElse(trustedProxies, List.of()),
        Optional.ofNullable(cors).map(CorsSection::config),
        usual.connections(all, perAddress));
  }
}
