package cloud.lastmile.compute;

import cloud.lastmile.compute.metadata.Document;
import cloud.lastmile.compute.metadata.MetadataTree;
import cloud.lastmile.network.api.Networks;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.database.Database;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves guests' metadata on a unix socket to the networks' proxies. They say in headers, which
 * guests cannot set, on which network and from which address a guest asks; that address tells which
 * port it has, and that tells who it is, if the server has that port indeed.
 */
final class MetadataServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataServer.class);
  private static final HeaderName NETWORK = HeaderNames.create("X-Lastmile-Network-Id");
  private static final HeaderName ADDRESS = HeaderNames.create("X-Forwarded-For");

  private final Database database;
  private final ServerStore servers;
  private final Networks networks;
  private final Path socket;
  private final WebServer server;

  private MetadataServer(Database database, ServerStore servers, Networks networks, Path socket) {
    this.database = database;
    this.servers = servers;
    this.networks = networks;
    this.socket = socket;
    this.server =
        WebServer.builder()
            .bindAddress(UnixDomainSocketAddress.of(socket))
            .shutdownHook(false)
            .shutdownGracePeriod(Duration.ofSeconds(1))
            .routing(HttpRouting.builder().any(this::handle))
            .build()
            .start();
    if (!server.isRunning()) {
      // Helidon logs why and returns.
      throw new IllegalStateException("metadata cannot be served at " + socket);
    }
  }

  static MetadataServer start(
      Database database, ServerStore servers, Networks networks, Path socket) {
    try {
      Path directory = socket.toAbsolutePath().getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      // What a killed predecessor left.
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    MetadataServer server = new MetadataServer(database, servers, networks, socket);
    server.admitProxy();
    return server;
  }

  /** The proxy has a user of its own; the directory keeps all others away from the socket. */
  private void admitProxy() {
    try {
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
    } catch (IOException e) {
      server.stop();
      throw new UncheckedIOException(e);
    }
  }

  private void handle(ServerRequest request, ServerResponse response) {
    try {
      answer(request, response);
    } catch (RuntimeException failure) {
      LOG.error("The metadata request {} failed", request.path().rawPath(), failure);
      refuse(response, 500, "An unknown error has occurred. Please try your request again.");
    }
  }

  private void answer(ServerRequest request, ServerResponse response) {
    String method = request.prologue().method().text();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      refuse(response, 405, "Metadata can only be read.");
      return;
    }
    Optional<UUID> network = request.headers().first(NETWORK).flatMap(Ids::parseUuid);
    Optional<String> address = request.headers().first(ADDRESS);
    if (network.isEmpty() || address.isEmpty()) {
      refuse(response, 400, "The request does not say where it comes from.");
      return;
    }
    Optional<Document> document =
        find(network.get(), address.get())
            .map(ServerMetadataSource::of)
            .flatMap(guest -> MetadataTree.find(guest, request.path().path()));
    if (document.isEmpty()) {
      refuse(response, 404, "Not Found");
      return;
    }
    response.header(HeaderNames.CONTENT_TYPE, document.get().contentType());
    response.send(document.get().content());
  }

  private Optional<Server> find(UUID network, String address) {
    return networks
        .portAt(network, address)
        .flatMap(port ->
            Ids.parseUuid(port.deviceId())
                .flatMap(id -> database.read(handle -> servers.find(handle, id)))
                .filter(server -> !server.isDeleted() && server.has(port)));
  }

  private static void refuse(ServerResponse response, int status, String message) {
    response.status(Status.create(status));
    response.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=UTF-8");
    response.send(message);
  }

  @Override
  public void close() {
    server.stop();
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      LOG.warn("The socket {} could not be removed", socket, e);
    }
  }
}
