package cloud.lastmile.platform.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the API listens.
 *
 * @param address literal IP address
 * @param port 0 for any free one
 * @param certificate PEM chain; with {@code privateKey} turns TLS on
 * @param privateKey PEM, PKCS#8
 */
public record HttpConfig(
    String address, int port, Optional<Path> certificate, Optional<Path> privateKey) {

  public HttpConfig {
    if (certificate.isPresent() != privateKey.isPresent()) {
      throw new IllegalArgumentException("http: certificate and private_key go together");
    }
    if (certificate.isEmpty() && !isLoopback(address)) {
      throw new IllegalArgumentException(
          "http: " + address + " is not a loopback address and needs certificate and private_key");
    }
  }

  public static HttpConfig loopback(int port) {
    return new HttpConfig("127.0.0.1", port, Optional.empty(), Optional.empty());
  }

  public boolean tls() {
    return certificate.isPresent();
  }

  /** {@code http://127.0.0.1:8080}; meaningless while the port is 0. */
  public String url() {
    String host = address.contains(":") ? "[" + address + "]" : address;
    return (tls() ? "https://" : "http://") + host + ":" + port;
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
