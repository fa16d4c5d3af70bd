package cloud.lastmile.network;

import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The SQL of floating IPs. */
final class FloatingIpStore {
  private FloatingIpStore() {}

  /** Floating IPs that lead to the port lead nowhere any more: their ids. */
  static List<UUID> release(Handle handle, UUID port) {
    return handle
        .createQuery(
            """
            UPDATE network.floating_ip SET port_id = NULL, fixed_address = NULL, router_id = NULL,
              status = 'DOWN', revision = revision + 1, updated_at = now()
            WHERE port_id = :port RETURNING id\
            """)
        .bind("port", port)
        .mapTo(UUID.class)
        .list();
  }
}
