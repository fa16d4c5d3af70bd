package cloud.lastmile.compute.server;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * One of a server's interfaces as it was asked for.
 *
 * @param port the port's id, chosen when the request was accepted if the port is ours
 * @param network empty for a port that the user made
 * @param fixedIp the wanted address, if one was
 * @param owned whether the port was made for the server and goes with it
 * @param securityGroups ids for a port of ours; empty means the project's default
 */
public record ServerNetwork(
    UUID port,
    Optional<UUID> network,
    Optional<String> fixedIp,
    boolean owned,
    Optional<String> tag,
    List<UUID> securityGroups) {

  public ServerNetwork {
    securityGroups = List.copyOf(securityGroups);
  }
}
