package cloud.lastmile.compute.metadata;

import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerStore;
import cloud.lastmile.network.api.Networks;
import cloud.lastmile.platform.core.Ids;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.http.ApiResponse;
import cloud.lastmile.platform.http.UnixServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves guests' metadata on a unix socket to the networks' proxies. They say in headers, which
 * guests cannot set, on which network and from which address a guest asks; that address tells which
 * port it has, and that tells who it is, if the server has that port indeed.
 */
public final class MetadataServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataServer.class);
  private static final String NETWORK = "X-Lastmile-Network-Id";
  private static final String ADDRESS = "X-Forwarded-For";

  private final Database database;
  private final ServerStore servers;
  private final Networks networks;
  private final Path socket;
  private final UnixServer server;

  private MetadataServer(Database database, ServerStore servers, Networks networks, Path socket) {
    this.database = database;
    this.servers = servers;
    this.networks = networks;
    this.socket = socket;
    this.server = UnixServer.start(socket, this::handle);
  }

  public static MetadataServer start(
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
      server.close();
      throw new UncheckedIOException(e);
    }
  }

  private ApiResponse handle(UnixServer.Asked request) {
    try {
      return answer(request);
    } catch (RuntimeException failure) {
      LOG.error("The metadata request {} failed", request.path(), failure);
      return refusal(500, "An unknown error has occurred. Please try your request again.");
    }
  }

  private ApiResponse answer(UnixServer.Asked request) {
    String method = request.method();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return refusal(405, "Metadata can only be read.");
    }
    Optional<UUID> network = request.header(NETWORK).flatMap(Ids::parseUuid);
    Optional<String> address = request.header(ADDRESS);
    if (network.isEmpty() || address.isEmpty()) {
      return refusal(400, "The request does not say where it comes from.");
    }
    return find(network.get(), address.get())
        .map(ServerMetadataSource::of)
        .flatMap(guest -> MetadataTree.find(guest, request.path()))
        .map(found -> ApiResponse.bytes(200, found.contentType(), found.content()))
        .orElseGet(() -> refusal(404, "Not Found"));
  }

  private Optional<Server> find(UUID network, String address) {
    return networks
        .portAt(network, address)
        .flatMap(port ->
            Ids.parseUuid(port.deviceId())
                .flatMap(id -> database.read(handle -> servers.find(handle, id)))
                .filter(server -> !server.isDeleted() && server.has(port)));
  }

  private static ApiResponse refusal(int status, String message) {
    return ApiResponse.bytes(
        status, "text/plain; charset=UTF-8", message.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    server.close();
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      LOG.warn("The socket {} could not be removed", socket, e);
    }
  }
}
