package cloud.lastmile.platform.http;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where the API listens, and how clients see it.
 *
 * @param address literal IP address
 * @param port 0 for any free one
 * @param certificate PEM chain; with {@code privateKey} turns TLS on
 * @param privateKey PEM, PKCS#8
 * @param publicUrl what clients reach, if it is not where we listen: {@code
 *     https://cloud.example.net}, perhaps with a path
 * @param trustedProxies addresses and ranges of proxies that say whom they speak for
 * @param cors for scripts in browsers; without it they cannot read answers
 * @param limits what clients may take
 */
public record HttpConfig(
    String address,
    int port,
    Optional<Path> certificate,
    Optional<Path> privateKey,
    Optional<URI> publicUrl,
    List<String> trustedProxies,
    Optional<CorsConfig> cors,
    HttpLimits limits) {

  public HttpConfig {
    trustedProxies = List.copyOf(trustedProxies);
    if (certificate.isPresent() != privateKey.isPresent()) {
      throw new IllegalArgumentException("http: certificate and private_key go together");
    }
    if (certificate.isEmpty() && !isLoopback(address)) {
      throw new IllegalArgumentException(
          "http: " + address + " is not a loopback address and needs certificate and private_key");
    }
    publicUrl.ifPresent(HttpConfig::check);
    for (String proxy : trustedProxies) {
      try {
        AddressRange.parse(proxy);
      } catch (IllegalArgumentException malformed) {
        throw new IllegalArgumentException(
            "http: trusted_proxies: " + malformed.getMessage(), malformed);
      }
    }
  }

  /** As clients on this machine reach it. */
  public HttpConfig(
      String address, int port, Optional<Path> certificate, Optional<Path> privateKey) {
    this(
        address,
        port,
        certificate,
        privateKey,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        HttpLimits.ofMachine());
  }

  private static void check(URI url) {
    boolean isHttp = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!isHttp
        || url.getHost() == null
        || url.getRawQuery() != null
        || url.getRawFragment() != null
        || url.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "http: public_url: '%s' is not like https://cloud.example.net".formatted(url));
    }
  }

  public static HttpConfig loopback(int port) {
    return new HttpConfig("127.0.0.1", port, Optional.empty(), Optional.empty());
  }

  /** With other limits. */
  public HttpConfig with(HttpLimits otherLimits) {
    return new HttpConfig(
        address, port, certificate, privateKey, publicUrl, trustedProxies, cors, otherLimits);
  }

  /** Behind these proxies. */
  public HttpConfig behind(Optional<URI> otherUrl, List<String> proxies) {
    return new HttpConfig(address, port, certificate, privateKey, otherUrl, proxies, cors, limits);
  }

  /** For scripts of these pages. */
  public HttpConfig with(CorsConfig otherCors) {
    return new HttpConfig(
        address,
        port,
        certificate,
        privateKey,
        publicUrl,
        trustedProxies,
        Optional.of(otherCors),
        limits);
  }

  public boolean tls() {
    return certificate.isPresent();
  }

  /**
   * {@code http://127.0.0.1:8080}, where this machine reaches it. One that listens on all addresses
   * is named by its certificate, else by the machine.
   *
   * @param takenPort the one that was really taken
   */
  String ownUrl(int takenPort) {
    String host = address;
    if (isWildcard(address)) {
      host =
          certificate
              .flatMap(file -> Certificate.load(file, privateKey.orElseThrow()).hostName())
              .orElseGet(HttpConfig::machine);
    }
    return url(host, takenPort);
  }

  /**
   * Where this machine itself reaches it, whatever name or certificate it has.
   *
   * @param takenPort the one that was really taken
   */
  public String localUrl(int takenPort) {
    boolean all = isWildcard(address);
    return url(all ? (address.contains(":") ? "::1" : "127.0.0.1") : address, takenPort);
  }

  private String url(String host, int takenPort) {
    return (tls() ? "https://" : "http://")
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + takenPort;
  }

  private static String machine() {
    try {
      return InetAddress.getLocalHost().getHostAddress();
    } catch (UnknownHostException unnamed) {
      return InetAddress.getLoopbackAddress().getHostAddress();
    }
  }

  private static boolean isWildcard(String address) {
    try {
      return InetAddress.getByName(address).isAnyLocalAddress();
    } catch (UnknownHostException unknown) {
      return false;
    }
  }

  /**
   * Whether only this machine reaches it.
   *
   * @param address an IP address or a name that is known here
   * @throws IllegalArgumentException if it is neither
   */
  public static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException unknown) {
      throw new IllegalArgumentException(address + " is not known here", unknown);
    }
  }
}
