package cloud.lastmile.network.net;

import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.engine.EngineKey;
import cloud.lastmile.network.write.NetworkWrite;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The SQL of networks. */
public final class NetworkStore {
  private NetworkStore() {}

  /** Holds off ports and subnets that others are about to make there. */
  public static UUID lock(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT id FROM network.network WHERE id = :id FOR UPDATE")
        .bind("id", id)
        .mapTo(UUID.class)
        .findOne()
        .orElseThrow(() -> Errors.networkNotFound(id));
  }

  /** Ports that keep a network from being deleted. */
  static List<UUID> busyPorts(Handle handle, UUID id) {
    return handle
        .createQuery(
            """
            SELECT id FROM network.port
            WHERE network_id = :id AND device_owner NOT IN ('network:distributed', 'network:dhcp')
            ORDER BY id\
            """)
        .bind("id", id)
        .mapTo(UUID.class)
        .list();
  }

  /** Whether projects other than its own have ports there. */
  static boolean usedByOthers(Handle handle, UUID id) {
    return handle
        .createQuery(
            """
            SELECT EXISTS (SELECT FROM network.port p JOIN network.network n ON n.id = p.network_id
              WHERE n.id = :id AND p.project_id NOT IN (n.project_id, '')
                AND NOT p.service)\
            """)
        .bind("id", id)
        .mapTo(Boolean.class)
        .one();
  }

  static List<UUID> subnets(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT id FROM network.subnet WHERE network_id = :id")
        .bind("id", id)
        .mapTo(UUID.class)
        .list();
  }

  /** Removes its subnets and the ports that it keeps for itself. */
  static void clear(NetworkWrite write, UUID id) {
    deleteOf(write, "port", id).forEach(port -> write.touch(EngineKey.port(port)));
    deleteOf(write, "subnet", id).forEach(subnet -> write.touch(EngineKey.subnet(subnet)));
  }

  private static List<UUID> deleteOf(NetworkWrite write, String noun, UUID network) {
    record Gone(UUID id, String projectId) {}
    List<Gone> gone =
        write
            .handle()
            .createQuery(
                "DELETE FROM network."
                    + noun
                    + " WHERE network_id = :network RETURNING id, project_id")
            .bind("network", network)
            .map((row, _) -> new Gone(row.getObject("id", UUID.class), row.getString("project_id")))
            .list();
    gone.forEach(one -> write.count(one.projectId(), noun, -1));
    return gone.stream().map(Gone::id).toList();
  }

  /** Routers with a leg or their gateway on the network. */
  public static List<UUID> routersOn(Handle handle, UUID network) {
    return handle
        .createQuery(
            """
            SELECT router_id FROM network.router_interface WHERE network_id = :network
            UNION SELECT id FROM network.router WHERE gateway_network_id = :network\
            """)
        .bind("network", network)
        .mapTo(UUID.class)
        .list();
  }
}
