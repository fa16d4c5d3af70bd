package cloud.lastmile.app;

import cloud.lastmile.platform.http.HttpConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Which port the API takes: as configured, else the one it had last, else 8080, else any. */
final class PortChoice {
  private static final int USUAL = 8080;

  private PortChoice() {}

  static int preferred(CloudConfig config, DataDirectory data) {
    return config.http().port() != 0 ? config.http().port() : data.lastPort().orElse(USUAL);
  }

  /**
   * A configured port must be had; any other is given up if it is taken. Chosen before the server
   * starts, for the catalog names it.
   */
  static HttpConfig choose(CloudConfig config, DataDirectory data) throws IOException {
    HttpConfig wanted = config.http().listener(preferred(config, data));
    if (config.http().port() != 0) {
      return wanted;
    }
    try {
      return config.http().listener(bind(wanted));
    } catch (IOException taken) {
      return config.http().listener(bind(config.http().listener(0)));
    }
  }

  private static int bind(HttpConfig wanted) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(wanted.address(), wanted.port()));
      return socket.getLocalPort();
    }
  }
}
