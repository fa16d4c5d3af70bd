package cloud.lastmile.network;

import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The SQL of routers. */
final class RouterStore {
  private RouterStore() {}

  /** Routers with a leg or their gateway on the network. */
  static List<UUID> routersOn(Handle handle, UUID network) {
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
