package cloud.lastmile.app;

import cloud.lastmile.platform.config.ConfigFile;
import cloud.lastmile.platform.core.OutgoingTls;
import cloud.lastmile.platform.http.HttpConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How the commands of this machine reach the API of a running cloud. With TLS they believe the very
 * certificate that it is configured with: whose authority and for which name it is made is its
 * clients' question.
 *
 * @param url as this machine reaches it
 * @param tls for it only
 */
record OwnListener(String url, OutgoingTls tls) {

  HttpClient.Builder http() {
    return tls.http();
  }

  /** Whether somebody answered who is not known to be it. */
  static boolean showedAnother(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutgoingTls.OtherCertificate) {
        return true;
      }
    }
    return false;
  }

  /**
   * @throws IOException naming the certificate that cannot be read
   */
  static OwnListener of(DataDirectory data, DataDirectory.Running running) throws IOException {
    if (!running.url().startsWith("https:")) {
      return new OwnListener(running.url(), OutgoingTls.standard());
    }
    HttpSection http = ConfigFile.load(data.configFile(), CloudConfig.class).http();
    Path certificate = http.certificate();
    if (certificate == null) {
      throw new IOException(data.configFile() + " does not name the certificate any more");
    }
    int port = URI.create(running.url()).getPort();
    HttpConfig listener = http.listener(port);
    return new OwnListener(listener.localUrl(port), OutgoingTls.showing(certificate));
  }
}
