package cloud.lastmile.ovn.metadata;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;

/** The configuration of haproxy. */
final class ProxyConfig {
  private ProxyConfig() {}

  /**
   * Paths stand in quotes, in which haproxy reads all but a quote as it is: a data directory may
   * have spaces, and has no quotes.
   *
   * @param controlSocket by which it is watched
   * @param directory all that it sees of the disk once it runs; holds {@code metadata.sock}
   */
  static String of(Path controlSocket, Path directory, Collection<Endpoint> endpoints) {
    StringBuilder text =
        new StringBuilder(
            """
            # Written by Lastmile; changes are lost.
            global
              chroot '%s'
              user haproxy
              group haproxy
              nbthread 1
              maxconn 1000
              hard-stop-after 10s
              stats socket '%s' mode 600 level operator
              stats timeout 1d
            defaults
              mode http
              option http-server-close
              timeout connect 5s
              timeout http-request 10s
              timeout client 30s
              timeout server 60s
            backend lastmile
              server lastmile unix@/metadata.sock
            """
                .formatted(directory, controlSocket));
    endpoints.stream()
        .sorted(Comparator.comparing(Endpoint::network))
        .forEach(endpoint -> text.append(frontend(endpoint)));
    return text.toString();
  }

  /** {@code set-header} replaces what the guest sent under these names, however often. */
  private static String frontend(Endpoint endpoint) {
    return """
    frontend %s
      bind 169.254.169.254:80 interface %s
      http-request set-header X-Lastmile-Network-Id %s
      http-request set-header X-Forwarded-For %%[src]
      default_backend lastmile
    """
        .formatted(endpoint.network(), endpoint.innerDevice(), endpoint.network());
  }
}
