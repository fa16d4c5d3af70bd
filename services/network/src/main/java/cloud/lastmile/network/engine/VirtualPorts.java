package cloud.lastmile.network.engine;

import cloud.lastmile.network.address.Cidr;
import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.backend.Topology;
import cloud.lastmile.network.backend.Topology.VirtualIp;
import cloud.lastmile.platform.core.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Ports that only reserve an address, which guests speak for by turns: a port without a guest,
 * whose fixed IP is an allowed address of other ports of its network. Nobody says that a port is
 * one; it follows from what is said of all of them, and changes when that does.
 */
public final class VirtualPorts {
  private static final Logger LOG = LoggerFactory.getLogger(VirtualPorts.class);

  /** Whether port {@code p} is no guest's and no part of the network itself. */
  static final String RESERVED =
      """
      (p.host_id = '' AND NOT p.service AND p.device_owner NOT LIKE 'compute:%')\
      """;

  private VirtualPorts() {}

  /** A port that may speak for more addresses than its own. */
  private record Parent(UUID id, UUID network, List<Cidr> allowed) {
    boolean maySpeakFor(Ip address) {
      return allowed.stream().anyMatch(prefix -> prefix.contains(address));
    }
  }

  /** Says of each of the ports whether it is virtual; only {@code reserved} ones can be. */
  static List<Topology.Port> resolve(Handle handle, List<Topology.Port> ports, Set<UUID> reserved) {
    Set<UUID> networks =
        ports.stream()
            .filter(port -> reserved.contains(port.id()) && !port.fixedIps().isEmpty())
            .map(Topology.Port::networkId)
            .collect(Collectors.toSet());
    if (networks.isEmpty()) {
      return ports;
    }
    Map<UUID, List<Parent>> parents =
        parents(handle, networks).stream().collect(Collectors.groupingBy(Parent::network));
    return ports.stream()
        .map(port ->
            reserved.contains(port.id())
                ? port.withVirtualIp(
                    virtualIp(port, parents.getOrDefault(port.networkId(), List.of())))
                : port)
        .toList();
  }

  /** The engine knows one virtual address a port: the first that anyone may speak for. */
  private static Optional<VirtualIp> virtualIp(Topology.Port port, List<Parent> parents) {
    for (Topology.FixedIp fixed : port.fixedIps()) {
      Ip address = Ip.of(fixed.address());
      List<UUID> speakers =
          parents.stream()
              .filter(parent -> !parent.id().equals(port.id()) && parent.maySpeakFor(address))
              .map(Parent::id)
              .sorted()
              .toList();
      if (!speakers.isEmpty()) {
        return Optional.of(new VirtualIp(fixed.address(), speakers));
      }
    }
    return Optional.empty();
  }

  private static List<Parent> parents(Handle handle, Set<UUID> networks) {
    return handle
        .createQuery(
            """
            SELECT p.id, p.network_id, text(p.allowed_address_pairs) AS pairs
            FROM network.port p WHERE p.network_id = ANY (:networks)
              AND p.allowed_address_pairs <> '[]' AND NOT p.service\
            """)
        .bindArray("networks", UUID.class, networks)
        .map((row, _) ->
            new Parent(
                row.getObject("id", UUID.class),
                row.getObject("network_id", UUID.class),
                allowed(row.getString("pairs"))))
        .list();
  }

  private static List<Cidr> allowed(String json) {
    List<Cidr> allowed = new ArrayList<>();
    for (JsonNode pair : Json.mapper().readTree(json)) {
      String address = pair.path("ip_address").asString("");
      Cidr.parse(address)
          .or(() -> Ip.parse(address).map(ip -> Cidr.containing(ip, ip.bits())))
          .ifPresentOrElse(
              allowed::add, () -> LOG.warn("no address to be allowed: {}", pair.toString()));
    }
    return allowed;
  }

  /**
   * Keys of the ports that may be virtual, or not be any more, when {@code port} of the network has
   * these allowed addresses or loses them.
   */
  public static List<EngineKey> besides(
      Handle handle, UUID network, UUID port, Collection<String> allowed) {
    return handle
        .createQuery(
            """
            SELECT DISTINCT p.id FROM network.port p
            JOIN network.ip_allocation own ON own.port_id = p.id
            WHERE p.network_id = :network AND p.id <> :port AND %s
              AND EXISTS (SELECT FROM unnest(CAST(:allowed AS inet[])) AS pair (prefix)
                WHERE pair.prefix >>= own.address)\
            """
                .formatted(RESERVED))
        .bind("network", network)
        .bind("port", port)
        .bind("allowed", allowed.toArray(String[]::new))
        .mapTo(UUID.class)
        .list()
        .stream()
        .map(EngineKey::port)
        .toList();
  }
}
