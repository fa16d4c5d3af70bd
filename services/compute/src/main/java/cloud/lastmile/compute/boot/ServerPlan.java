package cloud.lastmile.compute.boot;

import cloud.lastmile.compute.flavor.ServerFlavor;
import cloud.lastmile.compute.server.Server;
import cloud.lastmile.compute.server.ServerNetwork;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A new server's draft with everything it names found: nothing is left to be refused but quotas.
 *
 * @param networks with port ids of their own for each server, see {@link #networksOfOne}
 */
record ServerPlan(
    ServerFlavor flavor,
    Server.Image image,
    List<ServerNetwork> networks,
    Optional<Server.Key> key,
    Optional<String> zone,
    Optional<String> host,
    Optional<UUID> group) {

  /** The networks of one of the servers: ports that will be made get ids now. */
  List<ServerNetwork> networksOfOne() {
    return networks.stream()
        .map(network ->
            network.owned()
                ? new ServerNetwork(
                    UUID.randomUUID(),
                    network.network(),
                    network.fixedIp(),
                    true,
                    network.tag(),
                    network.securityGroups())
                : network)
        .toList();
  }
}
