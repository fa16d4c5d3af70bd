package cloud.lastmile.app;

import cloud.lastmile.platform.http.HttpConfig;
import cloud.lastmile.platform.http.HttpServer;
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
   * Takes a port and keeps it. A configured one must be had; any other is given up if it is taken.
   * Done before the services start, for the catalog names the port.
   *
   * @param lost called once, if the port is lost later and cannot be had again
   */
  static HttpServer bind(CloudConfig config, DataDirectory data, Runnable lost) {
    HttpConfig wanted = config.http().listener(preferred(config, data));
    if (config.http().port() != 0) {
      return HttpServer.bind(wanted, lost);
    }
    if (isFree(wanted)) {
      try {
        return HttpServer.bind(wanted, lost);
      } catch (IllegalStateException takenMeanwhile) {
        // Another cloud that starts at this moment was faster.
      }
    }
    return HttpServer.bind(config.http().listener(0), lost);
  }

  /** Asked first only because a web server that cannot listen says so at length. */
  private static boolean isFree(HttpConfig wanted) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(wanted.address(), wanted.port()));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
