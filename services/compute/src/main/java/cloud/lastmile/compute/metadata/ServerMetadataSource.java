package cloud.lastmile.compute.metadata;

import cloud.lastmile.compute.host.HostStore;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerNetwork;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** What a server's guest may know of itself, from the server's row. */
public final class ServerMetadataSource {
  private static final int SEED_BYTES = 512;

  private ServerMetadataSource() {}

  public static GuestMetadata of(Server server) {
    Map<UUID, String> tags = new HashMap<>();
    for (ServerNetwork network : server.networks()) {
      network.tag().ifPresent(tag -> tags.put(network.port(), tag));
    }
    return new GuestMetadata(
        server.id(),
        server.projectId(),
        server.name(),
        server.hostname(),
        server
            .boot()
            .key()
            .map(key -> new GuestMetadata.Key(key.name(), key.type(), key.publicKey())),
        server.boot().userData(),
        server.metadata(),
        server.where().zone().orElse(HostStore.DEFAULT_ZONE),
        server.launchIndex(),
        server.reservationId(),
        server.flavor().name(),
        server.image().map(Server.Image::id),
        server.ports(),
        tags,
        seed(),
        server.boot().adminPassword());
  }

  private static String seed() {
    byte[] bytes = new byte[SEED_BYTES];
    new SecureRandom().nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }
}
